import {
  RelayError,
  type JsonObject,
  type Relay,
  type RelayContext,
  type RelayRequest,
} from "../../runtime/relay.ts";
import type { Clock } from "../../runtime/telemetry/clock.ts";
import { DeadlineExceeded } from "../../runtime/limits/deadline.ts";
import type { Catalogue } from "./catalogue.ts";
import { handshakeOf, type Child } from "./child.ts";
import { AnswerError, ChildEnded, NoChild, Unanswered } from "./failures.ts";
import { matcher } from "./patterns.ts";
import type { Pool } from "./pool.ts";
import { callerParams } from "./protocol.ts";
import { stringOf } from "./messages.ts";
import type { Watches } from "./watches.ts";

/** What a relay to a pool of children needs. */
export interface PoolRelayOptions {
  readonly pool: Pool;
  readonly catalogue: Pick<Catalogue, "offers">;
  readonly watches: Pick<Watches, "watch">;
  readonly clock: Clock;
  /** In seconds, by the name of a tool. */
  readonly toolTimeouts: ReadonlyMap<string, number>;
  readonly idempotentTools: readonly string[];
  /** Whether a child works on one request alone, whose log messages all of its are. */
  readonly perCall: boolean;
}

const BUSY = -32000;
const INTERNAL_ERROR = -32603;
const INVALID_PARAMS = -32602;
/** What servers of the 2025 revisions answer for a resource that is not there, and those of 2026-07-28 must not. */
const OLD_RESOURCE_NOT_FOUND = -32002;

/** Answers requests by asking a child. */
export function createPoolRelay(options: PoolRelayOptions): Relay {
  const { pool, catalogue, watches, clock, toolTimeouts, perCall } = options;
  const isIdempotent = matcher(options.idempotentTools);
  return {
    offers: () => catalogue.offers ?? NOTHING,
    send: async (request, context) => {
      const { method, params } = request;
      const tool = method === "tools/call" ? (stringOf(params, "name") ?? "") : undefined;
      const deadline = callDeadline(context.signal, clock, toolTimeouts.get(tool ?? ""));
      try {
        return await pool.run((child) => ask(child, request, context, deadline.signal, perCall), {
          signal: deadline.signal,
          repeatable: tool === undefined || isIdempotent(tool),
        });
      } catch (error) {
        throw relayError(error, request, context, deadline.seconds());
      } finally {
        deadline.stop();
      }
    },
    watchResources: watches.watch,
  };
}

const NOTHING = {
  tools: [],
  resources: [],
  resourceTemplates: [],
  prompts: [],
  completions: false,
  cache: { ttlMs: 0, cacheScope: "private" },
} as const;

function ask(
  child: Child,
  { method, params }: RelayRequest,
  context: RelayContext,
  signal: AbortSignal,
  perCall: boolean,
): Promise<JsonObject> {
  const { era } = handshakeOf(child);
  // A server of 2026-07-28 writes log messages for requests that want them, and for no others. Older ones write them whoever asks, and what they
  // write about one caller's request is not for another.
  const attributable = era === "modern" || perCall;
  return child.connection.request(method, (id) => callerParams({ era }, params, context, id), {
    signal,
    progress: context.progress,
    message: attributable ? context.message : undefined,
  });
}

/** The signal of a call that has a deadline of its own, if it has one. */
function callDeadline(
  signal: AbortSignal,
  clock: Clock,
  seconds: number | undefined,
): {
  readonly signal: AbortSignal;
  /** How long the call had, where that was its end. */
  readonly seconds: () => number | undefined;
  readonly stop: () => void;
} {
  const ofRuntime = (): number | undefined =>
    signal.reason instanceof DeadlineExceeded ? signal.reason.seconds : undefined;
  if (seconds === undefined) return { signal, seconds: ofRuntime, stop: () => undefined };
  const ending = new AbortController();
  const over = AbortSignal.any([signal, ending.signal]);
  const stop = clock.after(seconds * 1000, () => {
    ending.abort();
  });
  return {
    signal: over,
    seconds: () => (ending.signal.aborted && !signal.aborted ? seconds : ofRuntime()),
    stop,
  };
}

function relayError(
  error: unknown,
  { method, params }: RelayRequest,
  { era }: RelayContext,
  seconds: number | undefined,
): unknown {
  if (error instanceof AnswerError) {
    const isMissing =
      error.code === OLD_RESOURCE_NOT_FOUND && method === "resources/read" && era === "modern";
    return new RelayError(error.message, {
      code: isMissing ? INVALID_PARAMS : error.code,
      data: error.data ?? (isMissing ? { uri: params["uri"] } : undefined),
      outcome: error.code === INTERNAL_ERROR ? "internal_error" : "protocol_error",
      cause: error,
    });
  }
  if (error instanceof NoChild) {
    return new RelayError(error.message, {
      code: BUSY,
      outcome: "internal_error",
      status: 503,
      cause: error,
    });
  }
  if (error instanceof Unanswered) {
    return seconds === undefined
      ? failure("The call was cancelled.", "cancelled", error)
      : failure(
          `\`${method}\` took longer than ${seconds} seconds and was ended.`,
          "timeout",
          error,
        );
  }
  if (error instanceof ChildEnded) {
    return failure(
      "The server ended while it worked on this. Whether it has done it is not known.",
      "internal_error",
      error,
    );
  }
  return error;
}

/** For what may have been run. */
function failure(
  message: string,
  outcome: "cancelled" | "timeout" | "internal_error",
  cause: unknown,
): RelayError {
  return new RelayError(message, {
    code: INTERNAL_ERROR,
    data: { retryable: false },
    outcome,
    cause,
  });
}
