import { ExpressionError } from "./expression.ts";
import { computed, type TimeSeries, type Value } from "./value.ts";

/**
 * `FILL(series, filler)`: the filler where a value is missing, up to the end of the range: an alarm on a metric that comes late sees the filler first. AWS does not say
 * what becomes of a series without any value: it is filled, as its own dashboards show.
 */
export function filled(
  series: TimeSeries,
  filler: Value | undefined,
  moments: readonly number[],
): TimeSeries {
  const given = fillerOf(series, filler, moments);
  const points = new Map<number, number>();
  for (const at of moments) {
    const value = series.points.get(at) ?? given(at);
    if (value !== undefined) points.set(at, value);
  }
  return computed(series, points);
}

function fillerOf(
  series: TimeSeries,
  filler: Value | undefined,
  moments: readonly number[],
): (at: number) => number | undefined {
  if (filler?.kind === "scalar") return () => filler.scalar;
  if (filler?.kind === "series") return (at) => filler.series.points.get(at);
  if (filler?.kind === "text" && filler.text === "REPEAT") {
    return (at) =>
      series.points.get(neighbour(series, moments.filter((moment) => moment < at).toReversed()));
  }
  if (filler?.kind === "text" && filler.text === "LINEAR") {
    return (at) => {
      const before = neighbour(series, moments.filter((moment) => moment < at).toReversed());
      const after = neighbour(
        series,
        moments.filter((moment) => moment > at),
      );
      const [left, right] = [series.points.get(before), series.points.get(after)];
      if (left === undefined || right === undefined) return undefined;
      return left + ((right - left) * (at - before)) / (after - before);
    };
  }
  throw new ExpressionError(
    "`FILL` takes a metric and what fills it: a number, a time series, `REPEAT` or `LINEAR`.",
  );
}

/** The first of several moments at which there is a value. */
function neighbour(series: TimeSeries, moments: readonly number[]): number {
  return moments.find((moment) => series.points.has(moment)) ?? Number.NaN;
}
