import { ExpressionError, type BinaryOperator } from "./expression.ts";
import {
  arrayValue,
  computed,
  describe,
  mapped,
  momentsOf,
  scalarValue,
  seriesValue,
  type TimeSeries,
  type Value,
} from "./value.ts";

const OPERATIONS: Readonly<Record<BinaryOperator, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "^": (left, right) => left ** right,
  "==": (left, right) => Number(left === right),
  "!=": (left, right) => Number(left !== right),
  "<=": (left, right) => Number(left <= right),
  ">=": (left, right) => Number(left >= right),
  "<": (left, right) => Number(left < right),
  ">": (left, right) => Number(left > right),
  AND: (left, right) => Number(left !== 0 && right !== 0),
  OR: (left, right) => Number(left !== 0 || right !== 0),
};

/**
 * An operation on numbers, series and arrays in any order. Where only one of two series has a value, the other's is taken as 0; a division by 0 has no
 * result (CloudWatch guide, "Metric math syntax and functions").
 */
export function operate(operator: BinaryOperator, left: Value, right: Value): Value {
  const operation = OPERATIONS[operator];
  if (left.kind === "text" || right.kind === "text") {
    throw new ExpressionError(
      `\`${operator}\` takes numbers and time series, and was given ${describe(left.kind === "text" ? left : right)}.`,
    );
  }
  if (left.kind === "scalar" && right.kind === "scalar") {
    return scalarValue(operation(left.scalar, right.scalar));
  }
  if (left.kind === "array" && right.kind === "array") {
    throw new ExpressionError(
      `\`${operator}\` takes an array of time series on one side only. Join one with \`SUM\`, \`AVG\`, \`MIN\` or \`MAX\`.`,
    );
  }
  const withRight = (series: TimeSeries): TimeSeries =>
    right.kind === "scalar"
      ? mapped(series, (value) => operation(value, right.scalar))
      : right.kind === "series"
        ? both(operation, series, right.series)
        : series;
  if (left.kind === "array") return arrayValue(left.array.map(withRight));
  if (right.kind === "array") {
    return arrayValue(
      right.array.map((series) =>
        left.kind === "scalar"
          ? mapped(series, (value) => operation(left.scalar, value))
          : both(operation, left.series, series),
      ),
    );
  }
  if (left.kind === "series") return seriesValue(withRight(left.series));
  if (right.kind === "series") {
    return seriesValue(mapped(right.series, (value) => operation(left.scalar, value)));
  }
  return left;
}

function both(
  operation: (left: number, right: number) => number,
  left: TimeSeries,
  right: TimeSeries,
): TimeSeries {
  const points = new Map<number, number>();
  for (const at of momentsOf([left, right])) {
    const value = operation(left.points.get(at) ?? 0, right.points.get(at) ?? 0);
    if (Number.isFinite(value)) points.set(at, value);
  }
  return computed(left, points);
}
