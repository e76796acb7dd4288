import { performance } from "node:perf_hooks";

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

/**
 * Runs work that ends when its time is up or its caller has gone, whether it listens to its signal or not: nobody waits for a function that
 * hangs. What such work still returns or throws later is dropped. Work that never gives way to the event loop cannot be ended.
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
  return new Promise<T>((resolve, reject) => {
    const ending = new AbortController();
    const end = (reason: unknown): void => {
      release();
      // First of all: whoever waits gets this reason, not what the work makes of its signal.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's own
      reject(reason);
      ending.abort(reason);
    };
    const onAbort = (): void => {
      end(signal.reason);
    };
    const timer = setTimeout(() => {
      end(new DeadlineExceeded(seconds));
    }, seconds * 1000);
    const release = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    // Settling twice does nothing, so a late result or failure needs no care of its own.
    startWork(work, ending.signal).then(
      (result) => {
        release();
        resolve(result);
      },
      (error: unknown) => {
        release();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the work threw
        reject(error);
      },
    );
  });
}

/** What throws before its first `await` rejects like what throws after it. */
async function startWork<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return work(signal);
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
