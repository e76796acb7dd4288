import {
  CLIENT_CAPABILITIES_META_KEY,
  LOG_LEVEL_META_KEY,
  type ClientCapabilities,
} from "@modelcontextprotocol/server";
import type { Call } from "../calls.ts";
import type { JsonObject, RelayContext } from "../relay.ts";
import { boundedCarrier, messageTraceContext } from "../telemetry/trace-context.ts";
import type { OpenCall } from "./exchange.ts";
import { isObject } from "./relay-result.ts";

/** What a relay's context is made from. */
export interface ContextParts {
  readonly open: OpenCall;
  readonly callerToken: string | undefined;
  /** Sends a notification on the stream of the call; what the client does not keep up with is left out. */
  readonly notify: (method: string, params: JsonObject) => void;
}

/** In the order of their severity (RFC 5424), which is what a client's level is compared by. */
const LEVELS: readonly unknown[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];

/** What a relay gets to know of a call. */
export function relayContext(parts: ContextParts, signal: AbortSignal): RelayContext {
  return new CallContext(parts, signal);
}

/** A class for the reason that an {@link OpenCall} is one: its logger is only made where somebody writes. */
class CallContext implements RelayContext {
  readonly signal: AbortSignal;
  readonly caller: RelayContext["caller"];
  readonly callerToken: string | undefined;
  readonly era: RelayContext["era"];
  readonly protocolVersion: string;
  readonly clientCapabilities: ClientCapabilities;
  readonly carrier: RelayContext["carrier"];
  readonly progress: RelayContext["progress"];
  readonly message: RelayContext["message"];
  readonly #open: OpenCall;

  constructor(parts: ContextParts, signal: AbortSignal) {
    const { open, callerToken } = parts;
    const { call } = open;
    const meta = isObject(open.params["_meta"]) ? open.params["_meta"] : {};
    this.#open = open;
    this.signal = signal;
    this.caller = call.caller;
    this.callerToken = callerToken;
    this.era = call.era;
    this.protocolVersion = call.protocolVersion;
    this.clientCapabilities = call.era === "modern" ? capabilities(meta) : {};
    this.carrier = traceContext(open);
    this.progress = progress(parts, meta, signal);
    this.message = messages(parts, meta, signal);
  }

  get log(): RelayContext["log"] {
    return this.#open.log;
  }
}

/** Typed by what has been validated before. */
function capabilities(meta: JsonObject): ClientCapabilities {
  return meta[CLIENT_CAPABILITIES_META_KEY] ?? {};
}

/** What comes next belongs to the span of this call where there is one, else to whatever the client said. */
function traceContext({ call, active }: OpenCall): Call["carrier"] {
  return active.reduce(
    (carrier, instrument) => ({ ...carrier, ...messageTraceContext(instrument.carrier?.() ?? {}) }),
    messageTraceContext(boundedCarrier(call.carrier)),
  );
}

function progress(
  { notify }: ContextParts,
  { progressToken }: JsonObject,
  signal: AbortSignal,
): RelayContext["progress"] {
  if (progressToken === undefined) return undefined;
  return (params) => {
    // The token of whoever was asked is none of the client's.
    if (!signal.aborted) notify("notifications/progress", { ...params, progressToken });
  };
}

/** Clients of 2026-07-28 name a level with each request that wants messages; those before have not said, so that they get what there is. */
function messages(
  { notify, open }: ContextParts,
  meta: JsonObject,
  signal: AbortSignal,
): RelayContext["message"] {
  const level = meta[LOG_LEVEL_META_KEY];
  if (open.call.era === "modern" && level === undefined) return undefined;
  const least = open.call.era === "modern" ? LEVELS.indexOf(level) : 0;
  return (params) => {
    if (signal.aborted || LEVELS.indexOf(params["level"]) < least) return;
    notify("notifications/message", params);
  };
}
