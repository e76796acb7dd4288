import type { Outcome } from "../balancer/forward.ts";
import type { Clock } from "../clock.ts";

/** For how long failures of a kind are gathered: under load there are many, and one line tells them all. */
const GATHER_MILLISECONDS = 1000;

/** Gathers requests that failed at a load balancer. */
export class FailureCounts {
  readonly #clock: Clock;
  readonly #tell: (text: string) => void;
  readonly #counts = new Map<Outcome, number>();

  /** @param clock the machine's: who reads is no model. */
  constructor(clock: Clock, tell: (text: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(outcome: Outcome): void {
    if (outcome === "answered" || outcome === "client left") return;
    const count = this.#counts.get(outcome) ?? 0;
    this.#counts.set(outcome, count + 1);
    if (count > 0) return;
    this.#clock.after(GATHER_MILLISECONDS, () => {
      const failed = this.#counts.get(outcome) ?? 0;
      this.#counts.delete(outcome);
      this.#tell(`${failed} ${failed === 1 ? "request" : "requests"} ${outcome}`);
    });
  }
}
