import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { Rule } from "../../../local/graph/listeners.ts";
import { get, stand, target, type Stand } from "./stand.ts";

const LOAD_BALANCER = "app/mcp/0123456789abcdef";
const TARGET_GROUP = "targetgroup/mcp/0123";

/** The sums of what has been told, by `name dimension=value …`. */
function sums({ samples }: Stand, name: string): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { metric, value } of samples) {
    if (metric.name !== name) continue;
    assert.equal(metric.namespace, "AWS/ApplicationELB");
    const key = Object.entries(metric.dimensions)
      .map(([dimension, of]) => `${dimension}=${of}`)
      .sort()
      .join(" ");
    totals[key] = (totals[key] ?? 0) + value;
  }
  return totals;
}

const everywhere = (value: number, zone = "a"): Record<string, number> => ({
  [`LoadBalancer=${LOAD_BALANCER}`]: value,
  [`AvailabilityZone=${zone} LoadBalancer=${LOAD_BALANCER}`]: value,
  [`LoadBalancer=${LOAD_BALANCER} TargetGroup=${TARGET_GROUP}`]: value,
  [`AvailabilityZone=${zone} LoadBalancer=${LOAD_BALANCER} TargetGroup=${TARGET_GROUP}`]: value,
});
const ofBalancer = (value: number): Record<string, number> =>
  Object.fromEntries(Object.entries(everywhere(value)).filter(([key]) => !key.includes("Group")));
const ofGroup = (value: number): Record<string, number> => ({
  [`LoadBalancer=${LOAD_BALANCER} TargetGroup=${TARGET_GROUP}`]: value,
});

async function served(context: TestContext, rules: readonly Rule[] = []): Promise<Stand> {
  const balancer = await stand(context, { rules });
  for (let index = 0; index < 2; index++)
    await target(context, balancer, (incoming, outgoing) => {
      outgoing.writeHead(Number(incoming.url?.slice(1))).end("four");
    });
  return balancer;
}

describe("GIVEN requests to two healthy targets", () => {
  test("WHEN they are answered THEN they are counted by what was answered, in every dimension, once a second", async (context) => {
    const balancer = await served(context);
    for (const status of [200, 200, 404, 503]) await get(balancer.port, `/${status}`);
    assert.equal(balancer.samples.length, 0);
    await balancer.clock.advance(1000);
    assert.deepEqual(sums(balancer, "RequestCount"), everywhere(4));
    // The average of both: two each.
    assert.deepEqual(sums(balancer, "RequestCountPerTarget"), ofGroup(2));
    assert.deepEqual(sums(balancer, "HTTPCode_Target_2XX_Count"), everywhere(2));
    assert.deepEqual(sums(balancer, "HTTPCode_Target_4XX_Count"), everywhere(1));
    assert.deepEqual(sums(balancer, "HTTPCode_Target_5XX_Count"), everywhere(1));
    assert.deepEqual(sums(balancer, "HTTPCode_ELB_5XX_Count"), {});
    assert.deepEqual(sums(balancer, "NewConnectionCount"), ofBalancer(4));
    assert.deepEqual(sums(balancer, "ProcessedBytes"), ofBalancer(16));
    const times = balancer.samples.filter(({ metric }) => metric.name === "TargetResponseTime");
    assert.equal(times.length, 16);
    assert.ok(
      times.every(({ value }) => value > 0 && value < 10),
      "They are in seconds.",
    );
  });

  test("WHEN none come any more THEN nothing is told", async (context) => {
    const balancer = await served(context);
    await get(balancer.port, "/200");
    await balancer.clock.advance(1000);
    const told = balancer.samples.length;
    await balancer.clock.advance(30_000);
    assert.equal(balancer.samples.length, told);
  });
});

test("GIVEN a target that nobody reaches WHEN a request goes there THEN it counts as one, as a 502 of the load balancer and as a connection that failed", async (context) => {
  const balancer = await stand(context);
  balancer.group.register("dead", "127.0.0.1", 1);
  assert.equal((await get(balancer.port)).status, 502);
  await balancer.clock.advance(1000);
  assert.deepEqual(sums(balancer, "RequestCount"), everywhere(1));
  assert.deepEqual(sums(balancer, "TargetConnectionErrorCount"), everywhere(1));
  assert.deepEqual(sums(balancer, "HTTPCode_ELB_5XX_Count"), ofBalancer(1));
  assert.deepEqual(sums(balancer, "HTTPCode_ELB_502_Count"), ofBalancer(1));
  assert.deepEqual(sums(balancer, "TargetResponseTime"), {});
});

test("GIVEN requests for which no target is chosen WHEN they end THEN none counts as a request", async (context) => {
  const fixed: Rule = {
    arn: "fixed",
    name: "fixed",
    priority: 1,
    conditions: [{ field: "path", values: ["/fixed"] }],
    action: { type: "fixed-response", status: 404, contentType: "text/plain", body: "" },
    validatesTokens: false,
  };
  const balancer = await stand(context, { rules: [fixed] });
  await get(balancer.port, "/fixed");
  await get(balancer.port, "/nobody");
  await get(balancer.port, "/", {}, "TRACE");
  await balancer.clock.advance(1000);
  assert.deepEqual(sums(balancer, "RequestCount"), {});
  assert.deepEqual(sums(balancer, "HTTP_Fixed_Response_Count"), ofBalancer(1));
  assert.deepEqual(sums(balancer, "HTTPCode_ELB_503_Count"), ofBalancer(1));
  assert.deepEqual(sums(balancer, "HTTPCode_ELB_4XX_Count"), ofBalancer(1));
});
