import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Span,
  type TextMapPropagator,
  type TextMapSetter,
  type Tracer,
} from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import { requestAttributes, requestSpanName, type OutgoingRequest } from "./http-conventions.ts";

/** What undici tells of a request (its documentation, "Diagnostics Channel Support"); each message has a part of it. */
interface Message {
  readonly request: UndiciRequest;
  readonly response: { readonly statusCode: number };
  readonly error: unknown;
}

interface UndiciRequest extends OutgoingRequest {
  /** Names and values in turn. */
  readonly headers: readonly (string | readonly string[])[];
  addHeader(name: string, value: string): unknown;
}

/** What an author has set stays. */
const SETTER: TextMapSetter<UndiciRequest> = {
  set: (request, name, value) => {
    const isSet = request.headers.some(
      (text, index) => index % 2 === 0 && String(text).toLowerCase() === name,
    );
    if (!isSet) request.addHeader(name, value);
  },
};

/**
 * Opens a span for every request that undici sends for a call, and tells the receiver which trace it belongs to. Node's own `fetch` is undici,
 * too, and publishes on the same channels. What is sent for no call, such as the telemetry itself, is left alone.
 *
 * `@opentelemetry/instrumentation-undici` (0.30.0) would bring machinery to patch modules, 115 KB of it, tell queries and messages of errors as
 * they are, and record a metric of its own.
 *
 * @returns what ends it.
 */
export function traceOutgoingRequests(tracer: Tracer, propagator: TextMapPropagator): () => void {
  const spans = new WeakMap<UndiciRequest, Span>();

  const created = ({ request }: Message): void => {
    const current = context.active();
    const parent = trace.getSpan(current);
    if (parent === undefined || request.method === "CONNECT" || isTracingSuppressed(current))
      return;
    if (!parent.isRecording()) {
      // A call that has ended is left alone: undici's pools send what had to wait in the context of whoever they served before.
      if ((parent.spanContext().traceFlags & TraceFlags.SAMPLED) === 0)
        propagator.inject(current, request, SETTER);
      return;
    }
    const attributes = requestAttributes(request);
    if (attributes === undefined) return;
    const span = tracer.startSpan(
      requestSpanName(request),
      { kind: SpanKind.CLIENT, attributes },
      current,
    );
    spans.set(request, span);
    propagator.inject(trace.setSpan(current, span), request, SETTER);
  };

  const answered = ({ request, response: { statusCode } }: Message): void => {
    const span = spans.get(request);
    span?.setAttribute("http.response.status_code", statusCode);
    if (statusCode >= 400) fail(span, String(statusCode));
  };

  const ended = ({ request }: Message): void => {
    spans.get(request)?.end();
    spans.delete(request);
  };

  const failed = (message: Message): void => {
    const { error } = message;
    // Who gives a request up knows why.
    if (!(error instanceof Error && error.name === "AbortError"))
      fail(spans.get(message.request), errorType(error));
    ended(message);
  };

  const listeners = Object.entries({
    "undici:request:create": created,
    "undici:request:headers": answered,
    "undici:request:trailers": ended,
    "undici:request:error": failed,
  }).map(([channel, listener]) => {
    // Typed by undici's documentation: a channel takes anything.
    const onMessage = (message: unknown): void => {
      listener(message as Message);
    };
    subscribe(channel, onMessage);
    return () => unsubscribe(channel, onMessage);
  });
  return () => {
    for (const end of listeners) end();
  };
}

function fail(span: Span | undefined, type: string): void {
  span?.setAttribute("error.type", type).setStatus({ code: SpanStatusCode.ERROR });
}

/** A code such as `ECONNREFUSED`, or the kind of the error; never its message, which may tell anything. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return "_OTHER";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
