/** What decides on whether tasks are moved between zones. */
export interface ZoneSpread {
  /** The zones that tasks can be placed in. */
  readonly zones: readonly string[];
  /** The zone of each task, those of lost zones included. */
  readonly occupied: readonly string[];
  readonly maximumPercent: number;
}

/**
 * The zone in which to start a task, so that one can be stopped in the fullest: tasks are spread evenly where no two zones differ by more than
 * one (ECS guide, "Balancing an Amazon ECS service across Availability Zones"). With a maximum of 100 % there is no room for it.
 *
 * @returns undefined where nothing is to be moved.
 */
export function zoneToFill({ zones, occupied, maximumPercent }: ZoneSpread): string | undefined {
  if (maximumPercent <= 100) return undefined;
  const [first, ...others] = zones.map((zone) => ({
    zone,
    count: occupied.filter((other) => other === zone).length,
  }));
  if (first === undefined) return undefined;
  const emptiest = others.reduce((best, zone) => (zone.count < best.count ? zone : best), first);
  const fullest = others.reduce((best, zone) => (zone.count > best.count ? zone : best), first);
  return fullest.count - emptiest.count > 1 ? emptiest.zone : undefined;
}
