import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { Rule } from "../../../local/graph/listeners.ts";
import { MetricStore } from "../../../local/cloudwatch/metric-store.ts";
import { statisticOf } from "../../../local/cloudwatch/statistics.ts";
import { VirtualClock } from "../virtual-clock.ts";
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

  test("WHEN none come any more within the minute THEN nothing is told", async (context) => {
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

/** The sums by minute, as `name dimensions` and pairs of a moment in seconds and a value. */
function minutes(store: MetricStore): Record<string, [number, number][]> {
  const statistic = statisticOf("Sum");
  assert.ok(statistic !== undefined);
  return Object.fromEntries(
    store.metrics
      .filter(
        ({ name, dimensions }) =>
          name.startsWith("RequestCount") && !("AvailabilityZone" in dimensions),
      )
      .map((metric) => [
        `${metric.name} ${Object.keys(metric.dimensions).join(" ")}`,
        store
          .series(metric, { from: -60_000, to: 600_000, periodSeconds: 60, statistic })
          .map(([at, value]): [number, number] => [at / 1000, value]),
      ]),
  );
}

describe("GIVEN minutes of a real store, that begin 10 s after the clock does", () => {
  const EPOCH = 50_000;

  function everyMinute(
    points: [number, number][],
    perTarget = points,
  ): Record<string, [number, number][]> {
    return {
      "RequestCount LoadBalancer": points,
      "RequestCount LoadBalancer TargetGroup": points,
      "RequestCountPerTarget LoadBalancer TargetGroup": perTarget,
    };
  }

  async function stored(context: TestContext): Promise<{ balancer: Stand; store: MetricStore }> {
    const clock = new VirtualClock();
    const store = new MetricStore(clock, EPOCH);
    const balancer = await stand(context, { clock, sink: store });
    for (let index = 0; index < 2; index++)
      await target(context, balancer, (_incoming, outgoing) => outgoing.end());
    return { balancer, store };
  }

  test("WHEN no request has ever come THEN each minute has a zero, once it is over", async (context) => {
    const { balancer, store } = await stored(context);
    await balancer.clock.advance(9999);
    assert.deepEqual(minutes(store), {});
    await balancer.clock.advance(120_001);
    assert.deepEqual(
      minutes(store),
      everyMinute([
        [-50, 0],
        [10, 0],
        [70, 0],
      ]),
    );
  });

  test("WHEN requests come within the last second of a minute THEN they are that minute's, and the next one has a zero", async (context) => {
    const { balancer, store } = await stored(context);
    await balancer.clock.advance(69_500);
    for (let index = 0; index < 4; index++) await get(balancer.port);
    await balancer.clock.advance(60_500);
    assert.deepEqual(
      minutes(store),
      everyMinute(
        [
          [-50, 0],
          [10, 4],
          [70, 0],
        ],
        [
          [-50, 0],
          [10, 2],
          [70, 0],
        ],
      ),
    );
  });

  test("WHEN a request comes at the first moment of a minute THEN it is that minute's", async (context) => {
    const { balancer, store } = await stored(context);
    await balancer.clock.advance(70_000);
    for (let index = 0; index < 2; index++) await get(balancer.port);
    await balancer.clock.advance(60_000);
    assert.deepEqual(
      minutes(store),
      everyMinute(
        [
          [-50, 0],
          [10, 0],
          [70, 2],
        ],
        [
          [-50, 0],
          [10, 0],
          [70, 1],
        ],
      ),
    );
  });

  test("WHEN a minute has had requests THEN no zero is among its samples", async (context) => {
    const { balancer, store } = await stored(context);
    await get(balancer.port);
    await balancer.clock.advance(10_000);
    const statistic = statisticOf("SampleCount");
    assert.ok(statistic !== undefined);
    const [metric] = store.metrics.filter(({ name }) => name === "RequestCountPerTarget");
    assert.ok(metric !== undefined);
    const range = { from: -60_000, to: 600_000, periodSeconds: 60, statistic };
    assert.deepEqual(store.series(metric, range), [[-50_000, 1]]);
  });
});
