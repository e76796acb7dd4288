import { circuitBreakerThreshold } from "./plan.ts";

/** Counts the failures of one deployment (ECS guide, "Deployment circuit breaker"). */
export class CircuitBreaker {
  readonly #threshold: number;
  readonly #counted = new Set<string>();
  #failures = 0;

  /** @param enabled whether the service declares one; without it no count ends a deployment. */
  constructor(desired: number, enabled: boolean) {
    this.#threshold = enabled ? circuitBreakerThreshold(desired) : Number.POSITIVE_INFINITY;
  }

  get failures(): number {
    return this.#failures;
  }

  /** A healthy task proves the revision: the count begins anew. */
  healthy(): void {
    this.#failures = 0;
  }

  /**
   * Counts a task once.
   *
   * @returns whether the deployment has failed by it.
   */
  failed(task: string): boolean {
    if (this.#counted.has(task)) return false;
    this.#counted.add(task);
    this.#failures++;
    return this.#failures === this.#threshold;
  }
}
