import type { Metric } from "../metric.ts";
import { ExpressionError } from "./expression.ts";

/** Values over time; a moment without a value is absent. */
export interface TimeSeries {
  readonly points: ReadonlyMap<number, number>;
  readonly periodSeconds: number;
  /** What the legend says, where the series has a name of its own. */
  readonly label: string;
  /** What it was measured as, and by which statistic; none for the result of mathematics. */
  readonly source: { readonly metric: Metric; readonly statistic: string } | undefined;
}

/** What an expression may come to. */
export type Value =
  | { readonly kind: "scalar"; readonly scalar: number }
  | { readonly kind: "series"; readonly series: TimeSeries }
  | { readonly kind: "array"; readonly array: readonly TimeSeries[] }
  /** A text in quotes, or a word such as `DESC`. */
  | { readonly kind: "text"; readonly text: string };

export const scalarValue = (scalar: number): Value => ({ kind: "scalar", scalar });
export const seriesValue = (series: TimeSeries): Value => ({ kind: "series", series });
export const arrayValue = (array: readonly TimeSeries[]): Value => ({ kind: "array", array });

/** A series of which each value is another; one that is no number is dropped, as CloudWatch drops divisions by zero. */
export function mapped(
  series: TimeSeries,
  change: (value: number, at: number) => number,
): TimeSeries {
  const points = new Map<number, number>();
  for (const [at, value] of series.points) {
    const changed = change(value, at);
    if (Number.isFinite(changed)) points.set(at, changed);
  }
  return computed(series, points);
}

/** The result of mathematics on a series. */
export function computed(series: TimeSeries, points: ReadonlyMap<number, number>): TimeSeries {
  return { points, periodSeconds: series.periodSeconds, label: series.label, source: undefined };
}

/** All moments at which one of several series has a value, in their order. */
export function momentsOf(all: readonly TimeSeries[]): number[] {
  return [...new Set(all.flatMap(({ points }) => [...points.keys()]))].sort(
    (left, right) => left - right,
  );
}

/** The series in a value. */
export function seriesIn(value: Value, where: string): readonly TimeSeries[] {
  if (value.kind === "series") return [value.series];
  if (value.kind === "array") return value.array;
  throw new ExpressionError(`\`${where}\` takes time series, and was given ${describe(value)}.`);
}

/** The one number that a value is. */
export function scalarIn(value: Value | undefined, where: string): number {
  if (value?.kind === "scalar") return value.scalar;
  throw new ExpressionError(
    `\`${where}\` takes a number, and was given ${value === undefined ? "nothing" : describe(value)}.`,
  );
}

export function describe(value: Value): string {
  switch (value.kind) {
    case "scalar":
      return `the number ${value.scalar}`;
    case "series":
      return "a time series";
    case "array":
      return "an array of time series";
    case "text":
      return `the text \`${value.text}\``;
  }
}
