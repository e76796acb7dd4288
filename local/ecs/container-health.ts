import type { HealthCheck } from "../graph/container-definition.ts";

/** What ECS says of the health of a container or a task. */
export type HealthStatus = "UNKNOWN" | "HEALTHY" | "UNHEALTHY";

/** What the checks of a container have come to. */
export interface Health {
  readonly status: HealthStatus;
  /** Failures in a row that count. */
  readonly failures: number;
  /** Whether one has ever passed: it ends the start period. */
  readonly passed: boolean;
}

export const UNKNOWN_HEALTH: Health = { status: "UNKNOWN", failures: 0, passed: false };

/**
 * The health after one more check (API HealthCheck). That the moment at which a check begins decides on the start period is Docker's rule.
 *
 * @param startedSeconds how long after the start of the container the check began.
 */
export function judged(
  { retries, startPeriod }: Pick<HealthCheck, "retries" | "startPeriod">,
  before: Health,
  passed: boolean,
  startedSeconds: number,
): Health {
  if (passed) return { status: "HEALTHY", failures: 0, passed: true };
  if (!before.passed && startedSeconds < startPeriod) return before;
  const failures = before.failures + 1;
  return { ...before, failures, status: failures >= retries ? "UNHEALTHY" : before.status };
}

/** The health of a task from that of its essential containers; one of which nobody knows leaves it unknown. */
export function taskHealth(essential: readonly HealthStatus[]): HealthStatus {
  if (essential.includes("UNHEALTHY")) return "UNHEALTHY";
  return essential.length === 0 || essential.includes("UNKNOWN") ? "UNKNOWN" : "HEALTHY";
}
