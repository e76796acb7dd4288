import type { RestartPolicy } from "../graph/container-definition.ts";

/** How a container ended. */
export interface ContainerEnd {
  readonly exitCode: number;
  /** Since its first or last start. */
  readonly ranSeconds: number;
}

/**
 * Whether a container that has ended is started again in its place (API ContainerRestartPolicy): it must have run for the period, which is also what keeps it
 * to one restart a period.
 */
export function restarts(policy: RestartPolicy | undefined, end: ContainerEnd): boolean {
  return (
    policy?.enabled === true &&
    !policy.ignoredExitCodes.includes(end.exitCode) &&
    end.ranSeconds >= policy.restartAttemptPeriod
  );
}
