import { RelayError } from "../../../runtime/relay.ts";
import type { Outcome } from "../../../runtime/calls.ts";
import type { AttemptOutcome } from "./events.ts";

/** Nothing has been run, and it may be sent again: the code of the runtime's own refusals under load. */
export const UNAVAILABLE = -32000;
/** JSON-RPC 2.0, "Internal error". */
export const INTERNAL_ERROR = -32603;

/** Why one attempt gave no answer. */
export class AttemptFailure extends Error {
  override readonly name = "AttemptFailure";
  readonly reason: Exclude<AttemptOutcome, "ok" | "timeout" | "cancelled">;
  /** Whether the upstream may have begun to do what it was asked. */
  readonly mayHaveRun: boolean;
  /** Whether it was the connection that failed, so that other requests to the same address would fare no better. */
  readonly connection: boolean;

  /** @param predicate completes "The upstream …"; clients see it. */
  constructor(
    predicate: string,
    given: Pick<AttemptFailure, "reason" | "mayHaveRun"> & {
      readonly connection?: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(predicate, { cause: given.cause });
    this.reason = given.reason;
    this.mayHaveRun = given.mayHaveRun;
    this.connection = given.connection ?? false;
  }

  /** The same failure in a request that only prepared the one that was asked for. */
  before(): AttemptFailure {
    const { message, reason, connection, cause } = this;
    return new AttemptFailure(message, { reason, connection, cause, mayHaveRun: false });
  }
}

/** What a client is told when no attempt gave an answer. */
export function unanswered(
  upstream: string,
  predicate: string,
  given: {
    readonly mayHaveRun: boolean;
    readonly repeatable: boolean;
    readonly outcome?: Outcome;
    readonly cause?: unknown;
  },
): RelayError {
  const { outcome = "internal_error", cause } = given;
  const message = `The upstream \`${upstream}\` ${predicate}.`;
  if (given.mayHaveRun && !given.repeatable) {
    return new RelayError(`${message} It may have done what it was asked to.`, {
      code: INTERNAL_ERROR,
      data: { retryable: false },
      outcome,
      cause,
    });
  }
  return new RelayError(message, {
    code: UNAVAILABLE,
    data: { retryable: true },
    outcome,
    status: 503,
    cause,
  });
}
