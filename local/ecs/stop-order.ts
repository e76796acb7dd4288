/** What decides on who goes first. */
export interface PlacedTask {
  readonly id: string;
  readonly zone: string;
}

/**
 * The order in which the scheduler stops tasks: each time one of the zone that then has the most, at random within it (ECS guide, "Task
 * placement").
 *
 * @param random from 0 to less than 1, as `Math.random`.
 */
export function inStopOrder<T extends PlacedTask>(tasks: readonly T[], random: () => number): T[] {
  const zones = new Map<string, T[]>();
  for (const task of tasks) zones.set(task.zone, [...(zones.get(task.zone) ?? []), task]);
  const ordered: T[] = [];
  while (ordered.length < tasks.length) {
    const fullest = [...zones.values()].reduce((most, zone) =>
      zone.length > most.length ? zone : most,
    );
    ordered.push(...fullest.splice(Math.floor(random() * fullest.length), 1));
  }
  return ordered;
}
