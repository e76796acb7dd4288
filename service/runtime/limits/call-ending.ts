import { LightAbortController, type Cancellation } from "../cancellation.ts";
import { DeadlineExceeded } from "./deadline.ts";

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
