/** A target that may have the next request. */
export interface Candidate {
  readonly id: string;
  /** Requests sent to it that are not finished. */
  readonly outstanding: number;
  /** Its share beside the others'; 1 is a full one. */
  readonly weight: number;
}

/** What round robin owes each target, by its id. */
export type Credits = ReadonlyMap<string, number>;

/**
 * Each in turn; one in slow start less often, spread over the others' turns (the smooth weighted round robin of nginx: AWS documents shares, and
 * no order).
 *
 * @returns the chosen one, and the credits for the next call; those of targets that are no candidates now are forgotten.
 */
export function roundRobin<T extends Candidate>(
  candidates: readonly T[],
  credits: Credits,
): { readonly chosen: T | undefined; readonly credits: Credits } {
  const owed = new Map(candidates.map(({ id, weight }) => [id, (credits.get(id) ?? 0) + weight]));
  const chosen = candidates.reduce<T | undefined>(
    (best, candidate) =>
      best === undefined || creditOf(owed, candidate) > creditOf(owed, best) ? candidate : best,
    undefined,
  );
  if (chosen !== undefined) owed.set(chosen.id, creditOf(owed, chosen) - totalWeight(candidates));
  return { chosen, credits: owed };
}

/**
 * The one with the fewest outstanding requests. AWS names no rule for ties: they are settled in turn here.
 *
 * @param turn how many choices have been made before.
 */
export function leastOutstandingRequests<T extends Candidate>(
  candidates: readonly T[],
  turn: number,
): T | undefined {
  const fewest = Math.min(...candidates.map(({ outstanding }) => outstanding));
  const tied = candidates.filter(({ outstanding }) => outstanding === fewest);
  return tied[turn % tied.length];
}

/** @param random at least 0, and less than 1. */
export function weightedRandom<T extends Candidate>(
  candidates: readonly T[],
  random: number,
): T | undefined {
  let rest = random * totalWeight(candidates);
  for (const candidate of candidates) {
    rest -= candidate.weight;
    if (rest < 0) return candidate;
  }
  return candidates.at(-1);
}

function creditOf(credits: Credits, { id }: Candidate): number {
  return credits.get(id) ?? 0;
}

function totalWeight(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, { weight }) => sum + weight, 0);
}
