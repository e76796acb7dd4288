import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { shiftSteps } from "../../../local/ecs/shift-stages.ts";
import type { DeploymentStrategy } from "../../../local/graph/deployment-configuration.ts";

const shift = {
  bakeMinutes: 10,
  canaryPercent: 5,
  canaryBakeMinutes: 7,
  stepPercent: 30,
  stepBakeMinutes: 6,
};

/** The shares of the production traffic, and for how many minutes each holds. */
const shares = (strategy: DeploymentStrategy, given: Partial<typeof shift> = {}): string[] =>
  shiftSteps(strategy, { ...shift, ...given })
    .filter(({ stage }) => stage === "PRODUCTION_TRAFFIC_SHIFT")
    .map(({ production, milliseconds = 0 }) => `${production ?? 0} % ${milliseconds / 60_000} min`);

describe("GIVEN a deployment that shifts traffic", () => {
  test("WHEN it is BLUE_GREEN THEN it passes AWS's stages in their order", () => {
    assert.deepEqual(
      shiftSteps("BLUE_GREEN", shift).map(({ stage }) => stage),
      [
        "RECONCILE_SERVICE",
        "PRE_SCALE_UP",
        "SCALE_UP",
        "POST_SCALE_UP",
        "TEST_TRAFFIC_SHIFT",
        "POST_TEST_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT",
        "POST_PRODUCTION_TRAFFIC_SHIFT",
        "BAKE_TIME",
        "CLEAN_UP",
      ],
    );
  });
  test("WHEN it is BLUE_GREEN THEN all traffic moves at once", () => {
    assert.deepEqual(shares("BLUE_GREEN"), ["100 % 0 min"]);
  });
  test("WHEN it is CANARY THEN a share bakes first", () => {
    assert.deepEqual(shares("CANARY"), ["5 % 7 min", "100 % 0 min"]);
  });
  test("WHEN it is LINEAR by 30 % THEN the last step is the remainder", () => {
    assert.deepEqual(shares("LINEAR"), ["30 % 6 min", "60 % 6 min", "90 % 6 min", "100 % 0 min"]);
  });
  for (const [stepPercent, steps] of [
    [100, 1],
    [50, 2],
    [10, 10],
    [3, 34],
  ] as const) {
    test(`WHEN it is LINEAR by ${stepPercent} % THEN it takes ${steps} steps`, () => {
      assert.equal(shares("LINEAR", { stepPercent }).length, steps);
    });
  }
});
