import type { Span } from "./span.ts";

/** How many traces are kept; the oldest goes first. */
const MOST_TRACES = 500;
/** A trace that grows without end, such as that of a stream, keeps its first spans. */
const MOST_SPANS = 1000;

/** The traces that replicas have sent, the latest ones. */
export class TraceStore {
  readonly #traces = new Map<string, Span[]>();

  add(spans: readonly Span[]): void {
    for (const span of spans) {
      const kept = this.#traces.get(span.traceId) ?? [];
      if (kept.length < MOST_SPANS) kept.push(span);
      this.#traces.set(span.traceId, kept);
      if (this.#traces.size <= MOST_TRACES) continue;
      const [oldest] = this.#traces.keys();
      if (oldest !== undefined) this.#traces.delete(oldest);
    }
  }

  /** Latest first. */
  get ids(): readonly string[] {
    return [...this.#traces.keys()].reverse();
  }

  /** The spans of a trace in the order in which they began; none where it is not known. */
  spans(traceId: string): readonly Span[] {
    return [...(this.#traces.get(traceId) ?? [])].sort(
      (left, right) => left.startedAt - right.startedAt,
    );
  }
}
