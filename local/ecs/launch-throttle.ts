const MINUTE_MILLISECONDS = 60_000;
const LONGEST_MINUTES = 27;

/**
 * How long the scheduler waits after so many tasks in a row that never came to RUNNING (ECS guide, "Service throttle logic"): 27 minutes at most. The
 * schedule is not published, nor from which failure on it holds; 1, 2, 4 … minutes from the first on promise no more than AWS does.
 */
export function throttleDelayMilliseconds(failures: number): number {
  if (failures === 0) return 0;
  return Math.min(LONGEST_MINUTES, 2 ** (failures - 1)) * MINUTE_MILLISECONDS;
}

/** Holds back the launches of one revision whose tasks go from PENDING to STOPPED. */
export class LaunchThrottle {
  #failures = 0;
  #until = 0;

  /** A task has stopped without having been RUNNING. */
  failed(now: number): void {
    // Tasks that were started together fail together: they are one attempt.
    if (now < this.#until) return;
    this.#failures++;
    this.#until = now + throttleDelayMilliseconds(this.#failures);
  }

  /** A task is RUNNING. */
  running(): void {
    this.#failures = 0;
    this.#until = 0;
  }

  /** How long launches still wait. */
  remaining(now: number): number {
    return Math.max(0, this.#until - now);
  }
}
