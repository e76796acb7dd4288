import { LightAbortController, type Cancellation } from "../../runtime/cancellation.ts";
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
import { callerParams } from "./caller-params.ts";
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
      const seconds = tool === undefined ? undefined : toolTimeouts.get(tool);
      const deadline = seconds === undefined ? undefined : new ToolDeadline(seconds);
      deadline?.start(clock, context.cancellation);
      const cancellation = deadline ?? context.cancellation;
      try {
        return await pool.run((child) => ask(child, request, context, cancellation, perCall), {
          cancellation,
          repeatable: tool === undefined || isIdempotent(tool),
        });
      } catch (error) {
        throw relayError(error, request, context, cancellation);
      } finally {
        deadline?.stop();
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
  request: RelayRequest,
  context: RelayContext,
  cancellation: Cancellation,
  perCall: boolean,
): Promise<JsonObject> {
  const { era } = handshakeOf(child);
  // A server of 2026-07-28 writes log messages for requests that want them, and for no others. Older ones write them whoever asks, and what they
  // write about one caller's request is not for another.
  const attributable = era === "modern" || perCall;
  return child.connection.request(request.method, (id) => callerParams(era, request, context, id), {
    cancellation,
    progress: context.progress,
    message: attributable ? context.message : undefined,
  });
}

/** Ends the call of a tool that has a deadline of its own. */
class ToolDeadline extends LightAbortController {
  readonly #seconds: number;
  #stopTimer: (() => void) | undefined;
  #forgetCall: (() => void) | undefined;

  constructor(seconds: number) {
    super();
    this.#seconds = seconds;
  }

  /** @param call ends it as well. */
  start(clock: Clock, call: Cancellation): void {
    if (call.aborted) this.abort(call.reason);
    this.#forgetCall = call.onAbort(() => {
      this.abort(call.reason);
    });
    this.#stopTimer = clock.after(this.#seconds * 1000, () => {
      this.abort(new DeadlineExceeded(this.#seconds));
    });
  }

  stop(): void {
    this.#stopTimer?.();
    this.#forgetCall?.();
  }
}

function relayError(
  error: unknown,
  { method, params }: RelayRequest,
  { era }: RelayContext,
  cancellation: Cancellation,
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
    const { reason } = cancellation;
    const seconds = reason instanceof DeadlineExceeded ? reason.seconds : undefined;
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
