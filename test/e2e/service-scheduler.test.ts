import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Graph } from "../../local/graph/graph.ts";
import { change, observe, setVariable, until, type Observed } from "./in-process.ts";
import { callWeather, startLoad } from "./load.ts";

const SPEED = 20;

/**
 * Three replicas, which nothing but the test scales, and whose first deployment watches no alarms: nothing is moved between zones before its end. They
 * do not drain themselves, so that only their deregistration saves calls.
 */
function three(graph: Graph): Graph {
  const grouped = change(graph, "aws:lb/targetGroup:TargetGroup", () => ({
    deregistrationDelay: 20,
  }));
  const declared = change(grouped, "aws:ecs/service:Service", () => ({
    desiredCount: 3,
    healthCheckGracePeriodSeconds: 30,
    alarms: undefined,
  }));
  const resources = declared.resources.filter(
    ({ type }) => type !== "aws:appautoscaling/policy:Policy",
  );
  return setVariable({ ...declared, resources }, "DRAIN_SECONDS", "0");
}

async function startThree(context: TestContext) {
  const observed = await observe(context, three, process.platform, SPEED);
  await observed.run.ready;
  const [service] = observed.run.services;
  const [endpoint] = observed.run.endpoints;
  assert.ok(service !== undefined && endpoint !== undefined);
  return { observed, service, endpoint };
}

type Service = Observed["run"]["services"][number];

const staying = ({ tasks }: Service) => tasks.filter(({ state }) => state !== "leaving");

const zonesOf = (service: Service): string[] =>
  staying(service)
    .map(({ zone }) => zone)
    .sort();

const areHealthy = (service: Service, count: number): boolean =>
  staying(service).length === count && staying(service).every(({ state }) => state === "healthy");

test("GIVEN three replicas in three zones WHEN a zone loses power THEN its replica is replaced elsewhere, and moved back when the power is", async (context) => {
  const { observed, service, endpoint } = await startThree(context);
  const before = zonesOf(service);
  assert.equal(new Set(before).size, 3);
  const [lost = ""] = before;
  const [victim] = service.tasks.filter(({ zone }) => zone === lost);

  observed.run.lostZones.lose(lost);
  await until(observed, () => areHealthy(service, 3) && !zonesOf(service).includes(lost));
  assert.deepEqual(victim?.task.processIds, []);
  assert.equal(new Set(zonesOf(service)).size, 2);
  // DNS hands the address of the lost node out for a minute more: a client that meets it is not connected, and tries again.
  const status = async (): Promise<number> => (await callWeather(endpoint)) || (await status());
  for (let call = 0; call < 12; call++) assert.equal(await status(), 200);

  observed.run.lostZones.restore(lost);
  await until(observed, () => areHealthy(service, 3) && zonesOf(service).includes(lost));
  assert.deepEqual(zonesOf(service), before);
});

test("GIVEN three replicas under load WHEN the service is scaled in to one THEN no call fails", async (context) => {
  const { observed, service, endpoint } = await startThree(context);
  const load = startLoad(endpoint, 4, { repeat: false });
  service.setDesiredCount(1, "a test");
  await until(observed, () => areHealthy(service, 1) && service.tasks.length === 1);
  await load.end();

  assert.deepEqual([...new Set(load.statuses)], [200]);
  assert.ok(load.statuses.length > 20, `Only ${load.statuses.length} calls were made.`);
  assert.equal(observed.happenings.filter((text) => text === "ended").length, 2);
});
