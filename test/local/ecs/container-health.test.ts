import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  judged,
  taskHealth,
  UNKNOWN_HEALTH,
  type Health,
} from "../../../local/ecs/container-health.ts";

const CHECK = { retries: 3, startPeriod: 60 };

/** The states after each result, [passed, started at]. */
function after(results: readonly (readonly [boolean, number])[]): string[] {
  let health: Health = UNKNOWN_HEALTH;
  return results.map(([passed, startedSeconds]) => {
    health = judged(CHECK, health, passed, startedSeconds);
    return health.status;
  });
}

describe("GIVEN a health check with 3 retries and a start period of 60 seconds", () => {
  test("WHEN checks fail after it THEN the third in a row makes the container UNHEALTHY", () => {
    assert.deepEqual(
      after([
        [false, 60],
        [false, 90],
        [false, 120],
      ]),
      ["UNKNOWN", "UNKNOWN", "UNHEALTHY"],
    );
  });

  test("WHEN checks fail within it THEN they do not count", () => {
    assert.deepEqual(
      after([
        [false, 30],
        [false, 59.9],
        [false, 60],
        [false, 90],
        [false, 120],
      ]),
      ["UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", "UNHEALTHY"],
    );
  });

  test("WHEN one passes within it THEN the failures after it count", () => {
    assert.deepEqual(
      after([
        [true, 10],
        [false, 20],
        [false, 30],
        [false, 40],
      ]),
      ["HEALTHY", "HEALTHY", "HEALTHY", "UNHEALTHY"],
    );
  });

  test("WHEN a failure is followed by a pass THEN the count begins anew, and UNHEALTHY turns HEALTHY", () => {
    assert.deepEqual(
      after([
        [false, 60],
        [false, 90],
        [true, 120],
        [false, 150],
        [false, 180],
        [false, 210],
        [true, 240],
      ]),
      ["UNKNOWN", "UNKNOWN", "HEALTHY", "HEALTHY", "HEALTHY", "UNHEALTHY", "HEALTHY"],
    );
  });
});

describe("GIVEN essential containers", () => {
  const cases = [
    [["HEALTHY", "HEALTHY"], "HEALTHY"],
    [["HEALTHY", "UNKNOWN"], "UNKNOWN"],
    [["UNHEALTHY", "UNKNOWN"], "UNHEALTHY"],
    [["UNHEALTHY", "HEALTHY"], "UNHEALTHY"],
    [[], "UNKNOWN"],
  ] as const;
  for (const [statuses, status] of cases) {
    test(`WHEN they are ${statuses.join(" and ") || "none"} THEN the task is ${status}`, () => {
      assert.equal(taskHealth(statuses), status);
    });
  }
});
