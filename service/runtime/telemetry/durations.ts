/** As many values as a metric of the embedded metric format may have in one line (CloudWatch User Guide, "Specification: EMF"). */
const MOST_VALUES = 100;

/** Neighbouring buckets differ by 1 %: that is how far a quantile may be off. An hour in milliseconds is bucket 1518. */
const BUCKET_RATIO = 1.01;

/**
 * Durations of a while, in bounded memory. Up to 100 are kept as they are; of more there are 100 evenly spaced quantiles within 1 %, of
 * which the first is the shortest duration and the last the longest.
 */
export class Durations {
  readonly #first: number[] = [];
  /** How many durations lie above the bucket before and up to `BUCKET_RATIO ** key` milliseconds. */
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #shortest = Infinity;
  #longest = 0;

  add(milliseconds: number): void {
    const value = microseconds(Math.max(0, milliseconds));
    this.#count += 1;
    if (this.#count <= MOST_VALUES) this.#first.push(value);
    this.#shortest = Math.min(this.#shortest, value);
    this.#longest = Math.max(this.#longest, value);
    // A microsecond is the shortest duration there is.
    const bucket = Math.ceil(Math.log(Math.max(value, 0.001)) / Math.log(BUCKET_RATIO));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  /** At most 100 values, in milliseconds. */
  values(): readonly number[] {
    if (this.#count <= MOST_VALUES) return this.#first;
    const buckets = [...this.#buckets].sort(([left], [right]) => left - right);
    const quantiles: number[] = [];
    let below = 0;
    for (const [bucket, count] of buckets) {
      below += count;
      const value = Math.min(BUCKET_RATIO ** bucket, this.#longest);
      // The middle of each hundredth, in whole numbers.
      while ((2 * quantiles.length + 1) * this.#count <= 2 * MOST_VALUES * below) {
        quantiles.push(microseconds(value));
      }
    }
    return [this.#shortest, ...quantiles.slice(1, -1), this.#longest];
  }
}

function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
