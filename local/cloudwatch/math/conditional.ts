import { ExpressionError } from "./expression.ts";
import { computed, describe, seriesValue, type TimeSeries, type Value } from "./value.ts";

/**
 * `IF(condition, trueValue, falseValue)`. Over time: a true moment without a value in `trueValue` is 0, a false one without one in `falseValue` is dropped,
 * and so is one of which the condition says nothing (CloudWatch guide, "Using IF expressions").
 */
export function conditional(
  condition: Value,
  whenTrue: Value,
  whenFalse: Value | undefined,
): Value {
  if (condition.kind === "scalar") {
    const chosen = condition.scalar !== 0 ? whenTrue : whenFalse;
    if (chosen !== undefined) return chosen;
    throw new ExpressionError("`IF` with a false number as its condition needs a third argument.");
  }
  if (condition.kind !== "series") {
    throw new ExpressionError(
      `\`IF\` takes a time series or a number as its condition, and was given ${describe(condition)}.`,
    );
  }
  const points = new Map<number, number>();
  for (const [at, holds] of condition.series.points) {
    const value = holds !== 0 ? (valueAt(whenTrue, at) ?? 0) : valueAt(whenFalse, at);
    if (value !== undefined) points.set(at, value);
  }
  return seriesValue(computed(labelled(condition.series, whenTrue), points));
}

function valueAt(value: Value | undefined, at: number): number | undefined {
  if (value === undefined) return undefined;
  if (value.kind === "scalar") return value.scalar;
  if (value.kind === "series") return value.series.points.get(at);
  throw new ExpressionError(
    `\`IF\` takes time series and numbers, and was given ${describe(value)}.`,
  );
}

function labelled(condition: TimeSeries, whenTrue: Value): TimeSeries {
  return whenTrue.kind === "series" ? { ...condition, label: whenTrue.series.label } : condition;
}
