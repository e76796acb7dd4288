import { computed, momentsOf, type TimeSeries } from "./value.ts";

/** What makes one number of several. */
export type Reduction = (values: readonly number[]) => number;

export const sum: Reduction = (values) => values.reduce((total, value) => total + value, 0);
export const average: Reduction = (values) => sum(values) / values.length;

export const REDUCTIONS: ReadonlyMap<string, Reduction> = new Map<string, Reduction>([
  ["SUM", sum],
  ["AVG", average],
  ["MIN", (values) => Math.min(...values)],
  ["MAX", (values) => Math.max(...values)],
  [
    "STDDEV",
    (values) => {
      const mean = average(values);
      return Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
    },
  ],
]);

/**
 * One series of several. A missing value counts as 0 in an average (CloudWatch guide, "Metric math syntax and functions"), which changes no sum; of the
 * others AWS says nothing, and what is missing is left out.
 */
export function reducedAcross(
  name: string,
  reduce: Reduction,
  all: readonly TimeSeries[],
): TimeSeries {
  const points = new Map<number, number>();
  for (const at of momentsOf(all)) {
    const values = all.flatMap(({ points: own }) => {
      const value = own.get(at);
      return value === undefined ? (name === "AVG" ? [0] : []) : [value];
    });
    points.set(at, reduce(values));
  }
  const [first] = all;
  return first === undefined
    ? { points, periodSeconds: 60, label: name, source: undefined }
    : computed({ ...first, label: name }, points);
}
