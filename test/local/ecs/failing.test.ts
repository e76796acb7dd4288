import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeService, revision } from "./fake-service.ts";

const NEVER_RUNS = { starts: false, exitsAfterSeconds: undefined, passes: false };
const EXITS = { starts: true, exitsAfterSeconds: 1, passes: false };
const FAILS_CHECKS = { starts: true, exitsAfterSeconds: undefined, passes: false };

const alarmed = (rollback: boolean) =>
  revision({ alarms: { names: ["errors"], rollback, bakeSeconds: 180 } });

describe("GIVEN a service of 2 with a circuit breaker", () => {
  for (const [what, behaviour] of [
    ["never run", NEVER_RUNS],
    ["exit before any check", EXITS],
    ["fail their checks", FAILS_CHECKS],
  ] as const) {
    test(`WHEN the tasks of a new revision ${what} THEN three failures roll it back, and the old tasks serve all the while`, async () => {
      const service = await FakeService.steady(revision());
      service.behaviours.set(2, behaviour);
      service.deploy(revision());
      await service.seconds(600);
      assert.equal(
        service.events.filter((text) =>
          text.startsWith("deployment failed after 3 failures, rolling back"),
        ).length,
        1,
      );
      assert.deepEqual(service.seen, ["t1 r1 a healthy", "t2 r1 b healthy"]);
      assert.deepEqual(service.rollouts, ["r2 INACTIVE ROLLED_BACK", "r1 PRIMARY COMPLETED"]);
      assert.equal(service.events.at(-1), "steady");
    });
  }
  test("WHEN the first revision fails THEN nothing more is launched", async () => {
    const service = new FakeService(revision());
    service.behaviours.set(1, EXITS);
    service.scheduler.start();
    await service.seconds(3600);
    assert.deepEqual(
      service.events.filter((text) => text.startsWith("stalled")),
      ["stalled after 3 failures: exit code 1"],
    );
    assert.deepEqual(service.rollouts, ["r1 PRIMARY FAILED"]);
    assert.equal(service.tasks.length, 4);
  });
  test("WHEN the new revision fails and no rollback is declared THEN it stalls, and the old tasks serve on", async () => {
    const circuitBreaker = { enable: true, rollback: false };
    const service = await FakeService.steady(revision());
    service.behaviours.set(2, EXITS);
    service.deploy(revision({ circuitBreaker }));
    await service.seconds(600);
    assert.deepEqual(service.rollouts, ["r2 PRIMARY FAILED", "r1 ACTIVE COMPLETED"]);
    assert.deepEqual(service.seen, ["t1 r1 a healthy", "t2 r1 b healthy"]);
    service.scheduler.killTask("t1");
    await service.seconds(30);
    assert.deepEqual(service.seen, ["t2 r1 b healthy", "t7 r1 a healthy"]);
  });
});

describe("GIVEN a service without a circuit breaker", () => {
  const none = { circuitBreaker: { enable: false, rollback: false } };
  test("WHEN its tasks never come to RUNNING THEN launches are held back for 1, 2, 4 … 27 minutes", async () => {
    const service = new FakeService(revision({ ...none, desiredCount: 1 }));
    service.behaviours.set(1, NEVER_RUNS);
    service.scheduler.start();
    await service.seconds(3 * 3600);
    const starts = service.told
      .filter((text) => text.endsWith(" starts"))
      .map((text) => Number.parseInt(text, 10));
    // Each attempt takes 10 seconds, and 3 until it is noticed.
    assert.deepEqual(
      starts.slice(1).map((start, index) => (start - (starts[index] ?? 0) - 13) / 60),
      [1, 2, 4, 8, 16, 27, 27, 27, 27, 27],
    );
    service.deploy(revision({ ...none, desiredCount: 1 }));
    assert.equal(service.events.at(-1), `t${service.tasks.length} starts`);
  });
  test("WHEN its tasks run and exit THEN they are started again for ever, and held back by nothing", async () => {
    const service = new FakeService(revision({ ...none, desiredCount: 1 }));
    service.behaviours.set(1, EXITS);
    service.scheduler.start();
    // 10 to RUNNING, 1 to the exit, 3 until it is noticed.
    await service.seconds(14 * 50);
    assert.equal(service.tasks.length, 51);
    assert.equal(service.scheduler.isDeploying, true);
  });
});

describe("GIVEN a service with a deployment alarm", () => {
  test("WHEN it rings during the deployment THEN it is rolled back within a minute", async () => {
    const service = await FakeService.steady(alarmed(true));
    await service.seconds(180);
    service.told.length = 0;
    const start = service.clock.now() / 1000;
    service.deploy(alarmed(true));
    await service.seconds(70);
    service.alarms.set("errors", "ALARM");
    await service.seconds(120);
    assert.ok(
      service.told.includes(
        `${start + 120} deployment failed by an alarm, rolling back: the alarm \`errors\` is in ALARM`,
      ),
      service.told.join("\n"),
    );
    await service.seconds(120);
    assert.deepEqual(service.rollouts, ["r2 INACTIVE ROLLED_BACK", "r1 PRIMARY COMPLETED"]);
  });
  test("WHEN it rings already as the deployment begins THEN it is ignored", async () => {
    const service = await FakeService.steady(alarmed(true));
    await service.seconds(180);
    service.alarms.set("errors", "ALARM");
    service.deploy(alarmed(true));
    await service.seconds(70);
    service.alarms.set("errors", "OK");
    await service.seconds(60);
    service.alarms.set("errors", "ALARM");
    await service.seconds(600);
    assert.deepEqual(service.rollouts, ["r2 PRIMARY COMPLETED", "r1 INACTIVE COMPLETED"]);
  });
  test("WHEN all tasks are new and healthy THEN the deployment goes on for as long as the alarm looks back", async () => {
    const service = await FakeService.steady(alarmed(true));
    service.deploy(alarmed(true));
    // 10 to RUNNING, 3 to healthy, 30 to drain, 2 to end.
    await service.seconds(45 + 179);
    assert.deepEqual(service.scheduler.deployments[0]?.stage, "BAKE_TIME");
    assert.equal(service.scheduler.isDeploying, true);
    await service.seconds(2);
    assert.equal(service.scheduler.isDeploying, false);
  });
  test("WHEN it rings while it bakes THEN the old revision comes back", async () => {
    const service = await FakeService.steady(alarmed(true));
    await service.seconds(180);
    service.deploy(alarmed(true));
    await service.seconds(130);
    service.alarms.set("errors", "ALARM");
    await service.seconds(240);
    assert.deepEqual(
      service.seen.map((task) => task.split(" ")[1]),
      ["r1", "r1"],
    );
  });
  test("WHEN no rollback is declared THEN the deployment has failed, and stays as it is", async () => {
    const service = await FakeService.steady(alarmed(false));
    await service.seconds(180);
    service.deploy(alarmed(false));
    await service.seconds(130);
    service.alarms.set("errors", "ALARM");
    await service.seconds(240);
    assert.deepEqual(service.rollouts, ["r2 PRIMARY FAILED", "r1 ACTIVE COMPLETED"]);
    assert.deepEqual(
      service.events.filter((text) => text.startsWith("stalled")),
      ["stalled by an alarm: the alarm `errors` is in ALARM"],
    );
  });
});
