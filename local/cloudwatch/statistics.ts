import { Distribution } from "./distribution.ts";

/** What is known of the values of a period. */
export class StatisticSet {
  count = 0;
  sum = 0;
  minimum = Number.POSITIVE_INFINITY;
  maximum = Number.NEGATIVE_INFINITY;
  readonly distribution = new Distribution();

  add(value: number): void {
    this.count += 1;
    this.sum += value;
    this.minimum = Math.min(this.minimum, value);
    this.maximum = Math.max(this.maximum, value);
    this.distribution.add(value);
  }

  merge(other: StatisticSet): void {
    this.count += other.count;
    this.sum += other.sum;
    this.minimum = Math.min(this.minimum, other.minimum);
    this.maximum = Math.max(this.maximum, other.maximum);
    this.distribution.merge(other.distribution);
  }
}

/** Takes a set of values to one. */
export type Statistic = (values: StatisticSet) => number;

const SIMPLE: ReadonlyMap<string, Statistic> = new Map<string, Statistic>([
  ["Sum", ({ sum }) => sum],
  ["Average", ({ sum, count }) => sum / count],
  ["Minimum", ({ minimum }) => minimum],
  ["Maximum", ({ maximum }) => maximum],
  ["SampleCount", ({ count }) => count],
]);

/**
 * A statistic by its name: `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, percentiles such as `p99.9`, trimmed means such as `tm99` and `TM(10%:90%)`.
 *
 * @returns undefined where nothing here computes it.
 */
export function statisticOf(name: string): Statistic | undefined {
  const simple = SIMPLE.get(name);
  if (simple !== undefined) return simple;
  const percentile = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/u.exec(name)?.[1];
  if (percentile !== undefined) return (values) => percentileOf(values, Number(percentile));
  const trimmed = /^tm(\d{1,2}(?:\.\d{1,10})?|100)$/iu.exec(name)?.[1];
  if (trimmed !== undefined) return (values) => trimmedMean(values, 0, Number(trimmed));
  const [, from, to] = /^TM\((?:(\d+(?:\.\d+)?)%)?:(?:(\d+(?:\.\d+)?)%)?\)$/u.exec(name) ?? [];
  if (from === undefined && to === undefined) return undefined;
  return (values) => trimmedMean(values, Number(from ?? 0), Number(to ?? 100));
}

/** The least value that so many percent of the values do not exceed. */
function percentileOf({ distribution, minimum, maximum }: StatisticSet, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * distribution.count));
  // The ends are known exactly.
  if (rank === 1) return minimum;
  if (rank === distribution.count) return maximum;
  let passed = 0;
  for (const [value, times] of distribution.sorted()) {
    passed += times;
    // The middle of a class may lie beyond the values in it.
    if (passed >= rank) return Math.min(maximum, Math.max(minimum, value));
  }
  return maximum;
}

/** The mean of the values between two percentiles, in the order of the values. */
function trimmedMean({ distribution }: StatisticSet, from: number, to: number): number {
  const first = Math.floor((from / 100) * distribution.count);
  const last = Math.max(first + 1, Math.ceil((to / 100) * distribution.count));
  let passed = 0;
  let sum = 0;
  for (const [value, times] of distribution.sorted()) {
    const taken = Math.max(0, Math.min(passed + times, last) - Math.max(passed, first));
    sum += value * taken;
    passed += times;
  }
  return sum / (last - first);
}
