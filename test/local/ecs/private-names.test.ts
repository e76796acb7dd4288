/** When ECS enters tasks under private names, and takes them out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NameRegistry } from "../../../local/private-names/registry.ts";
import { FakeService, revision } from "./fake-service.ts";
import { CHECKED } from "./fake-task.ts";

const NAME = {
  arn: "name",
  hostName: "weather.mcp.internal",
  ttlSeconds: 5,
  maxAnswers: 8,
  knowsHealth: true,
};

function serviceWith(given: Parameters<typeof revision>[0] = {}, checked = false) {
  const registry = new NameRegistry({ namespaces: ["mcp.internal"], names: [NAME] });
  const declared = revision({ registryArns: ["name"], ...given }, checked ? [CHECKED] : undefined);
  const service = new FakeService(declared, registry);
  return { service, named: (): string[] => registry.tasks(NAME).map(({ id }) => id) };
}

test("GIVEN a service with a private name WHEN its tasks are running THEN they are under it", async () => {
  const { service, named } = serviceWith();
  service.scheduler.start();
  assert.deepEqual(named(), []);

  await service.seconds(60);

  assert.deepEqual(named(), ["t1", "t2"]);
});

test("GIVEN tasks with a health check WHEN it passes THEN they are given out, and no longer when it fails", async () => {
  const { service, named } = serviceWith({}, true);
  service.scheduler.start();
  await service.seconds(15);
  assert.deepEqual(named(), []);
  for (const task of service.tasks) task.judge("HEALTHY");
  assert.deepEqual(named(), ["t1", "t2"]);

  service.task("t1").judge("UNHEALTHY");

  assert.ok(!named().includes("t1"));
});

test("GIVEN a task under a private name WHEN it is retired THEN it leaves before SIGTERM", async () => {
  const { service, named } = serviceWith();
  service.scheduler.start();
  await service.seconds(60);

  service.scheduler.setDesiredCount(1, "a test");

  assert.equal(named().length, 1);
  assert.ok(service.told.every((text) => !text.includes("SIGTERM")));
});

test("GIVEN a task under a private name WHEN it dies THEN it stays there until ECS notices", async () => {
  const { service, named } = serviceWith();
  service.scheduler.start();
  await service.seconds(60);

  service.scheduler.killTask("t1");
  assert.ok(named().includes("t1"));
  await service.seconds(4);

  assert.ok(!named().includes("t1"));
});
