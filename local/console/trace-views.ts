import type { Trace, TraceSummary, Span as SpanView } from "../page/traces.ts";
import type { AttributeValue, Span } from "../traces/span.ts";
import type { TraceStore } from "../traces/trace-store.ts";

/** Converts milliseconds since 1970 to those of the run's clock. */
export type ToRunTime = (time: number) => number;

/** The latest traces, newest first. */
export function traceSummaries(store: TraceStore, toRunTime: ToRunTime): TraceSummary[] {
  return store.ids.flatMap((id) => {
    const spans = store.spans(id);
    const known = new Set(spans.map(({ spanId }) => spanId));
    const root =
      spans.find(({ parentSpanId }) => parentSpanId === undefined || !known.has(parentSpanId)) ??
      spans[0];
    if (root === undefined) return [];
    const end = Math.max(
      ...spans.map(({ startedAt, durationMilliseconds }) => startedAt + durationMilliseconds),
    );
    const start = Math.min(...spans.map(({ startedAt }) => startedAt));
    return [
      {
        id,
        name: root.name,
        service: root.service,
        startedAt: toRunTime(start),
        durationMilliseconds: end - start,
        spans: spans.length,
        failed: spans.some(({ status }) => status === "error"),
      },
    ];
  });
}

/** Undefined where no span of it is known. */
export function traceView(store: TraceStore, id: string, toRunTime: ToRunTime): Trace | undefined {
  const spans = store.spans(id);
  const [first] = spans;
  if (first === undefined) return undefined;
  // Within a trace time is the machine's: calls take the time that they take, whatever the speed of the models.
  const offset = toRunTime(first.startedAt) - first.startedAt;
  return { id, spans: spans.map((span) => spanView(span, offset)) };
}

function spanView(span: Span, offset: number): SpanView {
  return {
    id: span.spanId,
    parent: span.parentSpanId,
    name: span.name,
    service: span.service,
    kind: span.kind.toUpperCase() as Uppercase<Span["kind"]>,
    startedAt: span.startedAt + offset,
    durationMilliseconds: span.durationMilliseconds,
    status: span.status.toUpperCase() as Uppercase<Span["status"]>,
    statusMessage: span.statusMessage === "" ? undefined : span.statusMessage,
    attributes: Object.fromEntries(
      Object.entries(span.attributes).map(([name, value]) => [name, single(value)]),
    ),
  };
}

function single(value: AttributeValue): string | number | boolean {
  return typeof value === "object" ? value.map(single).join(", ") : value;
}
