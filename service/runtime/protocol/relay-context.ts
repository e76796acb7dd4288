import { LOG_LEVEL_META_KEY, type ClientCapabilities } from "@modelcontextprotocol/server";
import type { Call } from "../calls.ts";
import type { Cancellation } from "../cancellation.ts";
import type { JsonObject, RelayContext } from "../relay.ts";
import { bearerToken } from "./bearer-token.ts";
import { boundedCarrier, messageTraceContext } from "../telemetry/trace-context.ts";
import type { OpenCall } from "./exchange.ts";
import { isObject } from "./relay-result.ts";
import { declaredCapabilities, LOG_LEVELS } from "./request-meta.ts";

/** What a relay's context is made from. */
export interface ContextParts {
  readonly open: OpenCall;
  /** The header. */
  readonly authorization: string | undefined;
  readonly client: Notified;
}

/** Whoever hears of a call before it has ended. */
export interface Notified {
  /** Sends a notification on the stream of the call; what the client does not keep up with is left out. */
  notify(method: string, params: JsonObject): void;
}

/** What a relay gets to know of a call. */
export function relayContext(parts: ContextParts, cancellation: Cancellation): RelayContext {
  return new CallContext(parts, cancellation);
}

/** A class for the reason that an {@link OpenCall} is one: its logger is only made where somebody writes. */
class CallContext implements RelayContext {
  readonly cancellation: Cancellation;
  readonly caller: RelayContext["caller"];
  readonly era: RelayContext["era"];
  readonly protocolVersion: string;
  readonly clientCapabilities: ClientCapabilities;
  readonly carrier: RelayContext["carrier"];
  readonly progress: RelayContext["progress"];
  readonly message: RelayContext["message"];
  readonly #open: OpenCall;
  readonly #authorization: string | undefined;

  constructor(parts: ContextParts, cancellation: Cancellation) {
    const { open, authorization } = parts;
    const { call } = open;
    const meta = isObject(open.params["_meta"]) ? open.params["_meta"] : {};
    this.#open = open;
    this.cancellation = cancellation;
    this.caller = call.caller;
    this.#authorization = authorization;
    this.era = call.era;
    this.protocolVersion = call.protocolVersion;
    this.clientCapabilities = call.era === "modern" ? declaredCapabilities(meta) : {};
    this.carrier = traceContext(open);
    this.progress = progress(parts, meta, cancellation);
    this.message = messages(parts, meta, cancellation);
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }

  /** Few upstreams want to see what is made of it. */
  get callerToken(): string | undefined {
    return bearerToken(this.caller, this.#authorization);
  }

  get log(): RelayContext["log"] {
    return this.#open.log;
  }
}

/** What comes next belongs to the span of this call where there is one, else to whatever the client said. */
function traceContext({ call, active }: OpenCall): Call["carrier"] {
  let carrier = messageTraceContext(boundedCarrier(call.carrier));
  for (const instrument of active) {
    const own = instrument.carrier?.();
    if (own !== undefined) carrier = { ...carrier, ...messageTraceContext(own) };
  }
  return carrier;
}

function progress(
  { client }: ContextParts,
  { progressToken }: JsonObject,
  cancellation: Cancellation,
): RelayContext["progress"] {
  if (progressToken === undefined) return undefined;
  return (params) => {
    // The token of whoever was asked is none of the client's.
    if (!cancellation.aborted)
      client.notify("notifications/progress", { ...params, progressToken });
  };
}

/** Clients of 2026-07-28 name a level with each request that wants messages; those before have not said, so that they get what there is. */
function messages(
  { client, open }: ContextParts,
  meta: JsonObject,
  cancellation: Cancellation,
): RelayContext["message"] {
  const level = meta[LOG_LEVEL_META_KEY];
  if (open.call.era === "modern" && level === undefined) return undefined;
  const least = open.call.era === "modern" ? LOG_LEVELS.indexOf(level) : 0;
  return (params) => {
    if (cancellation.aborted || LOG_LEVELS.indexOf(params["level"]) < least) return;
    client.notify("notifications/message", params);
  };
}
