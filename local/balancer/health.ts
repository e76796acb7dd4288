import type { HealthCheck } from "../graph/target-groups.ts";

/** A target's states, by AWS's names; `unused` is one in a zone that the load balancer does not have. */
export type TargetState = "initial" | "healthy" | "unhealthy" | "draining" | "unused";

/** What the checks of one node have said of a target. */
export interface Health {
  readonly state: TargetState;
  /** Results of the same kind in a row: passed checks if positive, failed ones if negative. */
  readonly streak: number;
}

/**
 * What a check's result makes of a target (ELB guide, "Health checks"): the first pass of a new target makes it healthy, whatever the
 * threshold; from then on it takes as many results in a row as the thresholds say.
 */
export function afterCheck({ state, streak }: Health, check: HealthCheck, passed: boolean): Health {
  const row = passed ? Math.max(streak, 0) + 1 : Math.min(streak, 0) - 1;
  return { state: stateAfter(state, row, check), streak: row };
}

function stateAfter(state: TargetState, streak: number, check: HealthCheck): TargetState {
  if (state === "draining" || state === "unused") return state;
  if (streak > 0) {
    return state === "initial" || streak >= check.healthyThreshold ? "healthy" : state;
  }
  return -streak >= check.unhealthyThreshold ? "unhealthy" : state;
}

/**
 * The one state that DescribeTargetHealth tells of nodes that may disagree. AWS does not say how it comes to it. Here all nodes must agree before it
 * changes: a new target counts as healthy later, and a dead one is replaced later, than if one node were enough.
 *
 * @param before what was told last.
 * @param views of the nodes that are alive.
 */
export function describedState(before: TargetState, views: readonly TargetState[]): TargetState {
  const [first] = views;
  return first !== undefined && views.every((view) => view === first) ? first : before;
}

/** Whether a status code is one that the matcher names. */
export function isMatch(matcher: string, status: number): boolean {
  return matcher.split(",").some((part) => {
    const [least, most = least] = part.split("-").map(Number);
    return least !== undefined && most !== undefined && status >= least && status <= most;
  });
}
