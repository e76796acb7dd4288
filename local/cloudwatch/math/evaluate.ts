import { conditional } from "./conditional.ts";
import { ExpressionError, type Expression } from "./expression.ts";
import { FUNCTIONS } from "./functions.ts";
import { operate } from "./operators.ts";
import {
  arrayValue,
  mapped,
  scalarValue,
  seriesIn,
  seriesValue,
  type TimeSeries,
  type Value,
} from "./value.ts";

/** What an expression may ask for. */
export interface Surroundings {
  /** The starts of all periods of the range, oldest first: what `FILL` fills. */
  readonly moments: readonly number[];
  /** The value of an id; undefined where there is none. */
  readonly valueOf: (id: string) => Value | undefined;
  /** What `METRICS()` returns: the metrics of the request, without the expressions, by their ids. */
  readonly metrics: ReadonlyMap<string, TimeSeries>;
  readonly search: (
    expression: string,
    statistic: string,
    periodSeconds?: number,
  ) => readonly TimeSeries[];
}

/** Words that functions take as they are. */
const WORDS: ReadonlySet<string> = new Set([
  "ASC",
  "AVG",
  "DESC",
  "LINEAR",
  "MAX",
  "MIN",
  "REPEAT",
  "SUM",
]);

/**
 * Computes an expression.
 *
 * @throws {ExpressionError} where CloudWatch would refuse it, or where nothing here computes it.
 */
export function evaluateExpression(expression: Expression, surroundings: Surroundings): Value {
  const evaluate = (inner: Expression): Value => evaluateExpression(inner, surroundings);
  switch (expression.kind) {
    case "number":
      return scalarValue(expression.value);
    case "text":
      return { kind: "text", text: expression.value };
    case "name":
      return named(expression.name, surroundings);
    case "array":
      return arrayValue(expression.items.flatMap((item) => seriesIn(evaluate(item), "[…]")));
    case "negation":
      return negated(evaluate(expression.operand));
    case "binary":
      return operate(expression.operator, evaluate(expression.left), evaluate(expression.right));
    case "call":
      return called(expression.function, expression.args.map(evaluate), surroundings);
  }
}

function named(name: string, { valueOf }: Surroundings): Value {
  const value = valueOf(name);
  if (value !== undefined) return value;
  if (WORDS.has(name)) return { kind: "text", text: name };
  throw new ExpressionError(
    `No metric and no expression has the id \`${name}\`. Give one of them this id, or name another.`,
  );
}

function negated(value: Value): Value {
  if (value.kind === "scalar") return scalarValue(-value.scalar);
  if (value.kind === "series") return seriesValue(mapped(value.series, (point) => -point));
  return arrayValue(seriesIn(value, "-").map((series) => mapped(series, (point) => -point)));
}

function called(name: string, args: readonly Value[], surroundings: Surroundings): Value {
  if (name === "IF") {
    const [condition, whenTrue, whenFalse] = args;
    if (condition !== undefined && whenTrue !== undefined && args.length <= 3) {
      return conditional(condition, whenTrue, whenFalse);
    }
    throw new ExpressionError("`IF` takes a condition, a value and perhaps another value.");
  }
  const found = FUNCTIONS.get(name);
  if (found === undefined) throw new ExpressionError(`not modelled here: \`${name}\``);
  return found(args, surroundings);
}
