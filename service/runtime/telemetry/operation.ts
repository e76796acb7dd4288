import { performance } from "node:perf_hooks";
import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Histogram,
  type Span,
  type SpanOptions,
  type TextMapPropagator,
  type Tracer,
  defaultTextMapGetter,
  defaultTextMapSetter,
} from "@opentelemetry/api";
import type { ActiveCall, Call, CallEnd, Instrument } from "../calls.ts";
import type { AdoptingIdGenerator } from "./trace-ids.ts";
import { withDecision } from "./samplers.ts";
import {
  errorAttributes,
  metricAttributes,
  spanAttributes,
  spanName,
  toolErrorAttributes,
  toolSpanAttributes,
  toolSpanName,
} from "./semantic-conventions.ts";
import { boundedCarrier, xrayRootId, xraySampled } from "./trace-context.ts";

/** Where spans come from. */
export interface Tracing {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  /** Gives spans without a parent the trace id that the load balancer has given the request. Undefined: they get one of their own. */
  readonly ids: AdoptingIdGenerator | undefined;
}

/** Opens a span for every call, makes it current while the call is worked on, and opens one in it for the tool's function. */
export function createSpanInstrument(tracing: Tracing): Instrument {
  return (call) => new SpannedCall(tracing, call);
}

/**
 * A class for the reason that an `OpenCall` is one. Attributes are made for spans that are recorded alone, which are few: none of the samplers looks at
 * any.
 */
class SpannedCall implements ActiveCall {
  readonly runTool?: ObservedTool["runTool"];
  readonly #propagator: TextMapPropagator;
  readonly #span: Span;
  readonly #current: Context;
  readonly #tool: ObservedTool | undefined;

  constructor({ tracer, propagator, ids }: Tracing, call: Call) {
    const carrier = boundedCarrier(call.carrier);
    const parent = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
    const open = (decided: Context): Span => tracer.startSpan(spanName(call), SERVER_SPAN, decided);
    this.#propagator = propagator;
    this.#span =
      ids === undefined
        ? open(parent)
        : ids.adopt(xrayRootId(carrier), () => open(withDecision(parent, xraySampled(carrier))));
    this.#current = trace.setSpan(parent, this.#span);
    call.traceId = this.#span.spanContext().traceId;
    if (!this.#span.isRecording()) return;
    this.#span.setAttributes(spanAttributes(call));
    this.#tool = observeTool(tracer, call, this.#current);
    this.runTool = this.#tool.runTool;
  }

  run<T>(work: () => T): T {
    return context.with(this.#current, work);
  }

  carrier(): Record<string, string> {
    const injected: Record<string, string> = {};
    this.#propagator.inject(this.#current, injected, defaultTextMapSetter);
    return injected;
  }

  end(end: CallEnd): void {
    if (!this.#span.isRecording()) return;
    this.#tool?.end(end);
    finish(this.#span, errorAttributes(end), end);
  }
}

const SERVER_SPAN: SpanOptions = { kind: SpanKind.SERVER };

type ObservedTool = Required<Pick<ActiveCall, "runTool" | "end">>;

/** Opens a span for the function of a tool; no span where none is run, as with arguments that do not satisfy the schema. */
function observeTool(tracer: Tracer, call: Call, parent: Context): ObservedTool {
  let span: Span | undefined;
  let returned: number | undefined;
  return {
    runTool: async (tool) => {
      span = tracer.startSpan(toolSpanName(call), { attributes: toolSpanAttributes(call) }, parent);
      try {
        return await context.with(trace.setSpan(parent, span), tool);
      } finally {
        returned = performance.now();
      }
    },
    // How it ended is known with the call's end, when a function that is deaf to its signal may still be at work.
    end: (end) => {
      if (span !== undefined) finish(span, toolErrorAttributes(end), end, returned);
    },
  };
}

/** @param at when it ended, as `performance.now()` tells. Default: now. */
function finish(span: Span, error: Attributes, { outcome }: CallEnd, at?: number): void {
  span.setAttributes(error);
  // A client that leaves is no failure of the server.
  if ("error.type" in error && outcome !== "cancelled")
    span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(at);
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
