/** As many values are kept as they are; more become a histogram. */
const MOST_EXACT_VALUES = 100;

/** The bounds of a class of the histogram lie this far apart, so that a value in its middle is at most 1 % off. */
const GROWTH = 1.02;

const LOGARITHM = Math.log(GROWTH);

/** Where zero is counted, which has no logarithm. */
const ZERO = Number.NEGATIVE_INFINITY;

/**
 * Values of which percentiles are asked for, in little memory: percentiles of up to a hundred values are exact, those of more at most 1 % off.
 * CloudWatch keeps no percentiles of negative values; here they are counted as zero is, below all others.
 */
export class Distribution {
  #values: number[] | undefined = [];
  readonly #classes = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number, times = 1): void {
    this.#count += times;
    if (this.#values !== undefined && this.#count <= MOST_EXACT_VALUES) {
      for (let time = 0; time < times; time++) this.#values.push(value);
      return;
    }
    if (this.#values !== undefined) {
      for (const exact of this.#values) this.#classify(exact, 1);
      this.#values = undefined;
    }
    this.#classify(value, times);
  }

  merge(other: Distribution): void {
    for (const [value, times] of other.sorted()) this.add(value, times);
  }

  /** Each value and how often it is there, the least first. */
  sorted(): (readonly [value: number, times: number])[] {
    if (this.#values !== undefined) {
      return this.#values.toSorted((left, right) => left - right).map((value) => [value, 1]);
    }
    return [...this.#classes]
      .sort(([left], [right]) => left - right)
      .map(([index, times]) => [index === ZERO ? 0 : middle(index), times]);
  }

  #classify(value: number, times: number): void {
    const index = value <= 0 ? ZERO : Math.round(Math.log(value) / LOGARITHM);
    this.#classes.set(index, (this.#classes.get(index) ?? 0) + times);
  }
}

/** Classes are around powers, each of which is at most half a step away from its members. */
function middle(index: number): number {
  return Math.exp(index * LOGARITHM);
}
