/** Calls that come whatever becomes of those before, so many a second: a server that slows down gets no mercy. */
export class Arrivals {
  #rate = 0;
  #owed = 0;
  #at = 0;

  /** @param now in milliseconds. */
  setRate(callsPerSecond: number, now: number): void {
    this.#advance(now);
    this.#rate = callsPerSecond;
  }

  /** How many calls are due since it was asked last. */
  take(now: number): number {
    this.#advance(now);
    const due = Math.floor(this.#owed);
    this.#owed -= due;
    return due;
  }

  #advance(now: number): void {
    this.#owed += ((now - this.#at) * this.#rate) / 1000;
    this.#at = now;
  }
}
