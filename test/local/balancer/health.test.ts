import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  afterCheck,
  describedState,
  isMatch,
  type Health,
  type TargetState,
} from "../../../local/balancer/health.ts";
import type { HealthCheck } from "../../../local/graph/target-groups.ts";

const check: HealthCheck = {
  path: "/readyz",
  port: "traffic-port",
  matcher: "200",
  intervalSeconds: 5,
  timeoutSeconds: 2,
  healthyThreshold: 3,
  unhealthyThreshold: 2,
};

/** The states after each result: `+` a passed check, `-` a failed one. */
function states(results: string, from: TargetState = "initial"): TargetState[] {
  let health: Health = { state: from, streak: 0 };
  return Array.from(results).map((result) => {
    health = afterCheck(health, check, result === "+");
    return health.state;
  });
}

describe("GIVEN a newly registered target, 3 passes to health and 2 failures from it", () => {
  for (const [what, results, expected] of [
    ["its first check passes THEN it is healthy, whatever the threshold", "+", "healthy"],
    ["its first check fails and the next passes THEN it is healthy", "-+", "initial healthy"],
    [
      "it fails from the start THEN it turns unhealthy at the second failure",
      "--",
      "initial unhealthy",
    ],
    [
      "a healthy one fails now and then THEN it stays healthy",
      "+-+-",
      "healthy healthy healthy healthy",
    ],
    [
      "an unhealthy one recovers THEN it takes three passes in a row",
      "+--++-+++",
      "healthy healthy unhealthy unhealthy unhealthy unhealthy unhealthy unhealthy healthy",
    ],
  ] as const) {
    test(`WHEN ${what}`, () => {
      assert.deepEqual(states(results), expected.split(" "));
    });
  }

  for (const state of ["draining", "unused"] as const) {
    test(`WHEN it is ${state} THEN no check changes that`, () => {
      assert.deepEqual(
        states("+++---", state),
        Array.from({ length: 6 }, () => state),
      );
    });
  }
});

describe("GIVEN three nodes that look at one target", () => {
  for (const [before, views, after] of [
    ["initial", "healthy healthy healthy", "healthy"],
    ["initial", "healthy healthy initial", "initial"],
    ["healthy", "healthy unhealthy unhealthy", "healthy"],
    ["healthy", "unhealthy unhealthy unhealthy", "unhealthy"],
    ["unhealthy", "healthy unhealthy healthy", "unhealthy"],
    ["healthy", "unhealthy unhealthy", "unhealthy"],
    ["healthy", "", "healthy"],
  ] as const) {
    test(`WHEN they see ${views || "nothing"} after ${before} THEN it is told as ${after}`, () => {
      assert.equal(
        describedState(before, views.split(" ").filter((view) => view !== "") as TargetState[]),
        after,
      );
    });
  }
});

describe("GIVEN a matcher", () => {
  for (const [matcher, status, matched] of [
    ["200", 200, true],
    ["200", 204, false],
    ["200,202", 202, true],
    ["200-299", 250, true],
    ["200-299", 300, false],
    ["200,300-302", 301, true],
  ] as const) {
    test(`WHEN \`${matcher}\` meets ${status} THEN it ${matched ? "passes" : "fails"}`, () => {
      assert.equal(isMatch(matcher, status), matched);
    });
  }
});
