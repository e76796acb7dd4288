/** How many failures end a deployment (API ThresholdConfiguration). */
export interface BreakerThreshold {
  /** `COUNT`: the value itself. The others: the value in percent of the wanted count, the bounded one between 3 and 200. */
  readonly type: "BOUNDED_PERCENT" | "UNBOUNDED_PERCENT" | "COUNT";
  readonly value: number;
}

/** What holds where a service says no more than that it wants a circuit breaker. */
export const DEFAULT_THRESHOLD: BreakerThreshold = { type: "BOUNDED_PERCENT", value: 50 };

/** How many failures end a deployment of so many tasks (ECS guide, "Deployment circuit breaker"). */
export function circuitBreakerThreshold(
  desired: number,
  { type, value }: BreakerThreshold = DEFAULT_THRESHOLD,
): number {
  const share = Math.ceil((desired * value) / 100);
  switch (type) {
    case "BOUNDED_PERCENT":
      return Math.min(200, Math.max(3, share));
    case "UNBOUNDED_PERCENT":
      // Of no tasks or of few, a share of 0 would end a deployment before its first failure.
      return Math.max(1, share);
    case "COUNT":
      return value;
  }
}

/** How a circuit breaker counts. */
export interface BreakerSettings {
  readonly threshold: BreakerThreshold;
  /** Whether a healthy task takes the count back to 0. */
  readonly resetOnHealthyTask: boolean;
}

/** What AWS counts by where nothing else is said, since July 2026. */
const DEFAULT_SETTINGS: BreakerSettings = {
  threshold: DEFAULT_THRESHOLD,
  resetOnHealthyTask: true,
};

/** What made a task fail. */
export type TaskFailure = "not-running" | "exited-before-healthy" | "health-check";

/**
 * Counts the failures of one deployment (ECS guide, "Deployment circuit breaker"). Until one of its tasks is RUNNING, those count that do not
 * get there; from then on those that health checks condemn. Whether a task counts that runs and exits before any check is not documented;
 * people see that it does.
 */
export class CircuitBreaker {
  readonly #threshold: number;
  readonly #resets: boolean;
  readonly #counted = new Set<string>();
  #failures = 0;
  #oneRan = false;

  /** @param enabled whether the service declares one; without it no count ends a deployment. */
  constructor(desired: number, enabled: boolean, settings: BreakerSettings = DEFAULT_SETTINGS) {
    this.#threshold = enabled
      ? circuitBreakerThreshold(desired, settings.threshold)
      : Number.POSITIVE_INFINITY;
    this.#resets = settings.resetOnHealthyTask;
  }

  get failures(): number {
    return this.#failures;
  }

  /** A task is RUNNING: the second stage begins. */
  running(): void {
    this.#oneRan = true;
  }

  /** A task has become healthy, which proves the revision: the count begins anew. */
  healthy(): void {
    if (this.#resets) this.#failures = 0;
  }

  /**
   * Counts a task once.
   *
   * @returns whether the deployment has failed by it.
   */
  failed(task: string, failure: TaskFailure = "health-check"): boolean {
    if (this.#counted.has(task) || (failure === "not-running" && this.#oneRan)) return false;
    this.#counted.add(task);
    this.#failures++;
    return this.#failures === this.#threshold;
  }
}
