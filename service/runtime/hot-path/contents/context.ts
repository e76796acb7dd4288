import { LOG_LEVEL_META_KEY } from "@modelcontextprotocol/server";
import type { CallContext } from "../../context.ts";
import type { Logger } from "../../log.ts";
import { tell } from "../../protocol/call-context.ts";
import { isObject } from "../../protocol/relay-result.ts";
import { declaredCapabilities, LOG_LEVELS } from "../../protocol/request-meta.ts";
import type { JsonObject } from "../../relay.ts";
import type { HotCall } from "../answerer.ts";
import type { Recognised } from "../recognise.ts";
import { answersOf } from "./rounds.ts";

/** A running call, as far as the context of its function needs it. */
export interface ContextSource {
  readonly request: Recognised;
  readonly call: HotCall;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Whether the client has gone, does not keep up, or waits no more. */
  isDeaf(): boolean;
}

const SOURCE = Symbol("source");

/** A context, and where it gets from what is costly to make and seldom asked for. */
interface Lazy {
  readonly [SOURCE]: ContextSource;
}

// The same functions for all contexts, so that these share one hidden class (V8); properties of their own, so that copies of a context have them.
const LOG: PropertyDescriptor & ThisType<Lazy> = {
  enumerable: true,
  configurable: true,
  get() {
    return this[SOURCE].log;
  },
};
const SIGNAL: PropertyDescriptor & ThisType<Lazy> = {
  enumerable: true,
  configurable: true,
  get() {
    return this[SOURCE].signal;
  },
};

/**
 * What an author's function gets, made as it is asked for: a logger or a signal costs more than all the rest of a call.
 *
 * @param state what the round before left for this one.
 */
export function hotContext(source: ContextSource, state: unknown): CallContext {
  const { request, call } = source;
  const { params, era } = request;
  const meta = isObject(params["_meta"]) ? params["_meta"] : NO_META;
  const context = {
    caller: call.exchange.caller,
    clientCapabilities: era === "modern" ? declaredCapabilities(meta) : {},
    progress: progress(source, meta),
    logToClient: logToClient(source, meta),
    answers: answersOf(params),
    state,
  };
  // Hidden from whoever prints or copies a context: it leads to the headers of the request, and so to the caller's credential.
  Object.defineProperty(context, SOURCE, { value: source });
  // A third of the cost of doing it at once.
  Object.defineProperty(context, "log", LOG);
  return Object.defineProperty(context, "signal", SIGNAL) as typeof context &
    Pick<CallContext, "log" | "signal">;
}

const NO_META: JsonObject = {};

/** Nobody listens. */
function nothing(): Promise<void> {
  return Promise.resolve();
}

function progress(source: ContextSource, { progressToken }: JsonObject): CallContext["progress"] {
  if (progressToken === undefined) return nothing;
  return (update) =>
    tell(source, "progress", () => {
      source.call.notify("notifications/progress", { progressToken, ...update });
    });
}

/** By how much they weigh (RFC 5424). */
const SEVERITIES: ReadonlyMap<unknown, number> = new Map(
  LOG_LEVELS.map((level, severity) => [level, severity]),
);

/** Clients of 2026-07-28 name a level with each request that wants messages; those before have not said, so that they get what there is. */
function logToClient(source: ContextSource, meta: JsonObject): CallContext["logToClient"] {
  const level = meta[LOG_LEVEL_META_KEY];
  if (level === undefined && source.request.era === "modern") return nothing;
  const least = SEVERITIES.get(level) ?? 0;
  return async (given, data) => {
    const severity = SEVERITIES.get(given);
    if (severity !== undefined && severity < least) return;
    await tell(source, "log message", () => {
      source.call.notify("notifications/message", { level: given, data });
    });
  };
}
