import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  chooseTarget,
  isMatch,
  newTarget,
  observe,
  type Target,
  type TargetState,
} from "../../local/balancer/targets.ts";
import type { HealthCheck } from "../../local/graph/target-groups.ts";

const check: HealthCheck = {
  path: "/readyz",
  port: "traffic-port",
  matcher: "200",
  intervalSeconds: 5,
  timeoutSeconds: 2,
  healthyThreshold: 3,
  unhealthyThreshold: 2,
};

function states(results: string): TargetState[] {
  const target = newTarget("a", "127.0.0.1", 8080);
  return Array.from(results).map((result) => observe(target, check, result === "+"));
}

describe("GIVEN a newly registered target, 3 passes to health and 2 failures from it", () => {
  test("WHEN its first check passes THEN it is healthy, whatever the threshold", () => {
    assert.deepEqual(states("+"), ["healthy"]);
  });
  test("WHEN its first check fails and the next passes THEN it is healthy", () => {
    assert.deepEqual(states("-+"), ["initial", "healthy"]);
  });
  test("WHEN it fails from the start THEN it turns unhealthy at the second failure", () => {
    assert.deepEqual(states("--"), ["initial", "unhealthy"]);
  });
  test("WHEN a healthy one fails once THEN it stays healthy", () => {
    assert.deepEqual(states("+-+-"), ["healthy", "healthy", "healthy", "healthy"]);
  });
  test("WHEN an unhealthy one recovers THEN it takes three passes in a row", () => {
    assert.deepEqual(states("+--++-+++"), [
      "healthy",
      "healthy",
      "unhealthy",
      "unhealthy",
      "unhealthy",
      "unhealthy",
      "unhealthy",
      "unhealthy",
      "healthy",
    ]);
  });
  test("WHEN it drains THEN no check brings it back", () => {
    const target = newTarget("a", "127.0.0.1", 8080);
    target.state = "draining";
    assert.equal(observe(target, check, true), "draining");
  });
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

describe("GIVEN several targets", () => {
  const target = (id: string, state: TargetState, outstanding = 0): Target => ({
    ...newTarget(id, "127.0.0.1", 8080),
    state,
    outstanding,
  });
  const inTurn = (
    targets: Target[],
    algorithm: "round_robin" | "least_outstanding_requests",
    turns: number,
    maxConcurrency = Number.POSITIVE_INFINITY,
  ): string[] =>
    Array.from(
      { length: turns },
      (_, turn) => chooseTarget(targets, algorithm, turn, maxConcurrency)?.id ?? "none",
    );

  test("WHEN round robin chooses THEN the healthy ones take turns", () => {
    const targets = [
      target("a", "healthy", 9),
      target("b", "unhealthy"),
      target("c", "healthy"),
      target("d", "initial"),
    ];
    assert.deepEqual(inTurn(targets, "round_robin", 4), ["a", "c", "a", "c"]);
  });
  test("WHEN the fewest outstanding requests decide THEN ties are settled in turn", () => {
    const targets = [
      target("a", "healthy", 1),
      target("b", "healthy", 0),
      target("c", "healthy", 0),
    ];
    assert.deepEqual(inTurn(targets, "least_outstanding_requests", 3), ["b", "b", "c"]);
  });
  test("WHEN none is healthy THEN the group fails open to every registered one, but never to a draining one", () => {
    const targets = [target("a", "unhealthy"), target("b", "draining"), target("c", "initial")];
    assert.deepEqual(inTurn(targets, "round_robin", 3), ["a", "c", "a"]);
  });
  test("WHEN only draining ones are left THEN there is none", () => {
    assert.deepEqual(inTurn([target("a", "draining")], "round_robin", 1), ["none"]);
  });
  test("WHEN targets take no more at once than they say THEN those with a place take turns, and where none has one there is none", () => {
    const targets = [
      target("a", "healthy", 2),
      target("b", "healthy", 1),
      target("c", "unhealthy", 0),
    ];
    assert.deepEqual(inTurn(targets, "round_robin", 2, 2), ["b", "b"]);
    assert.deepEqual(inTurn(targets, "least_outstanding_requests", 1, 1), ["none"]);
  });
});
