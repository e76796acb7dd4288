import type { Surroundings } from "./evaluate.ts";
import { ExpressionError } from "./expression.ts";
import { filled } from "./fill.ts";
import { REDUCTIONS, reducedAcross, type Reduction } from "./reductions.ts";
import {
  arrayValue,
  computed,
  mapped,
  scalarIn,
  scalarValue,
  seriesIn,
  seriesValue,
  type TimeSeries,
  type Value,
} from "./value.ts";

type MathFunction = (args: readonly Value[], surroundings: Surroundings) => Value;

/** The functions of metric math that are computed here (CloudWatch guide, "Functions supported for metric math"). */
export const FUNCTIONS: ReadonlyMap<string, MathFunction> = new Map<string, MathFunction>([
  ...[...REDUCTIONS].map(([name, reduce]) => [name, reduction(name, reduce)] as const),
  ["ABS", each("ABS", (series) => mapped(series, Math.abs))],
  ["CEIL", each("CEIL", (series) => mapped(series, Math.ceil))],
  ["FLOOR", each("FLOOR", (series) => mapped(series, Math.floor))],
  ["LOG", each("LOG", (series) => mapped(series, Math.log))],
  ["LOG10", each("LOG10", (series) => mapped(series, Math.log10))],
  ["DIFF", each("DIFF", (series) => successive(series, (change) => change))],
  ["RATE", each("RATE", (series) => successive(series, (change, seconds) => change / seconds))],
  ["RUNNING_SUM", each("RUNNING_SUM", runningSum)],
  ["FILL", fill],
  ["METRICS", metrics],
  ["SEARCH", search],
  ["PERIOD", period],
  ["SORT", sort],
  ["SLICE", slice],
  ["METRIC_COUNT", ([value], _) => scalarValue(seriesOf("METRIC_COUNT", value).length)],
  ["DATAPOINT_COUNT", ([value], _) => scalarValue(only("DATAPOINT_COUNT", value).points.size)],
  ["FIRST", ([value], _) => pick("FIRST", value, 0)],
  ["LAST", ([value], _) => pick("LAST", value, -1)],
  [
    "REMOVE_EMPTY",
    ([value], _) =>
      arrayValue(seriesOf("REMOVE_EMPTY", value).filter(({ points }) => points.size > 0)),
  ],
]);

function each(name: string, change: (series: TimeSeries) => TimeSeries): MathFunction {
  return ([value]) => {
    if (value?.kind === "series") return seriesValue(change(value.series));
    return arrayValue(seriesOf(name, value).map(change));
  };
}

/** Of an array one series; of a series one number, in which a missing period counts as 0 for an average. */
function reduction(name: string, reduce: Reduction): MathFunction {
  return ([value], { moments }) => {
    if (value?.kind !== "series") {
      return seriesValue(reducedAcross(name, reduce, seriesOf(name, value)));
    }
    const values = [...value.series.points.values()];
    const missing = name === "AVG" ? Math.max(0, moments.length - values.length) : 0;
    return scalarValue(reduce([...values, ...Array.from({ length: missing }, () => 0)]));
  };
}

function successive(
  series: TimeSeries,
  change: (difference: number, seconds: number) => number,
): TimeSeries {
  let before: readonly [number, number] | undefined;
  const points = new Map<number, number>();
  for (const [at, value] of series.points) {
    if (before !== undefined) {
      points.set(at, change(value - before[1], (at - before[0]) / 1000));
    }
    before = [at, value];
  }
  return computed(series, points);
}

function runningSum(series: TimeSeries): TimeSeries {
  let total = 0;
  return mapped(series, (value) => (total += value));
}

function fill([value, filler]: readonly Value[], { moments }: Surroundings): Value {
  if (value?.kind === "series") return seriesValue(filled(value.series, filler, moments));
  return arrayValue(seriesOf("FILL", value).map((series) => filled(series, filler, moments)));
}

function metrics([part]: readonly Value[], { metrics: all }: Surroundings): Value {
  const text = part?.kind === "text" ? part.text : "";
  return arrayValue([...all].filter(([id]) => id.includes(text)).map(([, series]) => series));
}

function search(
  [expression, statistic, length]: readonly Value[],
  surroundings: Surroundings,
): Value {
  if (expression?.kind !== "text" || statistic?.kind !== "text") {
    throw new ExpressionError(
      "`SEARCH` takes what to search for and a statistic, both in single quotes.",
    );
  }
  const periodSeconds = length === undefined ? [] : [scalarIn(length, "SEARCH")];
  return arrayValue(surroundings.search(expression.text, statistic.text, ...periodSeconds));
}

function period([value]: readonly Value[]): Value {
  const series = only("PERIOD", value);
  if (series.source !== undefined) return scalarValue(series.periodSeconds);
  throw new ExpressionError("`PERIOD` takes a metric, not the result of an expression.");
}

function sort([value, by, order, limit]: readonly Value[]): Value {
  const reduce = by?.kind === "text" ? REDUCTIONS.get(by.text) : undefined;
  const direction = order?.kind === "text" ? order.text : "";
  if (reduce === undefined || (direction !== "ASC" && direction !== "DESC")) {
    throw new ExpressionError(
      "`SORT` takes time series, one of `AVG`, `MIN`, `MAX` and `SUM`, one of `ASC` and `DESC`, and perhaps how many.",
    );
  }
  // What has no value comes last.
  const rank = ({ points }: TimeSeries): number =>
    points.size === 0
      ? Number.POSITIVE_INFINITY
      : reduce([...points.values()]) * (direction === "ASC" ? 1 : -1);
  const sorted = seriesOf("SORT", value).toSorted((left, right) => rank(left) - rank(right) || 0);
  return arrayValue(limit === undefined ? sorted : sorted.slice(0, scalarIn(limit, "SORT")));
}

function slice([value, from, to]: readonly Value[]): Value {
  const end = to === undefined ? undefined : scalarIn(to, "SLICE");
  return arrayValue(seriesOf("SLICE", value).slice(scalarIn(from, "SLICE"), end));
}

function pick(name: string, value: Value | undefined, index: number): Value {
  const series = seriesOf(name, value).at(index);
  if (series !== undefined) return seriesValue(series);
  throw new ExpressionError(`\`${name}\` was given no time series.`);
}

function only(name: string, value: Value | undefined): TimeSeries {
  if (value?.kind === "series") return value.series;
  throw new ExpressionError(`\`${name}\` takes one time series.`);
}

function seriesOf(name: string, value: Value | undefined): readonly TimeSeries[] {
  if (value !== undefined) return seriesIn(value, name);
  throw new ExpressionError(`\`${name}\` takes time series, and was given nothing.`);
}
