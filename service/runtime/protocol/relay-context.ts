import {
  CLIENT_CAPABILITIES_META_KEY,
  LOG_LEVEL_META_KEY,
  type ClientCapabilities,
} from "@modelcontextprotocol/server";
import type { Call } from "../calls.ts";
import type { JsonObject, RelayContext } from "../relay.ts";
import { boundedCarrier } from "../telemetry/trace-context.ts";
import type { OpenCall } from "./exchange.ts";
import { isObject, without } from "./relay-result.ts";

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
  const { open, callerToken } = parts;
  const { call } = open;
  const meta = isObject(open.params["_meta"]) ? open.params["_meta"] : {};
  return {
    get log() {
      return open.log;
    },
    signal,
    caller: call.caller,
    callerToken,
    era: call.era,
    protocolVersion: call.protocolVersion,
    clientCapabilities: call.era === "modern" ? capabilities(meta) : {},
    carrier: traceContext(call),
    progress: progress(parts, meta, signal),
    message: messages(parts, meta, signal),
  };
}

/** Typed by what has been validated before. */
function capabilities(meta: JsonObject): ClientCapabilities {
  return meta[CLIENT_CAPABILITIES_META_KEY] ?? {};
}

/** What the balancer says of the trace is for this server alone. */
function traceContext({ carrier }: Call): Call["carrier"] {
  return without(boundedCarrier(carrier), "x-amzn-trace-id");
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
