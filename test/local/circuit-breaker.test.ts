import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CircuitBreaker } from "../../local/ecs/circuit-breaker.ts";

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
