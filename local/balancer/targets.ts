import type { HealthCheck, TargetGroup } from "../graph/target-groups.ts";

/** A target's states, by AWS's names. */
export type TargetState = "initial" | "healthy" | "unhealthy" | "draining";

/** One registered target. */
export interface Target {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  state: TargetState;
  /** Results of the same kind in a row: passed checks if positive, failed ones if negative. */
  streak: number;
  /** Requests sent to it that are not finished. */
  outstanding: number;
}

/** A target that has just been registered. */
export function newTarget(id: string, address: string, port: number): Target {
  return { id, address, port, state: "initial", streak: 0, outstanding: 0 };
}

/**
 * What a check's result makes of a target (ELB guide, "Health checks"): the first pass of a new target makes it healthy, whatever the
 * threshold; from then on it takes as many results in a row as the thresholds say.
 */
export function observe(target: Target, check: HealthCheck, passed: boolean): TargetState {
  target.streak = passed ? Math.max(target.streak, 0) + 1 : Math.min(target.streak, 0) - 1;
  if (target.state === "draining") return target.state;
  if (passed) {
    if (target.state === "initial" || target.streak >= check.healthyThreshold)
      target.state = "healthy";
  } else if (-target.streak >= check.unhealthyThreshold) {
    target.state = "unhealthy";
  }
  return target.state;
}

/** Whether a status code is one that the matcher names. */
export function isMatch(matcher: string, status: number): boolean {
  return matcher.split(",").some((part) => {
    const [least, most = least] = part.split("-").map(Number);
    return least !== undefined && most !== undefined && status >= least && status <= most;
  });
}

/**
 * The target of the next request. Healthy ones first; where none is, the group fails open: an ALB then sends to every
 * registered target, whatever its state.
 *
 * @param maxConcurrency how many requests a target takes at once (ELB guide, "Target optimizer").
 * @param turn how many requests this group has had, for round robin.
 * @returns undefined where nothing is registered, or no target has a place left.
 */
export function chooseTarget(
  targets: readonly Target[],
  algorithm: TargetGroup["algorithm"],
  turn: number,
  maxConcurrency: number,
): Target | undefined {
  const registered = targets.filter(({ state }) => state !== "draining");
  const healthy = registered.filter(({ state }) => state === "healthy");
  const candidates = (healthy.length > 0 ? healthy : registered).filter(
    ({ outstanding }) => outstanding < maxConcurrency,
  );
  if (candidates.length === 0) return undefined;
  // Beginning at the turn's place settles ties of the fewest outstanding requests by round robin.
  const start = turn % candidates.length;
  const inTurn = [...candidates.slice(start), ...candidates.slice(0, start)];
  return algorithm === "round_robin"
    ? inTurn[0]
    : inTurn.reduce((best, target) => (target.outstanding < best.outstanding ? target : best));
}
