import type { EcsService } from "../graph/services.ts";
import type { DeploymentSnapshot } from "../snapshot/snapshot.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { LaunchThrottle } from "./launch-throttle.ts";
import type { LifecycleStage } from "./shift-stages.ts";

/** One revision of a service, and how far it has come. A rollback takes up an earlier one again. */
export class Deployment {
  /** Counts from 1. */
  readonly number: number;
  readonly revision: EcsService;
  readonly startedAt: number;
  /** A new task definition is held back by nothing that befell another. */
  readonly throttle = new LaunchThrottle();
  breaker: CircuitBreaker;
  status: DeploymentSnapshot["status"] = "PRIMARY";
  rolloutState: DeploymentSnapshot["rolloutState"] = "IN_PROGRESS";
  stage: LifecycleStage | undefined;
  reason: string | undefined;
  readonly #failedTasks = new Set<string>();
  /** How many tasks of it are to be there while another revision takes over. */
  wanted = 0;
  /** Whether its tasks are in the second target groups, and the traffic of the first ones is another's. */
  readonly isAlternate: boolean;
  /** Its share of the production traffic, in percent; undefined where nothing is shifted. */
  traffic: number | undefined;

  constructor(
    number: number,
    revision: EcsService,
    start: { readonly now: number; readonly desired: number; readonly isAlternate: boolean },
  ) {
    this.number = number;
    this.revision = revision;
    this.startedAt = start.now;
    this.isAlternate = start.isAlternate;
    this.breaker = breakerOf(revision, start.desired);
  }

  get isInProgress(): boolean {
    return this.rolloutState === "IN_PROGRESS";
  }

  /** How many of its tasks did not start, or were condemned by health checks. */
  get failedTasks(): number {
    return this.#failedTasks.size;
  }

  /** @returns whether the task had not been counted yet. */
  countFailure(task: string): boolean {
    if (this.#failedTasks.has(task)) return false;
    this.#failedTasks.add(task);
    return true;
  }

  /** Becomes what the service runs, again. */
  resume(desired: number, reason: string): void {
    this.status = "PRIMARY";
    this.rolloutState = "IN_PROGRESS";
    this.stage = undefined;
    this.reason = reason;
    this.breaker = breakerOf(this.revision, desired);
  }

  /** Where its tasks are registered, and with which port of theirs. */
  get targets(): readonly { readonly targetGroupArn: string; readonly containerPort: number }[] {
    return this.revision.loadBalancers.map(({ targetGroupArn, shift, containerPort }) => ({
      targetGroupArn: this.isAlternate
        ? (shift?.alternateTargetGroupArn ?? targetGroupArn)
        : targetGroupArn,
      containerPort,
    }));
  }
}

function breakerOf({ circuitBreaker }: EcsService, desired: number): CircuitBreaker {
  return new CircuitBreaker(desired, circuitBreaker.enable);
}
