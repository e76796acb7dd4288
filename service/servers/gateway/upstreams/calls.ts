import { RelayError, type Cancellation } from "../../../runtime/relay.ts";
import type { Address } from "./addresses/address.ts";
import type { Addresses } from "./addresses/addresses.ts";
import type { Breaker } from "./breaker.ts";
import { Deadline, DeadlinePassed } from "./deadline.ts";
import type { AttemptOutcome } from "./events.ts";
import { AttemptFailure, INTERNAL_ERROR, unanswered } from "./failure.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { CompleteSurroundings } from "./surroundings.ts";

/** How far a request may go. */
export interface CallLimits {
  readonly cancellation: Cancellation;
  /** For all attempts together. */
  readonly timeoutMilliseconds: number;
  /** Whether it may be run twice with the effect of once. */
  readonly repeatable: boolean;
}

/** Asks one address. @throws {AttemptFailure}, {DeadlinePassed}; or a `RelayError`, which is an answer. */
export type Attempt<T> = (address: Address, deadline: Deadline) => Promise<T>;

/** Two further ones find another replica; more would only add load. */
const MAX_ATTEMPTS = 3;

/** The requests that one upstream gets: as many at once as it may have, each tried again where that is safe, none while the breaker is open. */
export class Calls {
  readonly #upstream: string;
  readonly #maxOngoing: number;
  readonly #addresses: Addresses;
  readonly #breaker: Breaker;
  readonly #surroundings: CompleteSurroundings;
  readonly #budget: RetryBudget;
  #ongoing = 0;
  #idle: (() => void) | undefined;
  #closed = false;

  constructor(
    given: {
      readonly upstream: string;
      readonly maxOngoingRequests: number;
      readonly addresses: Addresses;
      readonly breaker: Breaker;
    },
    surroundings: CompleteSurroundings,
  ) {
    this.#upstream = given.upstream;
    this.#maxOngoing = given.maxOngoingRequests;
    this.#addresses = given.addresses;
    this.#breaker = given.breaker;
    this.#surroundings = surroundings;
    this.#budget = new RetryBudget(surroundings.clock);
  }

  /** @throws {RelayError} */
  async run<T>(method: string, limits: CallLimits, attempt: Attempt<T>): Promise<T> {
    if (this.#closed) throw this.#refusal("is being removed");
    if (!this.#breaker.admits) throw this.#refusal("does not answer at present");
    if (this.#ongoing >= this.#maxOngoing)
      throw this.#refusal("has as many requests as it may have");
    this.#ongoing++;
    this.#budget.deposit();
    const { timeoutMilliseconds, repeatable, cancellation } = limits;
    const deadline = new Deadline(this.#surroundings.clock, timeoutMilliseconds, cancellation);
    const tried: Address[] = [];
    let mayHaveRun = false;
    try {
      const { pending } = this.#addresses;
      if (pending !== undefined) await deadline.wait(pending);
      let address = this.#firstAddress(deadline);
      for (;;) {
        tried.push(address);
        const started = this.#surroundings.clock.now();
        this.#addresses.take(address);
        try {
          const result = await attempt(address, deadline);
          this.#answered(address);
          this.#tried(method, address, "ok", started, tried.length);
          return result;
        } catch (error) {
          const outcome = outcomeOf(error);
          this.#judge(address, outcome, error);
          this.#tried(method, address, outcome, started, tried.length);
          if (!(error instanceof AttemptFailure)) throw error;
          mayHaveRun ||= error.mayHaveRun;
          const next = this.#next(error, address, tried, method, repeatable);
          if (next === undefined || deadline.passed !== undefined) {
            if (this.#counts(error)) this.#breaker.failed();
            throw unanswered(this.#upstream, error.message, {
              mayHaveRun,
              repeatable,
              cause: error,
            });
          }
          address = next;
        }
      }
    } catch (error) {
      if (!(error instanceof DeadlinePassed)) throw error;
      if (error.reason === "timeout") this.#breaker.failed();
      throw this.#passed(error, mayHaveRun || error.sent, { repeatable, timeoutMilliseconds });
    } finally {
      deadline.end();
      if (--this.#ongoing === 0) this.#idle?.();
    }
  }

  /** Takes no more requests; ends when those under way have. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#ongoing === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  /** What an attempt that was not answered says of its address. */
  #judge(address: Address, outcome: AttemptOutcome, error: unknown): void {
    if (outcome === "ok") this.#answered(address);
    else if (error instanceof AttemptFailure && error.connection) this.#addresses.eject(address);
    else if (outcome === "timeout" || SERVER_FAULTS.has(outcome)) this.#addresses.erred(address);
  }

  /** An attempt has ended. */
  #tried(
    method: string,
    address: Address,
    outcome: AttemptOutcome,
    started: number,
    attempt: number,
  ): void {
    address.release();
    const { clock, events } = this.#surroundings;
    events.attempt?.({
      upstream: this.#upstream,
      address: address.label,
      method,
      outcome,
      durationMilliseconds: clock.now() - started,
      attempt,
    });
  }

  #answered(address: Address): void {
    this.#breaker.succeeded();
    this.#addresses.answered(address);
  }

  #firstAddress(deadline: Deadline): Address {
    deadline.throwIfPassed();
    const address = this.#addresses.choose();
    if (address !== undefined) return address;
    this.#breaker.failed();
    throw this.#refusal("has no address");
  }

  /** Where to try again; undefined where not to. */
  #next(
    failure: AttemptFailure,
    address: Address,
    tried: readonly Address[],
    method: string,
    repeatable: boolean,
  ): Address | undefined {
    if (tried.length >= MAX_ATTEMPTS || failure.reason === "credentials") return undefined;
    if (failure.mayHaveRun && !(repeatable && failure.reason === "broken")) return undefined;
    const next =
      this.#addresses.choose(tried) ?? (failure.reason === "broken" ? address : undefined);
    if (next === undefined || this.#budget.withdraw()) return next;
    this.#surroundings.events.retryBudgetSpent?.({ upstream: this.#upstream, method });
    return undefined;
  }

  /** Whether it says something of the upstream as a whole. Being busy is no failure: a breaker would refuse what there is room for. */
  #counts(failure: AttemptFailure): boolean {
    if (failure.connection) return this.#addresses.healthy === 0;
    return SERVER_FAULTS.has(failure.reason);
  }

  #refusal(predicate: string): RelayError {
    return unanswered(this.#upstream, predicate, { mayHaveRun: false, repeatable: false });
  }

  #passed(
    { reason, sent }: DeadlinePassed,
    mayHaveRun: boolean,
    limits: Pick<CallLimits, "repeatable" | "timeoutMilliseconds">,
  ): RelayError {
    if (reason === "cancelled") {
      return new RelayError("The call was cancelled.", {
        code: INTERNAL_ERROR,
        data: { retryable: limits.repeatable || !mayHaveRun },
        outcome: "cancelled",
      });
    }
    const seconds = limits.timeoutMilliseconds / 1000;
    if (!mayHaveRun && !sent) {
      return unanswered(this.#upstream, `could not be reached within ${seconds} s`, {
        mayHaveRun: false,
        repeatable: limits.repeatable,
        outcome: "timeout",
      });
    }
    return new RelayError(
      `The upstream \`${this.#upstream}\` did not answer within ${seconds} s. It may have done what it was asked to.`,
      {
        code: INTERNAL_ERROR,
        data: { retryable: limits.repeatable },
        outcome: "timeout",
      },
    );
  }
}

const SERVER_FAULTS: ReadonlySet<AttemptOutcome> = new Set([
  "refused",
  "broken",
  "server_error",
  "invalid_answer",
]);

function outcomeOf(error: unknown): AttemptOutcome {
  if (error instanceof AttemptFailure) return error.reason;
  if (error instanceof DeadlinePassed) return error.reason;
  return "ok";
}
