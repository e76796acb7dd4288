import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EcsService } from "../../../local/graph/services.ts";
import { FakeService, revision, SHIFTING } from "./fake-service.ts";

const shifting = (strategy: EcsService["strategy"], given: Partial<EcsService> = {}): EcsService =>
  revision({
    strategy,
    loadBalancers: [SHIFTING],
    circuitBreaker: { enable: false, rollback: false },
    ...given,
  });

const FAILS_CHECKS = { starts: true, exitsAfterSeconds: undefined, passes: false };

/** The weights of the production rule since a moment, `13 blue/green`. */
const production = (service: FakeService, start: number): string[] =>
  service.weights
    .filter((text) => text.includes(" production "))
    .map((text) => text.replace(/^(\d+) production/u, (_all, at) => String(Number(at) - start)));

const counts = (service: FakeService): Record<string, number> => {
  const revisions = service.seen.map((task) => task.split(" ")[1] ?? "");
  return Object.fromEntries(
    [...new Set(revisions)].map((one) => [one, revisions.filter((other) => other === one).length]),
  );
};

const HOUR = 3600;

describe("GIVEN a service of 2 whose deployments shift traffic", () => {
  test("WHEN it starts THEN its first target group has all traffic, and it is steady before it has baked", async () => {
    const service = new FakeService(shifting("CANARY"));
    service.scheduler.start();
    await service.seconds(20);
    assert.deepEqual(service.weights, ["0 test 100/0", "0 production 100/0"]);
    assert.ok(service.told.includes("13 steady"));
    assert.equal(service.scheduler.deployments[0]?.stage, "BAKE_TIME");
    await service.seconds(600);
    assert.deepEqual(service.rollouts, ["r1 PRIMARY COMPLETED"]);
  });

  for (const [strategy, shares, bakedAt] of [
    ["BLUE_GREEN", ["0 100/0", "13 0/100"], 13 + 600],
    ["CANARY", ["0 100/0", "13 95/5", "613 0/100"], 613 + 600],
    ["LINEAR", ["0 100/0", "13 70/30", "373 40/60", "733 10/90", "1093 0/100"], 1093 + 600],
  ] as const) {
    test(`WHEN it is deployed by ${strategy} THEN both revisions run in full until the baking is over, and the weights move in its steps`, async () => {
      const service = await FakeService.steady(shifting(strategy));
      const start = service.clock.now() / 1000;
      service.deploy(shifting(strategy));
      await service.seconds(bakedAt - 1);
      assert.deepEqual(production(service, start), shares);
      assert.deepEqual(counts(service), { r1: 2, r2: 2 });
      assert.equal(service.scheduler.deployments[0]?.stage, "BAKE_TIME");
      assert.deepEqual(
        service.scheduler.deployments.map(({ traffic }) => traffic),
        [100, 0],
      );
      await service.seconds(100);
      assert.deepEqual(counts(service), { r2: 2 });
      assert.deepEqual(service.rollouts, ["r2 PRIMARY COMPLETED", "r1 INACTIVE COMPLETED"]);
      assert.equal(service.groups.get("green")?.state("t3"), "healthy");
      assert.equal(service.events.at(-1), "steady");
    });
  }

  test("WHEN it is deployed THEN the test rule moves before the production rule", async () => {
    const service = await FakeService.steady(shifting("BLUE_GREEN"));
    service.deploy(shifting("BLUE_GREEN"));
    await service.seconds(60);
    assert.deepEqual(
      service.weights.map((text) => text.replace(/^\d+ /u, "")),
      ["test 100/0", "production 100/0", "test 0/100", "production 0/100"],
    );
  });

  test("WHEN it is deployed twice THEN the second revision comes back to the first target group", async () => {
    const service = await FakeService.steady(shifting("BLUE_GREEN"));
    service.deploy(shifting("BLUE_GREEN"));
    await service.seconds(HOUR);
    service.weights.length = 0;
    const start = service.clock.now() / 1000;
    service.deploy(shifting("BLUE_GREEN"));
    await service.seconds(HOUR);
    assert.deepEqual(production(service, start), ["0 0/100", "13 100/0"]);
    assert.equal(service.groups.get("blue")?.state("t5"), "healthy");
    assert.deepEqual(counts(service), { r3: 2 });
  });

  test("WHEN an alarm rings while it bakes THEN the weights flip back at once, and the new tasks go", async () => {
    const alarms = { names: ["errors"], rollback: true, bakeSeconds: 0 };
    const service = await FakeService.steady(shifting("CANARY", { alarms }));
    service.alarms.set("errors", "OK");
    const start = service.clock.now() / 1000;
    service.deploy(shifting("CANARY", { alarms }));
    await service.seconds(100);
    service.alarms.set("errors", "ALARM");
    await service.seconds(100);
    assert.deepEqual(production(service, start), ["0 100/0", "13 95/5", "120 100/0"]);
    assert.deepEqual(counts(service), { r1: 2 });
    assert.deepEqual(service.rollouts, ["r2 INACTIVE ROLLED_BACK", "r1 PRIMARY COMPLETED"]);
  });

  test("WHEN an alarm rings and no rollback is declared THEN traffic and tasks stay as they are", async () => {
    const alarms = { names: ["errors"], rollback: false, bakeSeconds: 0 };
    const service = await FakeService.steady(shifting("CANARY", { alarms }));
    const start = service.clock.now() / 1000;
    service.deploy(shifting("CANARY", { alarms }));
    await service.seconds(100);
    service.alarms.set("errors", "ALARM");
    await service.seconds(HOUR);
    assert.deepEqual(production(service, start), ["0 100/0", "13 95/5"]);
    assert.deepEqual(counts(service), { r1: 2, r2: 2 });
  });

  test("WHEN the new tasks never become healthy THEN no breaker acts, and no traffic moves", async () => {
    const service = await FakeService.steady(shifting("BLUE_GREEN"));
    const start = service.clock.now() / 1000;
    service.behaviours.set(2, FAILS_CHECKS);
    service.deploy(shifting("BLUE_GREEN"));
    await service.seconds(HOUR);
    assert.equal(service.scheduler.deployments[0]?.stage, "SCALE_UP");
    assert.deepEqual(production(service, start), ["0 100/0"]);
  });

  test("WHEN a task of either revision dies THEN it is replaced with its own", async () => {
    const service = await FakeService.steady(shifting("BLUE_GREEN"));
    service.deploy(shifting("BLUE_GREEN"));
    await service.seconds(60);
    service.scheduler.killTask("t1");
    service.scheduler.killTask("t3");
    await service.seconds(60);
    assert.deepEqual(counts(service), { r1: 2, r2: 2 });
  });

  test("WHEN it scales out THEN both revisions do", async () => {
    const service = await FakeService.steady(shifting("BLUE_GREEN"));
    service.deploy(shifting("BLUE_GREEN"));
    await service.seconds(60);
    service.scheduler.setDesiredCount(3, "a test");
    await service.seconds(60);
    assert.deepEqual(counts(service), { r1: 3, r2: 3 });
  });

  test("WHEN another deployment comes while traffic moves THEN the old revision has it all again, and the one in between goes first", async () => {
    const service = await FakeService.steady(shifting("CANARY"));
    const start = service.clock.now() / 1000;
    service.deploy(shifting("CANARY"));
    await service.seconds(100);
    service.deploy(shifting("CANARY"));
    assert.equal(service.scheduler.deployments[0]?.stage, "RECONCILE_SERVICE");
    await service.seconds(2 * HOUR);
    assert.deepEqual(production(service, start), [
      "0 100/0",
      "13 95/5",
      "100 100/0",
      "145 95/5",
      "745 0/100",
    ]);
    assert.deepEqual(counts(service), { r3: 2 });
  });

  for (const [moment, seconds, revisionBefore] of [
    ["the first revision bakes", 20, 0],
    ["the old revision is cleaned up", 620, 1],
  ] as const) {
    test(`WHEN another deployment comes while ${moment} THEN who has the traffic keeps it until the new one serves`, async () => {
      const service = new FakeService(shifting("BLUE_GREEN"));
      service.scheduler.start();
      if (revisionBefore === 1) {
        await service.seconds(HOUR);
        service.deploy(shifting("BLUE_GREEN"));
      }
      await service.seconds(seconds);
      const serving = revisionBefore === 0 ? "r1" : "r2";
      const stage = service.scheduler.deployments[0]?.stage;
      assert.equal(stage, revisionBefore === 0 ? "BAKE_TIME" : "CLEAN_UP");
      const start = service.clock.now() / 1000;
      service.deploy(shifting("BLUE_GREEN"));
      await service.seconds(5);
      assert.equal(counts(service)[serving], 2);
      await service.seconds(300);
      assert.equal(counts(service)[serving], 2);
      const [before, shifted, ...more] = production(service, start).slice(-2);
      assert.deepEqual(more, []);
      assert.equal(before, revisionBefore === 0 ? "0 100/0" : "0 0/100");
      assert.match(String(shifted), revisionBefore === 0 ? / 0\/100$/u : / 100\/0$/u);
      await service.seconds(HOUR);
      assert.deepEqual(counts(service), { [revisionBefore === 0 ? "r2" : "r3"]: 2 });
    });
  }

  test("WHEN it is deployed as ROLLING again THEN its tasks come to the first target group", async () => {
    const service = await FakeService.steady(shifting("BLUE_GREEN"));
    service.deploy(shifting("BLUE_GREEN"));
    await service.seconds(HOUR);
    service.deploy(revision());
    await service.seconds(200);
    assert.deepEqual(counts(service), { r3: 2 });
    assert.equal(service.groups.get("blue")?.state("t5"), "healthy");
  });
});
