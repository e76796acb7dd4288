import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LaunchThrottle, throttleDelayMilliseconds } from "../../../local/ecs/launch-throttle.ts";

const MINUTE = 60_000;

describe("GIVEN tasks that never come to RUNNING", () => {
  test("WHEN more of them fail THEN the wait doubles up to 27 minutes", () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 60].map((failures) => throttleDelayMilliseconds(failures) / MINUTE),
      [0, 1, 2, 4, 8, 16, 27, 27, 27],
    );
  });
  test("WHEN two that were started together fail THEN they are one attempt", () => {
    const throttle = new LaunchThrottle();
    throttle.failed(0);
    throttle.failed(10);
    assert.equal(throttle.remaining(10), MINUTE - 10);
    throttle.failed(MINUTE);
    assert.equal(throttle.remaining(MINUTE), 2 * MINUTE);
  });
  test("WHEN one of them runs THEN the next is not held back", () => {
    const throttle = new LaunchThrottle();
    throttle.failed(0);
    throttle.running();
    assert.equal(throttle.remaining(0), 0);
    throttle.failed(5);
    assert.equal(throttle.remaining(5), MINUTE);
  });
});
