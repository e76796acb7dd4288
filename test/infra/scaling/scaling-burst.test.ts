import assert from "node:assert/strict";
import { test } from "node:test";
import { burstSteps, stepAdjustments } from "../../../infra/scaling/scaling-burst.ts";

/** Targets and limits over the whole range that is accepted. */
const PAIRS = [0.1, 0.7, 1, 2.5, 5, 8, 20, 33.3, 50, 90, 777, 90_000].flatMap((target) =>
  [10 / 9, 1.2, 1.5, 2, 3, 3.01, 10, 1000].map((factor) => ({
    target,
    limit: Math.ceil(target * factor),
  })),
);

test("GIVEN a limit far above the target WHEN steps are made THEN they lie at one and a half, two and three times the target", () => {
  assert.deepEqual(burstSteps(20, 100), [
    { from: 30, addPercent: 50 },
    { from: 40, addPercent: 100 },
    { from: 60, addPercent: 200 },
  ]);
  assert.deepEqual(burstSteps(0.7, 4), [
    { from: 1.05, addPercent: 50 },
    { from: 1.4, addPercent: 100 },
    { from: 2.1, addPercent: 200 },
  ]);
});

test("GIVEN a limit near the target WHEN steps are made THEN every one lies below the limit, where it can be seen", () => {
  assert.deepEqual(burstSteps(50, 100), [
    { from: 75, addPercent: 50 },
    { from: 87.5, addPercent: 100 },
  ]);
  assert.deepEqual(burstSteps(90, 100), [
    { from: 95, addPercent: 50 },
    { from: 97.5, addPercent: 100 },
  ]);
  for (const { target, limit } of PAIRS) {
    for (const { from } of burstSteps(target, limit))
      assert.ok(from > target && from < limit, `${from} of ${target} and ${limit}`);
  }
});

test("GIVEN any target and limit WHEN steps are given to AWS THEN bounds are text, begin at the threshold, leave no gap, and the last one is open", () => {
  for (const { target, limit } of PAIRS) {
    const adjustments = stepAdjustments(burstSteps(target, limit));
    const [first] = adjustments;
    assert.equal(first?.metricIntervalLowerBound, "0");
    assert.ok(adjustments.length <= 20);
    for (const [index, adjustment] of adjustments.entries()) {
      const { metricIntervalLowerBound: lower, metricIntervalUpperBound: upper } = adjustment;
      const next = adjustments[index + 1];
      // Plain decimals: AWS would answer 1e+06 with a million, and every preview would show a change.
      assert.ok(typeof lower === "string");
      assert.match(lower, /^\d{1,6}(?:\.\d{1,3})?$/u);
      assert.equal(upper, next?.metricIntervalLowerBound);
      assert.ok(upper === undefined || Number(upper) > Number(lower));
    }
    const percents = adjustments.map(({ scalingAdjustment }) => Number(scalingAdjustment));
    assert.deepEqual(
      percents,
      percents.toSorted((left, right) => left - right),
    );
  }
});
