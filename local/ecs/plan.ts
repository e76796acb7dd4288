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
  /** How many tasks of old revisions are to be there still, so that dead ones are replaced. Default: as many as there are. */
  readonly oldDesired?: number;
}

/** What to do now. */
export interface Step {
  /** How many tasks of the current revision to start. */
  readonly start: number;
  /** How many of the old one: for those that died or turned unhealthy, or for a greater wanted count. */
  readonly startOld: number;
  readonly stop: readonly string[];
  /** Whether the limits allow no step, now or later: the deployment never ends. */
  readonly stuck: boolean;
}

/** The least number of healthy tasks, rounded up, and the greatest number of tasks, rounded down. */
export function boundsOf(limits: Limits): { readonly lower: number; readonly upper: number } {
  const { desired, minimumHealthyPercent, maximumPercent } = limits;
  return {
    lower: Math.ceil((desired * minimumHealthyPercent) / 100),
    upper: Math.floor((desired * maximumPercent) / 100),
  };
}

/**
 * One step of the ECS service scheduler (ECS guide, "Rolling update"): at least `lower` tasks stay healthy and at most `upper` exist; a
 * replacement comes before what it replaces. Tasks on their way out count as existing: the documents disagree, and this is the reading that
 * promises less. Tasks are replaced with the revision that they belonged to (AWS, "What's New", November 2025).
 *
 * @param tasks in the order in which the scheduler would stop them.
 */
export function planStep(limits: Limits, tasks: readonly TaskFacts[]): Step {
  const { desired } = limits;
  const { lower, upper } = boundsOf(limits);
  const active = tasks.filter(({ state }) => state !== "leaving");
  const current = active.filter((task) => task.current);
  const old = active.filter((task) => !task.current);
  const spare = healthyOf(active) - lower;
  const stop = [
    ...new Set([
      ...stopOld(old, spare, healthyOf(current) >= desired),
      ...stopReplaced(old, desired),
      ...stopExcess(current, desired),
      ...stopReplaced(current, desired),
    ]),
  ];

  const missing = Math.max(0, desired - wellOf(current));
  const oldDesired = Math.min(limits.oldDesired ?? old.length, lower - healthyOf(current));
  const missingOld = Math.max(0, oldDesired - wellOf(old));
  const room = Math.max(0, upper - tasks.length);
  // What serves comes before what is new: a bad revision must cost no capacity, which is what AWS changed in November 2025.
  const startOld = Math.min(missingOld, room);
  const start = Math.min(missing, room - startOld);
  const isWaiting =
    stop.length > 0 ||
    active.length < tasks.length ||
    active.some(({ state }) => state === "starting");
  const needed = missing + missingOld > 0 && room === 0;
  const makeRoom = needed && stop.length === 0 && active.length === tasks.length;
  const unhealthy = active.find(({ state }) => state === "unhealthy");
  return {
    start,
    startOld,
    stop: makeRoom && unhealthy !== undefined ? [unhealthy.id] : stop,
    stuck: old.length > 0 && needed && !isWaiting && unhealthy === undefined,
  };
}

function healthyOf(tasks: readonly TaskFacts[]): number {
  return tasks.filter(({ state }) => state === "healthy").length;
}

function wellOf(tasks: readonly TaskFacts[]): number {
  return tasks.filter(({ state }) => state !== "unhealthy").length;
}

/** Old tasks go as new ones become healthy, those that serve nobody first; these all go once the new revision is complete. */
function stopOld(old: readonly TaskFacts[], spare: number, isComplete: boolean): string[] {
  const useless = old.filter(({ state }) => state !== "healthy");
  const serving = old.filter(({ state }) => state === "healthy");
  return idsOf([...useless, ...serving], isComplete ? Math.max(spare, useless.length) : spare);
}

/** Beyond the wanted count, of what is well: tasks that start are no more spared than those that serve, as AWS promises neither. */
function stopExcess(current: readonly TaskFacts[], desired: number): string[] {
  const well = current.filter(({ state }) => state !== "unhealthy");
  return idsOf(well, well.length - desired);
}

/** Unhealthy tasks go once their replacements no longer start. */
function stopReplaced(revision: readonly TaskFacts[], desired: number): string[] {
  if (revision.some(({ state }) => state === "starting")) return [];
  return idsOf(
    revision.filter(({ state }) => state === "unhealthy"),
    revision.length - desired,
  );
}

function idsOf(tasks: readonly TaskFacts[], count: number): string[] {
  return tasks.slice(0, Math.max(0, count)).map(({ id }) => id);
}

/** The zone of the next task: the one with the fewest, the first of them in order. */
export function chooseZone(zones: readonly string[], occupied: readonly string[]): string {
  const count = (zone: string): number => occupied.filter((other) => other === zone).length;
  return zones.reduce((best, zone) => (count(zone) < count(best) ? zone : best));
}
