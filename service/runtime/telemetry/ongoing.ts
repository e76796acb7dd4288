/** How many calls are worked on, averaged over time: a call counts for as long as it takes, also where nobody looks. */
export class OngoingRequests {
  #ongoing = 0;
  /** Calls times milliseconds since the last report. */
  #sum = 0;
  #changed: number;
  #reported: number;

  /** @param now milliseconds, as of every other method. */
  constructor(now: number) {
    this.#changed = now;
    this.#reported = now;
  }

  begin(now: number): void {
    this.#advance(now);
    this.#ongoing += 1;
  }

  end(now: number): void {
    this.#advance(now);
    this.#ongoing -= 1;
  }

  /** The average since the last report. */
  report(now: number): number {
    this.#advance(now);
    const elapsed = this.#changed - this.#reported;
    const average = elapsed === 0 ? this.#ongoing : this.#sum / elapsed;
    this.#sum = 0;
    this.#reported = this.#changed;
    return average;
  }

  #advance(now: number): void {
    // A clock that is set back must not take back what has been counted.
    const until = Math.max(now, this.#changed);
    this.#sum += this.#ongoing * (until - this.#changed);
    this.#changed = until;
  }
}
