import type { HealthStatus } from "./container-health.ts";
import type { TaskFacts } from "./plan.ts";

/** A task without any check counts as healthy so long after it has come to RUNNING (API DeploymentConfiguration). */
export const UNCHECKED_MILLISECONDS = 40_000;

/** What decides on how the scheduler sees a task. */
export interface TaskObservation {
  readonly now: number;
  readonly leaving: boolean;
  /** Undefined before RUNNING. */
  readonly runningSince: number | undefined;
  readonly everHealthy: boolean;
  readonly gracePeriodSeconds: number;
  /** What each of its target groups says of it. */
  readonly targets: readonly string[];
  /** Undefined where no essential container has a health check. */
  readonly containers: HealthStatus | undefined;
}

/**
 * How the scheduler sees a task (API DeploymentConfiguration, `minimumHealthyPercent`): healthy where its target groups and its containers' checks
 * say so, whichever of them it has. Within the grace period failed checks do not count.
 */
export function stateOf(seen: TaskObservation): TaskFacts["state"] {
  const { now, leaving, runningSince, targets, containers } = seen;
  if (leaving) return "leaving";
  if (runningSince === undefined) return "starting";
  const age = now - runningSince;
  const checks = [...targets, ...(containers === undefined ? [] : [containers.toLowerCase()])];
  if (checks.length === 0) return age >= UNCHECKED_MILLISECONDS ? "healthy" : "starting";
  if (checks.every((check) => check === "healthy")) return "healthy";
  const graceOver = age >= seen.gracePeriodSeconds * 1000;
  if (graceOver && checks.includes("unhealthy")) return "unhealthy";
  return seen.everHealthy ? "healthy" : "starting";
}
