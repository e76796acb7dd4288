/** The first wait before a process is started again, in milliseconds; each further one is twice as long. */
const FIRST_MILLISECONDS = 100;

const LONGEST_MILLISECONDS = 10_000;

/** A process that could be asked for this long, in milliseconds, has not failed to start: the waits begin anew. */
export const STABLE_MILLISECONDS = 10_000;

/** How many exits, within how many milliseconds, say that starting the server again is of no use. */
const MOST_EXITS = 5;
const WINDOW_MILLISECONDS = 60_000;

/**
 * How long to wait before a process is started again, in milliseconds: at random between half the time and all of it, so that several do not
 * start as one.
 *
 * @param failures how many have ended in a row, 1 or more.
 * @param random 0 to 1.
 */
export function respawnDelay(failures: number, random: number): number {
  const longest = Math.min(FIRST_MILLISECONDS * 2 ** (failures - 1), LONGEST_MILLISECONDS);
  return longest * (0.5 + random / 2);
}

/** Counts exits that nobody asked for. */
export interface Exits {
  add(now: number): void;
  /** Whether there have been five within a minute: the task is to be replaced. */
  tooMany(now: number): boolean;
}

export function countExits(): Exits {
  let times: number[] = [];
  const recent = (now: number): number[] =>
    times.filter((time) => now - time < WINDOW_MILLISECONDS);
  return {
    add: (now) => {
      times = [...recent(now), now].slice(-MOST_EXITS);
    },
    tooMany: (now) => recent(now).length >= MOST_EXITS,
  };
}
