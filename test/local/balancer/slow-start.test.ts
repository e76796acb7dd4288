import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { entersSlowStart, slowStartWeight } from "../../../local/balancer/slow-start.ts";

describe("GIVEN a slow start of 60 s", () => {
  for (const [since, now, weight] of [
    [undefined, 15_000, 1],
    [0, 0, 0],
    [0, 15_000, 0.25],
    [10_000, 40_000, 0.5],
    [0, 60_000, 1],
    [0, 90_000, 1],
  ] as const) {
    test(`WHEN ${since === undefined ? "a target is not in it" : `${(now - since) / 1000} s have passed`} THEN its share is ${weight}`, () => {
      assert.equal(slowStartWeight(since, 60, now), weight);
    });
  }

  const healthy = { state: "healthy", slowStartAt: undefined };
  for (const [what, others, enters] of [
    ["it is the first of an empty group", [], false],
    ["another is healthy", [healthy], true],
    ["another is unhealthy", [{ ...healthy, state: "unhealthy" }], false],
    ["the only healthy one is in slow start", [{ ...healthy, slowStartAt: 50_000 }], false],
    ["the only healthy one has just left slow start", [{ ...healthy, slowStartAt: 40_000 }], true],
  ] as const) {
    test(`WHEN a target turns healthy and ${what} THEN it ${enters ? "enters" : "does not enter"}`, () => {
      assert.equal(entersSlowStart(others, 60, 100_000), enters);
    });
  }

  test("WHEN slow start is off THEN nobody enters, and shares are full", () => {
    assert.equal(entersSlowStart([healthy], 0, 0), false);
    assert.equal(slowStartWeight(0, 0, 0), 1);
  });
});
