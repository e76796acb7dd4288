import type { HealthStatus } from "./container-health.ts";
import type { Deployment } from "./deployment.ts";
import type { TaskFacts } from "./plan.ts";
import type { RunningTask } from "./running-task.ts";
import type { ServiceSurroundings } from "./surroundings.ts";
import { stateOf } from "./task-health.ts";

/** A task, and what its service knows of it. */
export interface ScheduledTask {
  readonly running: RunningTask;
  readonly deployment: Deployment;
  /** Whether its zone has lost power: nobody hears of its end. */
  cutOff: boolean;
  /** Whether all of its processes have ended. */
  ended: boolean;
}

/** How the scheduler sees a task now. */
export function observed(
  { running, deployment }: ScheduledTask,
  { clock, targetGroup }: Pick<ServiceSurroundings, "clock" | "targetGroup">,
): TaskFacts["state"] {
  const { task, leaving, runningSince, everHealthy } = running;
  return stateOf({
    now: clock.now(),
    leaving,
    runningSince,
    everHealthy,
    gracePeriodSeconds: deployment.revision.healthCheckGracePeriodSeconds,
    targets: deployment.targets.map(
      ({ targetGroupArn }) => targetGroup(targetGroupArn)?.state(task.id) ?? "unused",
    ),
    containers: containerHealth(task),
  });
}

/** Undefined where no essential container has a check; those without one do not hold back those that have. */
function containerHealth(task: RunningTask["task"]): HealthStatus | undefined {
  const hasCheck = task.definition.containers.some(
    ({ essential, healthCheck }) => essential && healthCheck !== undefined,
  );
  if (!hasCheck) return undefined;
  if (task.passesHealthChecks) return "HEALTHY";
  return task.healthStatus === "UNHEALTHY" ? "UNHEALTHY" : "UNKNOWN";
}
