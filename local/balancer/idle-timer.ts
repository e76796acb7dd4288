import type { Cancel, Clock } from "../clock.ts";

/** Calls back when nothing has moved for a time. What moves is only noted: a timer for each byte would cost more than the byte. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #milliseconds: () => number;
  readonly #idle: () => void;
  #last: number;
  #cancel: Cancel | undefined;

  /** @param milliseconds read anew each time, so that a changed setting counts from the next wait on. */
  constructor(clock: Clock, milliseconds: () => number, idle: () => void) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
    this.#idle = idle;
    this.#last = clock.now();
    this.#arm(milliseconds());
  }

  touch(): void {
    this.#last = this.#clock.now();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(milliseconds: number): void {
    this.#cancel = this.#clock.after(milliseconds, () => {
      const rest = this.#last + this.#milliseconds() - this.#clock.now();
      if (rest > 0) {
        this.#arm(rest);
        return;
      }
      // Who goes on after this has had a new byte, or is closed.
      this.touch();
      this.#arm(this.#milliseconds());
      this.#idle();
    });
  }
}
