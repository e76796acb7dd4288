/** A service of which something is missing on this machine waits, and starts with a revision that has it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Awaited } from "../../../local/awaited.ts";
import { FakeService, revision } from "./fake-service.ts";

test("GIVEN a revision that misses something WHEN the service starts THEN no task does, whatever the autoscaler wants; a whole revision ends that", async () => {
  const service = new FakeService(revision({ missing: "its model is not here" }));
  service.scheduler.start();
  service.scheduler.setDesiredCount(3, "the autoscaler wants so");
  await service.seconds(60);

  assert.equal(service.scheduler.hasBegun, false);
  assert.equal(service.seen.length, 0);
  assert.ok(service.scheduler.isDeploying);

  service.deploy(revision());
  await service.seconds(60);

  assert.equal(service.scheduler.hasBegun, true);
  assert.equal(service.seen.filter((line) => line.endsWith("healthy")).length, 3);
  assert.deepEqual(service.rollouts.at(0), "r2 PRIMARY COMPLETED");
});

test("GIVEN nothing to wait for WHEN it is awaited THEN it has come", async () => {
  await new Awaited([]).all;
});
