import type { Cancellation } from "../../../runtime/cancellation.ts";
import type { Clock } from "../../../runtime/telemetry/clock.ts";

/** Why nobody waits for a call any longer. */
export type EndReason = "timeout" | "cancelled";

/** Thrown to whoever waits, when the time is over or the caller has gone. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
  readonly reason: EndReason;
  /** Whether a byte of the request may have left by then. */
  readonly sent: boolean;

  constructor(reason: EndReason, sent = false) {
    super(`The call has ended: ${reason}.`);
    this.reason = reason;
    this.sent = sent;
  }
}

/** The time that a call has, and the will of its caller, in one. Cheaper than `AbortSignal.any`: there is one for each call. */
export class Deadline {
  readonly #stopTimer: () => void;
  readonly #forgetCaller: (() => void) | undefined;
  #listeners: Set<(reason: EndReason) => void> | undefined;
  /** Undefined as long as somebody waits. */
  passed: EndReason | undefined;

  constructor(clock: Clock, milliseconds: number, cancellation?: Cancellation) {
    if (cancellation?.aborted === true) this.passed = "cancelled";
    this.#stopTimer = clock.after(milliseconds, this.#timedOut);
    this.#forgetCaller = cancellation?.onAbort(this.#aborted);
  }

  // Closures made in a constructor would outlive the call: see `openCall`.
  readonly #timedOut = (): void => {
    this.#pass("timeout");
  };

  readonly #aborted = (): void => {
    this.#pass("cancelled");
  };

  #pass(reason: EndReason): void {
    if (this.passed !== undefined) return;
    this.passed = reason;
    for (const listener of [...(this.#listeners ?? [])]) listener(reason);
  }

  throwIfPassed(): void {
    if (this.passed !== undefined) throw new DeadlinePassed(this.passed);
  }

  /** Calls back when it passes; returns what forgets that. */
  onPass(listener: (reason: EndReason) => void): () => void {
    const listeners = (this.#listeners ??= new Set());
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** The result of work that others may wait for, too: it goes on when this one has passed. */
  async wait<T>(work: Promise<T>): Promise<T> {
    this.throwIfPassed();
    const { promise, reject } = Promise.withResolvers<never>();
    const forget = this.onPass((reason) => {
      reject(new DeadlinePassed(reason));
    });
    try {
      return await Promise.race([work, promise]);
    } finally {
      forget();
    }
  }

  /** The call has ended. */
  end(): void {
    this.#stopTimer();
    this.#forgetCaller?.();
    this.#listeners = undefined;
  }
}
