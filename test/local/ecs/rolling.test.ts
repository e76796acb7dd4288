import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CHECKED } from "./fake-task.ts";
import { FakeService, revision } from "./fake-service.ts";

const BAD = { starts: true, exitsAfterSeconds: undefined, passes: false };

describe("GIVEN a service of 2 at 100/200 %", () => {
  test("WHEN it is deployed THEN new tasks come first, and old ones are deregistered, drained for the whole delay, then told to end", async () => {
    const service = await FakeService.steady(revision());
    const start = service.clock.now() / 1000;
    service.deploy(revision());
    await service.seconds(100);
    assert.deepEqual(
      service.told.map((text) => text.replace(/^\d+/u, (second) => String(Number(second) - start))),
      [
        "0 deployment started",
        "0 t3 starts",
        "0 t4 starts",
        "13 t1 deactivates",
        "13 t2 deactivates",
        "43 t1 SIGTERM ServiceSchedulerInitiated",
        "43 t2 SIGTERM ServiceSchedulerInitiated",
        "45 t1 ends: exit code 0",
        "45 t2 ends: exit code 0",
        "45 steady",
      ],
    );
    assert.deepEqual(service.rollouts, ["r2 PRIMARY COMPLETED", "r1 INACTIVE COMPLETED"]);
  });

  test("WHEN an old task dies while new ones do not become healthy THEN it is replaced with its own revision", async () => {
    const service = await FakeService.steady(
      revision({ circuitBreaker: { enable: false, rollback: false } }),
    );
    service.behaviours.set(2, BAD);
    service.deploy(revision({ circuitBreaker: { enable: false, rollback: false } }));
    await service.seconds(12);
    service.scheduler.killTask("t1");
    await service.seconds(4);
    assert.deepEqual(service.seen, [
      "t2 r1 b healthy",
      "t3 r2 c starting",
      "t4 r2 a starting",
      "t5 r1 a starting",
    ]);
  });

  test("WHEN it scales out during a deployment THEN both revisions grow", async () => {
    const service = await FakeService.steady(revision());
    service.behaviours.set(2, BAD);
    service.deploy(revision());
    service.scheduler.setDesiredCount(3, "a test");
    await service.seconds(1);
    const count = (number: string): number =>
      service.seen.filter((task) => task.includes(` ${number} `)).length;
    assert.deepEqual([count("r1"), count("r2")], [3, 3]);
    assert.equal(service.scheduler.isDeploying, true);
  });

  test("WHEN another deployment comes during one THEN all tasks end up with the newest revision", async () => {
    const service = await FakeService.steady(revision());
    service.deploy(revision());
    await service.seconds(5);
    service.deploy(revision());
    await service.seconds(200);
    assert.deepEqual(
      service.seen.map((task) => task.split(" ")[1]),
      ["r3", "r3"],
    );
    assert.deepEqual(service.rollouts, [
      "r3 PRIMARY COMPLETED",
      "r2 INACTIVE FAILED",
      "r1 INACTIVE COMPLETED",
    ]);
  });

  test("WHEN a deployment declares another count THEN the autoscaler's holds where the program ignores changes, else the declared one", async () => {
    for (const keepsDesiredCount of [true, false]) {
      const service = await FakeService.steady(revision());
      service.scheduler.setDesiredCount(4, "a test");
      await service.seconds(60);
      service.deploy(revision({ keepsDesiredCount }));
      assert.equal(service.scheduler.desiredCount, keepsDesiredCount ? 4 : 2);
    }
  });
});

describe("GIVEN limits that allow no step", () => {
  test("WHEN a deployment begins THEN it says so, and never ends", async () => {
    const limits = { minimumHealthyPercent: 75, maximumPercent: 125 };
    const service = await FakeService.steady(revision(limits));
    service.deploy(revision(limits));
    await service.seconds(3600);
    assert.deepEqual(service.events, [
      "deployment started",
      "was unable to stop or start tasks during a deployment because of the service deployment configuration: of 2 tasks 75 % stay healthy and at most 125 % exist",
    ]);
    assert.deepEqual(service.rollouts, ["r2 PRIMARY IN_PROGRESS", "r1 ACTIVE COMPLETED"]);
  });
});

describe("GIVEN what a task is checked by", () => {
  const steadyAt = async (service: FakeService): Promise<string | undefined> => {
    service.scheduler.start();
    await service.seconds(100);
    return service.told.find((text) => text.endsWith(" steady"));
  };
  test("WHEN nothing checks it THEN it is healthy 40 seconds after RUNNING", async () => {
    assert.equal(await steadyAt(new FakeService(revision({ loadBalancers: [] }))), "50 steady");
  });
  test("WHEN its container has a check THEN it is healthy when that says so", async () => {
    const service = new FakeService(revision({ loadBalancers: [] }, [CHECKED]));
    service.clock.after(33_000, () => {
      for (const task of service.tasks) task.judge("HEALTHY");
    });
    assert.equal(await steadyAt(service), "33 steady");
  });
  test("WHEN a target group and its container check it THEN both must say so", async () => {
    const service = new FakeService(revision({}, [CHECKED]));
    service.clock.after(33_000, () => {
      for (const task of service.tasks) task.judge("HEALTHY");
    });
    assert.equal(await steadyAt(service), "33 steady");
  });
});
