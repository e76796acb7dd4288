import { performance } from "node:perf_hooks";
import { cancellationOf, LightAbortController, type Cancellation } from "../cancellation.ts";

/** The time for a piece of work was up. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
  /** How long the work had, in seconds. */
  readonly seconds: number;

  constructor(seconds: number) {
    super(`The work took longer than the ${seconds} seconds that it had.`);
    this.seconds = seconds;
  }
}

/** Why and when a call ends before its work does: its time is up, or its caller has gone. */
export class CallEnding extends LightAbortController {
  readonly #seconds: number;
  #timer: NodeJS.Timeout | undefined;
  #forgetCaller: (() => void) | undefined;

  /** @param seconds how long the work may take, above 0 and up to 2147483 (the longest timer that Node has). */
  constructor(seconds: number) {
    super();
    this.#seconds = seconds;
  }

  /**
   * Waits for work, whether it listens to this or not: nobody waits for what hangs. What such work still returns or throws later is dropped.
   *
   * @param work begins it.
   * @param leaving tells that the caller has gone.
   * @throws {DeadlineExceeded} when time is up; the reason of `leaving` when the caller has gone; else what the work throws.
   */
  run<T>(work: () => Promise<T>, leaving: Cancellation): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (leaving.aborted) this.abort(leaving.reason);
      else
        this.#forgetCaller = leaving.onAbort(() => {
          this.#end(leaving.reason);
        });
      // The first to listen: whoever waits gets this reason, not what the work makes of its signal.
      const end = (): void => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's own
        reject(this.reason);
      };
      if (this.aborted) {
        end();
        return;
      }
      this.onAbort(end);
      this.#timer = setTimeout(expire, this.#seconds * 1000, this);
      begun(work).then(
        (result) => {
          this.#release();
          resolve(result);
        },
        (error: unknown) => {
          this.#release();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the work threw
          reject(error);
        },
      );
    });
  }

  /** The time is up. */
  expire(): void {
    this.#end(new DeadlineExceeded(this.#seconds));
  }

  #end(reason: unknown): void {
    this.#release();
    this.abort(reason);
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#forgetCaller?.();
  }
}

/** What throws before its first `await` rejects like what throws after it. */
function begun<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the work threw
    return Promise.reject(error);
  }
}

function expire(ending: CallEnding): void {
  ending.expire();
}

/**
 * Runs work that ends when its time is up or its caller has gone, whether it listens to its signal or not: see {@link CallEnding}. Work that
 * never gives way to the event loop cannot be ended.
 *
 * @param seconds how long the work may take, above 0 and up to 2147483 (the longest timer that Node has).
 * @param signal aborts when the caller has gone.
 * @param work gets a signal that aborts with the same reason as this function rejects with.
 * @returns what the work gives.
 * @throws {DeadlineExceeded} when time is up; the reason of `signal` when that aborts; else what the work throws.
 */
export function withDeadline<T>(
  seconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new CallEnding(seconds);
  return ending.run(() => work(ending.signal), cancellationOf(signal));
}

/**
 * Waits for functions that go on after their call has ended, such as those that are deaf to their signal: they take the room that they had.
 * What is still not done at the deadline may never be.
 *
 * @param deadline by the clock of `performance`, in milliseconds.
 */
export async function settledBefore(
  deadline: number,
  working: readonly Promise<unknown>[],
): Promise<void> {
  const left = deadline - performance.now();
  if (working.length === 0 || left <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, left).unref();
  });
  await Promise.race([Promise.allSettled(working), over]);
  clearTimeout(timer);
}
