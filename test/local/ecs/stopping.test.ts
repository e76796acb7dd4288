import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeService, revision } from "./fake-service.ts";

/** What was told of a task since the start of what the test does. */
const of = (service: FakeService, id: string, start: number): string[] =>
  service.told
    .filter((text) => text.includes(` ${id} `))
    .map((text) => text.replace(/^\d+/u, (second) => String(Number(second) - start)));

describe("GIVEN a service of 4 over three zones", () => {
  test("WHEN 2 are wanted THEN tasks of the fullest zone go first, by the scheduler's stop order", async () => {
    const service = await FakeService.steady(revision({ desiredCount: 4 }));
    const start = service.clock.now() / 1000;
    assert.deepEqual(service.seen, [
      "t1 r1 a healthy",
      "t2 r1 b healthy",
      "t3 r1 c healthy",
      "t4 r1 a healthy",
    ]);
    service.scheduler.setDesiredCount(3, "a test");
    await service.seconds(100);
    assert.deepEqual(service.seen, ["t2 r1 b healthy", "t3 r1 c healthy", "t4 r1 a healthy"]);
    assert.deepEqual(of(service, "t1", start), [
      "0 t1 deactivates",
      "30 t1 SIGTERM ServiceSchedulerInitiated",
      "32 t1 ends: exit code 0",
    ]);
  });
});

describe("GIVEN a service of 2", () => {
  test("WHEN it is scaled out THEN tasks start at once", async () => {
    const service = await FakeService.steady(revision());
    service.scheduler.setDesiredCount(3, "the alarm `high`");
    assert.deepEqual(service.events, ["desired count 2 → 3: the alarm `high`", "t3 starts"]);
    await service.seconds(20);
    assert.equal(service.scheduler.runningCount, 3);
  });
  for (const [what, act, stopCode] of [
    ["StopTask stops one", "stopTask", "UserInitiated"],
    ["Spot takes one back", "interruptSpot", "SpotInterruption"],
  ] as const) {
    test(`WHEN ${what} THEN it is deregistered and told to end at the same instant, and replaced at once`, async () => {
      const service = await FakeService.steady(revision());
      const start = service.clock.now() / 1000;
      service.scheduler[act]("t1");
      assert.equal(service.groups.get("blue")?.state("t1"), "draining");
      await service.seconds(20);
      assert.deepEqual(of(service, "t1", start), [
        "0 t1 deactivates",
        `0 t1 SIGTERM ${stopCode}`,
        "2 t1 ends: exit code 0",
      ]);
      assert.deepEqual(of(service, "t3", start), ["0 t3 starts"]);
      assert.deepEqual(service.seen, ["t2 r1 b healthy", "t3 r1 a healthy"]);
    });
  }
  test("WHEN one crashes THEN it is still a target until ECS notices, then it is replaced", async () => {
    const service = await FakeService.steady(revision());
    const start = service.clock.now() / 1000;
    service.scheduler.killTask("t1");
    await service.seconds(2.9);
    assert.equal(service.groups.get("blue")?.state("t1"), "healthy");
    await service.seconds(0.1);
    assert.equal(service.groups.get("blue")?.state("t1"), "draining");
    assert.deepEqual(of(service, "t3", start), ["3 t3 starts"]);
  });
  test("WHEN one fails its checks THEN its replacement is healthy before it is stopped", async () => {
    const service = await FakeService.steady(revision());
    service.task("t1").judge("UNKNOWN");
    // Its process hangs: it answers nothing.
    Object.defineProperty(service.task("t1"), "passes", { get: () => false });
    await service.seconds(60);
    const order = service.events.filter((text) => /t3 starts|t1 deactivates/u.test(text));
    assert.deepEqual(order, ["t3 starts", "t1 deactivates"]);
    assert.equal(service.seen.filter((task) => task.endsWith(" healthy")).length, 2);
  });
  test("WHEN one fails its checks within the grace period THEN it stays", async () => {
    const service = await FakeService.steady(revision({ healthCheckGracePeriodSeconds: 3600 }));
    Object.defineProperty(service.task("t1"), "passes", { get: () => false });
    await service.seconds(600);
    assert.equal(service.groups.get("blue")?.state("t1"), "unhealthy");
    assert.deepEqual(service.events, []);
  });
  test("WHEN it closes THEN every task ends", async () => {
    const service = await FakeService.steady(revision());
    const closed = service.scheduler.close(1000);
    await service.seconds(1);
    await closed;
    assert.deepEqual(
      service.tasks.map(({ isAlive }) => isAlive),
      [false, false],
    );
  });
});
