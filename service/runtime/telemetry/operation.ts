import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Histogram,
  type Span,
  type TextMapPropagator,
  type Tracer,
  defaultTextMapGetter,
} from "@opentelemetry/api";
import type { Call, CallEnd, Instrument } from "../calls.ts";
import type { AdoptingIdGenerator } from "./trace-ids.ts";
import {
  errorAttributes,
  metricAttributes,
  spanAttributes,
  spanName,
} from "./semantic-conventions.ts";
import { boundedCarrier, xrayRootId } from "./trace-context.ts";

/** Where spans come from. */
export interface Tracing {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  /** Gives spans without a parent the trace id that the load balancer has given the request. Undefined: they get one of their own. */
  readonly ids: AdoptingIdGenerator | undefined;
}

/** Opens a span for every call, and makes it current while the call is worked on. */
export function createSpanInstrument(
  { tracer, propagator, ids }: Tracing,
  started: (call: Call, span: Span) => void,
): Instrument {
  return (call) => {
    const carrier = boundedCarrier(call.carrier);
    const parent = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
    const open = (): Span =>
      tracer.startSpan(
        spanName(call),
        { kind: SpanKind.SERVER, attributes: spanAttributes(call) },
        parent,
      );
    const span = ids === undefined ? open() : ids.adopt(xrayRootId(carrier), open);
    started(call, span);
    const current = trace.setSpan(parent, span);
    return {
      run: (work) => context.with(current, work),
      end: (end) => {
        finish(span, end);
      },
    };
  };
}

function finish(span: Span, end: CallEnd): void {
  const error = errorAttributes(end);
  span.setAttributes(error);
  // A client that leaves is no failure of the server.
  if ("error.type" in error && end.outcome !== "cancelled")
    span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** Records how long every call took, in seconds. */
export function createDurationInstrument(histogram: Histogram): Instrument {
  return (call) => ({
    end: (end) => {
      histogram.record(end.durationMilliseconds / 1000, {
        ...metricAttributes(call),
        ...errorAttributes(end),
      });
    },
  });
}
