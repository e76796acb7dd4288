import type { Clock } from "../../../runtime/telemetry/clock.ts";

/** So many requests earn one retry: retries are at most a fifth of the load, so that an outage is not multiplied. */
const REQUESTS_PER_RETRY = 5;
/** So many retries may be saved for the moment in which a replica is lost with all that it was doing. */
const MOST_SAVED = 100;
/** With little load, a fifth is nothing: so many may always be tried again in a second. */
const FLOOR_PER_SECOND = 10;

/** How many requests may be tried again. */
export class RetryBudget {
  readonly #clock: Clock;
  /** Requests that have not been spent on retries. */
  #requests = 0;
  #floor = FLOOR_PER_SECOND;
  #refilled: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#refilled = clock.now();
  }

  /** A new request, not a retry, is sent. */
  deposit(): void {
    this.#requests = Math.min(MOST_SAVED * REQUESTS_PER_RETRY, this.#requests + 1);
  }

  /** @returns whether one more may be tried again. */
  withdraw(): boolean {
    const now = this.#clock.now();
    const gained = ((now - this.#refilled) / 1000) * FLOOR_PER_SECOND;
    this.#floor = Math.min(FLOOR_PER_SECOND, this.#floor + Math.max(0, gained));
    this.#refilled = now;
    if (this.#floor >= 1) {
      this.#floor--;
      return true;
    }
    if (this.#requests < REQUESTS_PER_RETRY) return false;
    this.#requests -= REQUESTS_PER_RETRY;
    return true;
  }
}
