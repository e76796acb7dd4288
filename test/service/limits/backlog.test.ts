import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isStalled, observe, type Backlog } from "../../../service/runtime/limits/backlog.ts";

const PATIENCE = 60_000;

/** Looks at a connection that was opened at 0: pairs of a time in seconds and the bytes that wait. */
function after(...looks: readonly (readonly [seconds: number, waiting: number])[]): boolean {
  let backlog: Backlog = { waiting: 0, since: 0 };
  let now = 0;
  for (const [seconds, waiting] of looks) {
    now = seconds * 1000;
    backlog = observe(backlog, waiting, now);
  }
  return isStalled(backlog, now, PATIENCE);
}

describe("GIVEN a connection that is looked at, with a patience of 60 seconds", () => {
  test("WHEN nothing waits THEN it is not stalled, however long that lasts", () => {
    assert.equal(after([10, 0], [100_000, 0]), false);
  });

  test("WHEN something waits and becomes no less THEN it is stalled after 60 seconds", () => {
    assert.equal(after([10, 0], [15, 1000], [70, 1000]), false);
    assert.equal(after([10, 0], [15, 1000], [71, 1000]), true);
  });

  test("WHEN the server adds to what waits THEN that is no progress", () => {
    assert.equal(after([10, 0], [15, 1000], [30, 1020], [45, 1040], [71, 1060]), true);
  });

  test("WHEN the client takes some now and then THEN it is not stalled", () => {
    assert.equal(after([10, 0], [15, 1000], [65, 999], [120, 998], [175, 998]), false);
  });

  test("WHEN a large answer waits THEN it has a second more for every 64 KiB", () => {
    const waiting = 100 * 64 * 1024;
    assert.equal(after([0, 0], [1, waiting], [160, waiting]), false);
    assert.equal(after([0, 0], [1, waiting], [161, waiting]), true);
  });
});
