import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DETECTION_SECONDS, FakeService, revision } from "./fake-service.ts";

const zonesOf = (service: FakeService): string =>
  service.scheduler.tasks
    .filter(({ state }) => state !== "leaving")
    .map(({ zone }) => zone)
    .sort()
    .join("");

describe("GIVEN a service of 3 over three zones", () => {
  test("WHEN a zone loses power THEN nobody hears of it until its targets fail their checks; then a replacement comes first, elsewhere", async () => {
    const service = await FakeService.steady(revision({ desiredCount: 3 }));
    service.lostZones.lose("a");
    await service.seconds(4);
    assert.equal(service.task("t1").isAlive, false);
    assert.deepEqual(service.seen[0], "t1 r1 a healthy");
    assert.deepEqual(service.scheduler.tasks[0]?.lastStatus, "RUNNING");
    await service.seconds(DETECTION_SECONDS);
    assert.deepEqual(service.seen, [
      "t1 r1 a unhealthy",
      "t2 r1 b healthy",
      "t3 r1 c healthy",
      "t4 r1 b starting",
    ]);
    await service.seconds(120);
    assert.deepEqual(service.seen, ["t2 r1 b healthy", "t3 r1 c healthy", "t4 r1 b healthy"]);
  });

  test("WHEN the zone is back THEN a task starts there first, and then one stops in the fullest", async () => {
    const service = await FakeService.steady(revision({ desiredCount: 4 }));
    service.lostZones.lose("c");
    await service.seconds(200);
    assert.equal(zonesOf(service), "aabb");
    service.told.length = 0;
    service.lostZones.restore("c");
    assert.equal(
      service.events[0],
      "rebalancing zones: one more in c, then one less where most are",
    );
    await service.seconds(10);
    assert.equal(zonesOf(service), "aabbc", "Nothing stops before the new one is healthy.");
    await service.seconds(200);
    assert.equal(zonesOf(service), "abbc");
    assert.deepEqual(
      service.events.filter((text) => / starts$| deactivates$/u.test(text)),
      ["t6 starts", "t1 deactivates"],
    );
  });

  test("WHEN the maximum is 100 %, rebalancing is off, or a deployment runs THEN nothing is moved", async () => {
    for (const given of [
      { maximumPercent: 100, minimumHealthyPercent: 50 },
      { rebalancesZones: false },
      { alarms: { names: ["errors"], rollback: true, bakeSeconds: 36_000 } },
    ]) {
      const service = await FakeService.steady(revision({ desiredCount: 4, ...given }));
      service.lostZones.lose("c");
      await service.seconds(200);
      service.lostZones.restore("c");
      await service.seconds(200);
      assert.equal(zonesOf(service), "aabb");
    }
  });

  test("WHEN a deployment begins while a task is moved THEN the moving ends", async () => {
    const service = await FakeService.steady(revision({ desiredCount: 4 }));
    service.lostZones.lose("c");
    await service.seconds(200);
    service.lostZones.restore("c");
    await service.seconds(1);
    service.deploy(revision({ desiredCount: 4 }));
    await service.seconds(300);
    assert.equal(service.scheduler.tasks.length, 4);
    assert.deepEqual(service.rollouts[0], "r2 PRIMARY COMPLETED");
  });

  test("WHEN every zone is lost THEN nothing is launched until one is back", async () => {
    const service = await FakeService.steady(revision({ desiredCount: 3 }));
    for (const zone of ["a", "b", "c"]) service.lostZones.lose(zone);
    await service.seconds(300);
    assert.equal(service.tasks.length, 3);
    service.lostZones.restore("b");
    await service.seconds(300);
    assert.equal(zonesOf(service), "bbb");
  });
});
