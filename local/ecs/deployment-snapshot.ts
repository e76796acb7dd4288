import type { DeploymentSnapshot } from "../snapshot/snapshot.ts";
import type { Deployment } from "./deployment.ts";
import type { TaskFacts } from "./plan.ts";

/** A task as it counts for its deployment. */
export interface CountedTask {
  readonly deployment: Deployment;
  readonly state: TaskFacts["state"];
  readonly isRunning: boolean;
}

/** A deployment as DescribeServices tells of it. */
export function deploymentSnapshot(
  deployment: Deployment,
  desired: number,
  tasks: readonly CountedTask[],
): DeploymentSnapshot {
  const own = tasks.filter((task) => task.deployment === deployment);
  const isHealthy = ({ state }: CountedTask): boolean => state === "healthy";
  const [healthy, allHealthy] = [own.filter(isHealthy).length, tasks.filter(isHealthy).length];
  return {
    revision: deployment.number,
    status: deployment.status,
    rolloutState: deployment.rolloutState,
    strategy: deployment.revision.strategy,
    stage: deployment.stage,
    startedAt: deployment.startedAt,
    desired: deployment.status === "PRIMARY" ? desired : deployment.wanted,
    running: own.filter(({ isRunning, state }) => isRunning && state !== "leaving").length,
    healthy,
    failed: deployment.failedTasks,
    // Behind one target group the balancer spreads the traffic over all that are healthy.
    traffic: deployment.traffic ?? (allHealthy === 0 ? 0 : (100 * healthy) / allHealthy),
    reason: deployment.reason,
  };
}
