/** Chance that comes out the same every time. */
export interface Random {
  /** A number of [0, 1). */
  next(): number;
  pick<T>(values: readonly T[]): T;
  /** Each with a chance of one half. */
  some<T>(values: readonly T[]): readonly T[];
  /** Up to so many characters of those. */
  text(characters: string, most: number): string;
}

/** Runs a property with many seeds; the message of a failure says which. */
export function randomly(runs: number, property: (random: Random) => void): void {
  for (let seed = 1; seed <= runs; seed += 1)
    try {
      property(createRandom(seed));
    } catch (error) {
      throw new Error(`It fails with the seed ${seed}.`, { cause: error });
    }
}

export function createRandom(seed: number): Random {
  // mulberry32
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <T>(values: readonly T[]): T => {
    const value = values[Math.floor(next() * values.length)];
    if (value === undefined) throw new Error("There is nothing to pick.");
    return value;
  };
  return {
    next,
    pick,
    some: (values) => values.filter(() => next() < 0.5),
    text: (characters, most) =>
      Array.from({ length: Math.floor(next() * (most + 1)) }, () =>
        pick(Array.from(characters)),
      ).join(""),
  };
}
