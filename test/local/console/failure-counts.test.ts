import assert from "node:assert/strict";
import { test } from "node:test";
import { levelOf } from "../../../local/console/event-level.ts";
import { FailureCounts } from "../../../local/console/failure-counts.ts";
import { VirtualClock } from "../virtual-clock.ts";

test("GIVEN many failures of two kinds within a second WHEN it is over THEN one line tells each kind, and answers are none", async () => {
  const clock = new VirtualClock();
  const told: string[] = [];
  const counts = new FailureCounts(clock, (text) => {
    told.push(text);
  });
  for (let index = 0; index < 12; index++) counts.add("sent to a dead target");
  counts.add("lost in flight");
  counts.add("answered");
  counts.add("client left");
  assert.equal(told.length, 0);

  await clock.advance(1000);
  assert.deepEqual(told, ["12 requests sent to a dead target", "1 request lost in flight"]);

  counts.add("timed out");
  await clock.advance(1000);
  assert.equal(told.at(-1), "1 request timed out");
});

for (const [text, level] of [
  ["target unhealthy", "bad"],
  ["target healthy", "good"],
  ["stopped: the container `server` ended with SIGKILL (exit code 137)", "bad"],
  ["alarm ALARM: no data", "bad"],
  ["alarm OK: the newest value is 1", "good"],
  ["12 requests sent to a dead target", "bad"],
  ["deployment failed after 3 failures, rolling back", "bad"],
  ["starting at 127.1.1.1", "information"],
] as const) {
  test(`GIVEN \`${text}\` WHEN it is shown THEN it is ${level}`, () => {
    assert.equal(levelOf(text), level);
  });
}
