/** What decides on a target's slow start. */
export interface SlowStartFacts {
  readonly state: string;
  /** When it entered, in milliseconds of the clock; undefined where it did not. */
  readonly slowStartAt: number | undefined;
}

/**
 * Whether a target that has just turned healthy enters slow start: only beside a healthy one that is not in it (ELB guide, "Slow start mode"). So the
 * first targets of an empty group never do.
 *
 * @param others the other targets, as the same node sees them.
 * @param durationSeconds 0 switches slow start off.
 */
export function entersSlowStart(
  others: readonly SlowStartFacts[],
  durationSeconds: number,
  now: number,
): boolean {
  return (
    durationSeconds > 0 &&
    others.some(
      ({ state, slowStartAt }) =>
        state === "healthy" && slowStartWeight(slowStartAt, durationSeconds, now) === 1,
    )
  );
}

/** A target's share beside those that have a full one. AWS says "linearly"; that the line begins at 0 is inferred. */
export function slowStartWeight(
  slowStartAt: number | undefined,
  durationSeconds: number,
  now: number,
): number {
  if (slowStartAt === undefined || durationSeconds === 0) return 1;
  return Math.min(1, (now - slowStartAt) / (durationSeconds * 1000));
}
