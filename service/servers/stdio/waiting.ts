import type { Cancellation } from "../../runtime/cancellation.ts";
import type { Clock } from "../../runtime/telemetry/clock.ts";
import { NoChild, Unanswered } from "./failures.ts";

/** Requests that wait for something there are few of, first come first served. */
export interface Waiting<T> {
  readonly length: number;
  /**
   * Waits.
   *
   * @throws {NoChild} at once where too many wait, and after a time, {@link Unanswered} where nobody waits any more.
   */
  wait(cancellation: Cancellation): Promise<T>;
  /** Gives one to whoever has waited longest; false where nobody waits. */
  give(thing: T): boolean;
  /** Refuses all. */
  close(): void;
}

interface Waiter<T> {
  readonly resolve: (thing: T) => void;
  readonly reject: (error: Error) => void;
}

export function createWaiting<T>(options: {
  readonly most: number;
  readonly milliseconds: number;
  readonly clock: Clock;
}): Waiting<T> {
  // Sets keep the order of insertion, and forget one in the middle at no cost.
  const waiters = new Set<Waiter<T>>();
  return {
    get length() {
      return waiters.size;
    },
    wait: (cancellation) =>
      new Promise((resolve, reject) => {
        if (cancellation.aborted) {
          reject(new Unanswered("cancelled"));
          return;
        }
        if (waiters.size >= options.most) {
          reject(new NoChild("The server has more requests than it can work on. Try again."));
          return;
        }
        const settle = (): void => {
          waiters.delete(waiter);
          stopTimer();
          forgetCaller();
        };
        const waiter: Waiter<T> = {
          resolve: (thing) => {
            settle();
            resolve(thing);
          },
          reject: (error) => {
            settle();
            reject(error);
          },
        };
        const stopTimer = options.clock.after(options.milliseconds, () => {
          waiter.reject(new NoChild("The server is busy with other requests. Try again."));
        });
        const forgetCaller = cancellation.onAbort(() => {
          waiter.reject(new Unanswered("cancelled"));
        });
        waiters.add(waiter);
      }),
    give: (thing) => {
      for (const waiter of waiters) {
        waiter.resolve(thing);
        return true;
      }
      return false;
    },
    close: () => {
      for (const waiter of waiters) waiter.reject(new NoChild("The server is ending. Try again."));
    },
  };
}
