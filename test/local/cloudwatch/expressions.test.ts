import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpressionError } from "../../../local/cloudwatch/math/expression.ts";
import { evaluateExpression } from "../../../local/cloudwatch/math/evaluate.ts";
import { parseExpression } from "../../../local/cloudwatch/math/parse.ts";
import { parseSearch } from "../../../local/cloudwatch/math/search.ts";
import { seriesValue, type TimeSeries, type Value } from "../../../local/cloudwatch/math/value.ts";

type Sparse = readonly (number | undefined)[];
const none = undefined;
const MINUTE = 60_000;

function series(values: Sparse, name: string): TimeSeries {
  const points = new Map<number, number>();
  for (const [index, value] of values.entries()) {
    if (value !== undefined) points.set(index * MINUTE, value);
  }
  const metric = { namespace: "N", name, dimensions: {} };
  return { points, periodSeconds: 60, label: name, source: { metric, statistic: "Sum" } };
}

/** Computes over five minutes. */
function evaluate(expression: string, given: Readonly<Record<string, Sparse>> = {}): Value {
  const metrics = new Map(
    Object.entries(given).map(([id, values]) => [id, series(values, id)] as const),
  );
  return evaluateExpression(parseExpression(expression), {
    moments: [0, 1, 2, 3, 4].map((index) => index * MINUTE),
    valueOf: (id) => {
      const found = metrics.get(id);
      return found === undefined ? undefined : seriesValue(found);
    },
    metrics,
    search: (text, statistic) => [series([text.length], statistic)],
  });
}

function list({ points }: TimeSeries): Sparse {
  return [0, 1, 2, 3, 4].map((index) => points.get(index * MINUTE));
}

function computed(expression: string, given: Readonly<Record<string, Sparse>> = {}): unknown {
  const value = evaluate(expression, given);
  if (value.kind === "series") return list(value.series);
  if (value.kind === "array") return value.array.map(list);
  return value.kind === "scalar" ? value.scalar : value.text;
}

test("GIVEN arithmetic WHEN it is computed THEN operators bind as in mathematics", () => {
  for (const [expression, result] of [
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["2 ^ 3 * 2", 16],
    ["-2 ^ 2", -4],
    ["10 - 4 - 3", 3],
    ["1 + 1 == 2 AND 3 > 2", 1],
    ["0 && 1 || 1", 1],
    ["1.5e2 / .5", 300],
    ["2 != 2", 0],
  ] as const) {
    assert.equal(computed(expression), result, expression);
  }
});

test("GIVEN AWS's table of comparisons WHEN they are computed THEN a missing value of one side is 0", () => {
  const given = { metric1: [30, 20, 0, 0], metric2: [20, none, 20, none] };
  assert.deepEqual(computed("(metric1 < metric2)", given), [0, 0, 1, 0, none]);
  assert.deepEqual(computed("(metric1 >= 30)", given), [1, 0, 0, 0, none]);
  assert.deepEqual(computed("(metric1 > 15 AND metric2 > 15)", given), [1, 0, 0, 0, none]);
});

test("GIVEN AWS's tables of IF WHEN they are computed THEN the missing become 0, or go", () => {
  const given = {
    metric1: [1, 1, 0, 0, none],
    metric2: [30, none, 0, 0, 30],
    metric3: [0, 0, 20, none, 20],
  };
  assert.deepEqual(computed("IF(metric1, metric2, metric3)", given), [30, 0, 20, none, none]);
  assert.deepEqual(computed("IF(metric1, 5, metric3)", given), [5, 5, 20, none, none]);
  assert.deepEqual(computed("IF(metric1, metric2)", given), [30, 0, none, none, none]);
  assert.deepEqual(computed("IF(1, metric2, metric3)", given), [30, none, 0, 0, 30]);
  assert.deepEqual(computed("IF(metric1 > 0, 1, 0)", given), [1, 1, 0, 0, none]);
});

test("GIVEN series and numbers WHEN they are divided THEN a missing value is 0 and a division by it has no result", () => {
  const given = { a: [4, 6, none, 8], b: [2, none, 3, 0] };
  assert.deepEqual(computed("a / b", given), [2, none, 0, none, none]);
  assert.deepEqual(computed("a + b", given), [6, 6, 3, 8, none]);
  assert.deepEqual(computed("100 * a", given), [400, 600, none, 800, none]);
  assert.deepEqual(computed("-a", given), [-4, -6, none, -8, none]);
  assert.deepEqual(computed("SUM(100 / [a, b])", given), [75, 100 / 6, 100 / 3, 12.5, none]);
});

test("GIVEN holes WHEN they are filled THEN by a number, another series, what was before, or a line", () => {
  const given = { m: [none, 2, none, 6, none], n: [9, 9, 8] };
  assert.deepEqual(computed("FILL(m, 0)", given), [0, 2, 0, 6, 0]);
  assert.deepEqual(computed("FILL(m, n)", given), [9, 2, 8, 6, none]);
  assert.deepEqual(computed("FILL(m, REPEAT)", given), [none, 2, 2, 6, 6]);
  assert.deepEqual(computed("FILL(m, LINEAR)", given), [none, 2, 4, 6, none]);
  assert.deepEqual(computed("FILL(METRICS(), 1)", given), [
    [1, 2, 1, 6, 1],
    [9, 9, 8, 1, 1],
  ]);
  assert.deepEqual(computed("FILL(m, 0)", { m: [] }), [0, 0, 0, 0, 0]);
});

test("GIVEN several metrics WHEN functions join them THEN moment by moment", () => {
  const given = { errors1: [1, 5], errors2: [3, none], requests: [10, 10] };
  assert.deepEqual(computed('SUM(METRICS("errors"))', given), [4, 5, none, none, none]);
  assert.deepEqual(computed("AVG([errors1, errors2])", given), [2, 2.5, none, none, none]);
  assert.deepEqual(computed("MIN([errors1, errors2])", given), [1, 5, none, none, none]);
  assert.deepEqual(computed("MAX(METRICS())", given), [10, 10, none, none, none]);
  assert.equal(computed("METRIC_COUNT(METRICS())", given), 3);
  assert.deepEqual(computed("requests - AVG(errors1)", given), [8.8, 8.8, none, none, none]);
  assert.deepEqual(computed("FIRST(SORT(METRICS(), MAX, DESC))", given), [
    10,
    10,
    none,
    none,
    none,
  ]);
  assert.deepEqual(computed("SORT(METRICS(), SUM, ASC, 1)", given), [[3, none, none, none, none]]);
  assert.deepEqual(computed("SLICE(METRICS(), 1, 2)", given), [[3, none, none, none, none]]);
  assert.deepEqual(computed("REMOVE_EMPTY([errors1, e])", { ...given, e: [] }), [
    [1, 5, none, none, none],
  ]);
});

test("GIVEN one metric WHEN functions change it THEN point by point", () => {
  const given = { m: [1, 4, none, -2.5] };
  assert.deepEqual(computed("ABS(m)", given), [1, 4, none, 2.5, none]);
  assert.deepEqual(computed("CEIL(m)", given), [1, 4, none, -2, none]);
  assert.deepEqual(computed("FLOOR(m)", given), [1, 4, none, -3, none]);
  assert.deepEqual(computed("DIFF(m)", given), [none, 3, none, -6.5, none]);
  assert.deepEqual(computed("RATE(m)", given), [none, 3 / 60, none, -6.5 / 120, none]);
  assert.deepEqual(computed("RUNNING_SUM(m)", given), [1, 5, none, 2.5, none]);
  assert.deepEqual(computed("m / PERIOD(m)", given), [1 / 60, 4 / 60, none, -2.5 / 60, none]);
  assert.equal(computed("MAX(m)", given), 4);
  assert.equal(computed("DATAPOINT_COUNT(m)", given), 3);
});

test("GIVEN the expressions of the components WHEN they are computed THEN as their alarms mean them", () => {
  const share = "IF(r0 >= 10, 100 * FILL(e0, 0) / r0, 0)";
  assert.deepEqual(computed(share, { r0: [100, 5, none, 10], e0: [20, 5, 7, none] }), [
    20,
    0,
    none,
    0,
    none,
  ]);
  const zones = "(u0 > 0 AND h0 < 1) OR (u1 > 0 AND h1 < 1)";
  const given = { u0: [0, 1], h0: [2, 0], u1: [0, 0], h1: [1, 1] };
  assert.deepEqual(computed(zones, given), [0, 1, none, none, none]);
  assert.deepEqual(computed("IF(s0 >= s1, s0, s1)", { s0: [1, 5], s1: [2] }), [
    2,
    5,
    none,
    none,
    none,
  ]);
  const percent = "100 * (FILL(p0, 0)) / IF((FILL(w0, 0)) > 0, FILL(w0, 0), 1)";
  assert.deepEqual(computed(percent, { p0: [1], w0: [4, 2] }), [25, 0, 0, 0, 0]);
});

test("GIVEN what cannot be WHEN it is computed THEN a sentence says why", () => {
  for (const [expression, message] of [
    ["", /is empty/u],
    ["1 +", /ends too early/u],
    ["(m", /ends too early/u],
    ["m m", /has `m` where it cannot be/u],
    ["m % 2", /cannot be read from `% 2` on/u],
    ["x + 1", /No metric and no expression has the id `x`/u],
    ["ANOMALY_DETECTION_BAND(m)", /^not modelled here: `ANOMALY_DETECTION_BAND`$/u],
    ["PERIOD(m + m)", /`PERIOD` takes a metric/u],
    ["METRICS() + METRICS()", /on one side only/u],
    ["ABS()", /was given nothing/u],
    ["FILL(m)", /what fills it/u],
    ["SUM('a')", /was given the text `a`/u],
    ["SORT(METRICS(), MEDIAN, ASC)", /has the id `MEDIAN`/u],
  ] as const) {
    assert.throws(
      () => computed(expression, { m: [1] }),
      (error) => error instanceof ExpressionError && message.test(error.message),
      expression,
    );
  }
});

const metric = (
  name: string,
  dimensions: Readonly<Record<string, string>>,
  namespace = "AWS/ApplicationELB",
) => ({ namespace, name, dimensions });

test("GIVEN a search with a schema WHEN metrics are held against it THEN those with exactly its dimensions are found", () => {
  const found = parseSearch(
    '{AWS/ApplicationELB,AvailabilityZone,LoadBalancer} MetricName="RequestCount" LoadBalancer="app/a/1"',
  );
  const zone = { AvailabilityZone: "z" };
  assert.equal(found(metric("RequestCount", { LoadBalancer: "app/a/1", ...zone })), true);
  assert.equal(found(metric("RequestCount", { LoadBalancer: "app/a/1" })), false);
  assert.equal(
    found(metric("RequestCount", { LoadBalancer: "app/a/1", ...zone, TargetGroup: "t" })),
    false,
  );
  assert.equal(found(metric("RequestCount", { LoadBalancer: "app/a/12", ...zone })), false);
  assert.equal(found(metric("Other", { LoadBalancer: "app/a/1", ...zone })), false);
  assert.equal(found(metric("RequestCount", { LoadBalancer: "app/a/1", ...zone }, "N")), false);
});

test("GIVEN terms WHEN metrics are held against them THEN words match parts, quotes wholes, and operators join them", () => {
  const matches = (text: string): boolean =>
    parseSearch(text)(metric("CPUUtilization", { Service: "my-weather (1)" }, "My Space"));
  for (const [text, expected] of [
    ["weather", true],
    ["Utilization", true],
    ["Utiliz", false],
    ['"weather"', false],
    ['Service="my-weather \\(1\\)"', true],
    ["NOT weather", false],
    ["MetricName=CPUUtilization OR nothing", true],
    ["nothing OR (weather AND my)", true],
    ["weather nothing", false],
    ['{"My Space",Service}', true],
    ["Other=weather", false],
  ] as const) {
    assert.equal(matches(text), expected, text);
  }
});
