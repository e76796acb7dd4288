import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CircuitBreaker, circuitBreakerThreshold } from "../../local/ecs/circuit-breaker.ts";

describe("GIVEN the circuit breaker of a deployment of 2", () => {
  test("WHEN three tasks fail in a row THEN the deployment has failed, once", () => {
    const breaker = new CircuitBreaker(2, true);
    assert.deepEqual(
      ["a", "b", "c", "d"].map((task) => breaker.failed(task)),
      [false, false, true, false],
    );
  });
  test("WHEN one task fails in several ways THEN it counts once", () => {
    const breaker = new CircuitBreaker(2, true);
    assert.deepEqual(
      ["a", "a", "a", "a"].map((task) => breaker.failed(task)),
      [false, false, false, false],
    );
    assert.equal(breaker.failures, 1);
  });
  test("WHEN a task turns healthy in between THEN the count begins anew", () => {
    const breaker = new CircuitBreaker(2, true);
    breaker.failed("a");
    breaker.failed("b");
    breaker.healthy();
    assert.deepEqual(
      ["c", "d", "e"].map((task) => breaker.failed(task)),
      [false, false, true],
    );
  });
  test("WHEN none is declared THEN no number of failures ends a deployment", () => {
    const breaker = new CircuitBreaker(2, false);
    assert.ok(
      Array.from({ length: 50 }, (_, task) => breaker.failed(String(task))).every(
        (failed) => !failed,
      ),
    );
  });
});

describe("GIVEN the stages of a circuit breaker", () => {
  test("WHEN no task has been RUNNING THEN those count that do not get there", () => {
    const breaker = new CircuitBreaker(2, true);
    assert.deepEqual(
      ["a", "b", "c"].map((task) => breaker.failed(task, "not-running")),
      [false, false, true],
    );
  });
  test("WHEN one has been RUNNING THEN only those count that ran", () => {
    const breaker = new CircuitBreaker(2, true);
    breaker.failed("a", "not-running");
    breaker.running();
    breaker.failed("b", "not-running");
    assert.equal(breaker.failures, 1);
    breaker.failed("b", "exited-before-healthy");
    assert.equal(breaker.failed("c", "health-check"), true);
  });
  test("WHEN a healthy task is not to reset the count THEN it goes on", () => {
    const breaker = new CircuitBreaker(2, true, {
      threshold: { type: "COUNT", value: 2 },
      resetOnHealthyTask: false,
    });
    breaker.failed("a");
    breaker.healthy();
    assert.equal(breaker.failed("b"), true);
  });
});

describe("GIVEN the types of thresholds", () => {
  for (const [type, value, desired, threshold] of [
    ["BOUNDED_PERCENT", 50, 2, 3],
    ["BOUNDED_PERCENT", 50, 7, 4],
    ["BOUNDED_PERCENT", 100, 500, 200],
    ["UNBOUNDED_PERCENT", 50, 2, 1],
    ["UNBOUNDED_PERCENT", 100, 500, 500],
    ["COUNT", 7, 2, 7],
  ] as const) {
    test(`WHEN ${desired} are wanted and the threshold is ${value} by ${type} THEN ${threshold} failures end a deployment`, () => {
      assert.equal(circuitBreakerThreshold(desired, { type, value }), threshold);
    });
  }
});
