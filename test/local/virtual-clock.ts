import type { Cancel, Clock } from "../../local/clock.ts";

/** A clock that stands still until a test turns it. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #timers = new Map<number, { at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): Cancel {
    const key = this.#order++;
    this.#timers.set(key, { at: this.#now + milliseconds, callback });
    return () => {
      this.#timers.delete(key);
    };
  }

  /** Turns the clock forward; timers fire in order, and what they start settles before the next one. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers]
        .filter(([, { at }]) => at <= end)
        .sort(([, left], [, right]) => left.at - right.at)[0];
      if (due === undefined) break;
      const [key, { at, callback }] = due;
      this.#timers.delete(key);
      this.#now = at;
      callback();
      await settled();
    }
    this.#now = end;
  }
}

/** Lets every promise that is already resolved run its callbacks. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
