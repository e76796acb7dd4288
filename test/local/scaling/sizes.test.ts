import assert from "node:assert/strict";
import { test } from "node:test";
import { stepSize, type StepScaling } from "../../../local/scaling/step-adjustment.ts";
import { sizeIn, sizeOut } from "../../../local/scaling/tracking-size.ts";

const LIMITS = { minimum: 2, maximum: 20 };

test("GIVEN a target of 50 WHEN the metric is above it THEN the size is in proportion, rounded up", () => {
  assert.equal(sizeOut(4, 80, 50, LIMITS), 7);
  assert.equal(sizeOut(10, 51, 50, LIMITS), 11);
  assert.equal(sizeOut(10, 500, 50, LIMITS), 20);
  assert.equal(sizeOut(0, 80, 50, LIMITS), 2);
  assert.equal(sizeOut(0, 80, 50, { minimum: 0, maximum: 9 }), 1);
});

test("GIVEN a target of 50 WHEN the metric is below it THEN none goes whose going would put it above", () => {
  assert.equal(sizeIn(2, 30, 50, { minimum: 1, maximum: 20 }), 2);
  assert.equal(sizeIn(10, 30, 50, LIMITS), 6);
  assert.equal(sizeIn(3, 0, 50, LIMITS), 2);
  assert.equal(sizeIn(3, 0, 50, { minimum: 0, maximum: 20 }), 0);
  assert.equal(sizeIn(1, 10, 50, { minimum: 0, maximum: 20 }), 1);
});

/** AWS's own example: 10 % from 10 above the threshold, 30 % from 20, and the same below. */
const MIRRORED: StepScaling = {
  adjustmentType: "PercentChangeInCapacity",
  minAdjustmentMagnitude: 0,
  steps: [
    { lower: Number.NEGATIVE_INFINITY, upper: -20, adjustment: -30 },
    { lower: -20, upper: -10, adjustment: -10 },
    { lower: -10, upper: 0, adjustment: 0 },
    { lower: 0, upper: 10, adjustment: 0 },
    { lower: 10, upper: 20, adjustment: 10 },
    { lower: 20, upper: Number.POSITIVE_INFINITY, adjustment: 30 },
  ],
};

test("GIVEN AWS's example of steps WHEN the metric goes through 60, 70, 40 and 30 THEN 10 becomes 11, 14, 13 and 10", () => {
  let capacity = 10;
  const sizes = [60, 70, 40, 30].map((metric) => {
    capacity = stepSize(capacity, metric - 50, MIRRORED) ?? Number.NaN;
    return capacity;
  });
  assert.deepEqual(sizes, [11, 14, 13, 10]);
});

test("GIVEN the bounds of steps WHEN the metric is on one THEN it is the step's above the threshold from it, below up to it", () => {
  for (const [difference, expected] of [
    [9.9, 10],
    [10, 11],
    [19.9, 11],
    [20, 13],
    [-9.9, 10],
    [-10, 9],
    [-19.9, 9],
    [-20, 7],
  ] as const) {
    assert.equal(stepSize(10, difference, MIRRORED), expected, String(difference));
  }
});

test("GIVEN a percentage WHEN it is of few tasks THEN it is rounded away from none, and else toward it", () => {
  const percent = (adjustment: number, minAdjustmentMagnitude = 0): StepScaling => ({
    adjustmentType: "PercentChangeInCapacity",
    minAdjustmentMagnitude,
    steps: [{ lower: 0, upper: Number.POSITIVE_INFINITY, adjustment }],
  });
  assert.equal(stepSize(10, 0, percent(25)), 12);
  assert.equal(stepSize(2, 0, percent(10)), 3);
  assert.equal(stepSize(2, 0, percent(-10)), 1);
  assert.equal(stepSize(10, 0, percent(-25)), 8);
  assert.equal(stepSize(2, 0, percent(50, 2)), 4);
  assert.equal(stepSize(5, 0, percent(0, 2)), 5);
});

test("GIVEN other kinds of adjustments WHEN a step holds THEN tasks are added, or the number set; without one nothing is", () => {
  const steps = [{ lower: 0, upper: 10, adjustment: 3 }];
  const of = (adjustmentType: StepScaling["adjustmentType"]): StepScaling => ({
    adjustmentType,
    minAdjustmentMagnitude: 0,
    steps,
  });
  assert.equal(stepSize(5, 1, of("ChangeInCapacity")), 8);
  assert.equal(stepSize(5, 1, of("ExactCapacity")), 3);
  assert.equal(stepSize(5, 10, of("ExactCapacity")), undefined);
  assert.equal(stepSize(5, -1, of("ExactCapacity")), undefined);
});
