/** What the scheduler knows of a task. */
export interface TaskFacts {
  readonly id: string;
  /** Whether it runs the revision that the service is being moved to. */
  readonly current: boolean;
  /** `leaving` from the moment it is deregistered until its process has ended. */
  readonly state: "starting" | "healthy" | "unhealthy" | "leaving";
}

/** How far a deployment may go (ECS guide, "Rolling update"). */
export interface Limits {
  readonly desired: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
}

/** What to do now. */
export interface Step {
  readonly start: number;
  readonly stop: readonly string[];
}

/**
 * One step of the ECS service scheduler, from aws-behaviour notes of the ECS guide: at least `ceil(desired × minimum %)` tasks stay healthy
 * and at most `floor(desired × maximum %)` exist; a replacement comes before what it replaces. Tasks on their way out count as existing: the
 * documents disagree, and this is the reading that promises less.
 */
export function planStep(limits: Limits, tasks: readonly TaskFacts[]): Step {
  const lower = Math.ceil((limits.desired * limits.minimumHealthyPercent) / 100);
  const upper = Math.floor((limits.desired * limits.maximumPercent) / 100);
  const active = tasks.filter(({ state }) => state !== "leaving");
  const wanted = active.filter(({ current, state }) => current && state !== "unhealthy");
  const start = Math.max(0, Math.min(limits.desired - wanted.length, upper - tasks.length));

  const healthy = active.filter(({ state }) => state === "healthy").length;
  return {
    start,
    stop: [...stopOld(active, healthy - lower), ...stopSurplus(active, limits.desired)],
  };
}

/** Old tasks go as new ones become healthy; those that serve nobody go first, and never hold a place that a healthy one needs. */
function stopOld(active: readonly TaskFacts[], spare: number): string[] {
  const old = active.filter(({ current }) => !current);
  const useless = old.filter(({ state }) => state !== "healthy");
  const serving = old.filter(({ state }) => state === "healthy");
  // An unhealthy task is stopped when there is room for its absence, like any other (ECS guide: replacement first).
  return [...useless, ...serving].slice(0, Math.max(0, spare)).map(({ id }) => id);
}

/** Tasks of the current revision beyond the wanted count go once none is still starting; the unhealthy ones first. */
function stopSurplus(active: readonly TaskFacts[], desired: number): string[] {
  const current = active.filter((task) => task.current);
  if (current.some(({ state }) => state === "starting")) return [];
  const surplus = Math.max(0, current.length - desired);
  const unhealthy = current.filter(({ state }) => state === "unhealthy");
  const healthy = current.filter(({ state }) => state === "healthy");
  return [...unhealthy, ...healthy].slice(0, surplus).map(({ id }) => id);
}

/** How many failures end a deployment: half the wanted count, at least 3, at most 200 (ECS guide, "Deployment circuit breaker"). */
export function circuitBreakerThreshold(desired: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desired / 2)));
}

/** The zone of the next task: the one with the fewest, the first of them in order. */
export function chooseZone(zones: readonly string[], occupied: readonly string[]): string {
  const count = (zone: string): number => occupied.filter((other) => other === zone).length;
  return zones.reduce((best, zone) => (count(zone) < count(best) ? zone : best));
}
