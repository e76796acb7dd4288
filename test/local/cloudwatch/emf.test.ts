import assert from "node:assert/strict";
import { test } from "node:test";
import { takeEmbeddedMetrics } from "../../../local/cloudwatch/embedded-metrics-intake.ts";
import { readEmbeddedMetrics } from "../../../local/cloudwatch/emf.ts";
import { MetricStore } from "../../../local/cloudwatch/metric-store.ts";
import { statisticOf } from "../../../local/cloudwatch/statistics.ts";
import { VirtualClock } from "../virtual-clock.ts";

const DIRECTIVE = {
  Namespace: "McpService",
  Dimensions: [["Service"]],
  Metrics: [{ Name: "Calls", Unit: "Count" }],
};

function line(members: object, directives: readonly object[] = [DIRECTIVE]): string {
  return `${JSON.stringify({ _aws: { Timestamp: 1000, CloudWatchMetrics: directives }, ...members })}\n`;
}

test("GIVEN a line of the host WHEN it is read THEN its metric has the dimensions of the line", () => {
  assert.deepEqual(readEmbeddedMetrics(line({ Service: "s", Calls: 3 })), [
    {
      metric: { namespace: "McpService", name: "Calls", dimensions: { Service: "s" } },
      values: [3],
      resolution: 60,
      timestamp: 1000,
    },
  ]);
});

test("GIVEN several sets of dimensions, metrics and directives WHEN they are read THEN each combination is a metric", () => {
  const directives = [
    {
      ...DIRECTIVE,
      Dimensions: [["Service"], ["Service", "Tool"]],
      Metrics: [{ Name: "Calls" }, { Name: "CallDuration", StorageResolution: 1 }],
    },
    { ...DIRECTIVE, Namespace: "Other" },
  ];
  const read = readEmbeddedMetrics(
    line({ Service: "s", Tool: "t", Calls: 1, CallDuration: [5, 6] }, directives),
  );

  assert.deepEqual(
    read.map(({ metric, values, resolution }) => [
      metric.namespace,
      metric.name,
      Object.keys(metric.dimensions).length,
      values,
      resolution,
    ]),
    [
      ["McpService", "Calls", 1, [1], 60],
      ["McpService", "CallDuration", 1, [5, 6], 1],
      ["McpService", "Calls", 2, [1], 60],
      ["McpService", "CallDuration", 2, [5, 6], 1],
      ["Other", "Calls", 1, [1], 60],
    ],
  );
});

test("GIVEN lines that break a rule WHEN they are read THEN they are no metrics", () => {
  const dimensions = Array.from({ length: 31 }, (_, index) => `D${index}`);
  const many = Array.from({ length: 101 }, (_, index) => ({ Name: `M${index}` }));
  for (const bad of [
    "",
    "ready",
    '{"_aws"',
    '["_aws"]',
    '{"_aws":null}',
    '{"_aws":{"Timestamp":"now","CloudWatchMetrics":[]}}',
    line({ Service: "s" }),
    line({ Service: "s", Calls: "3" }),
    line({ Service: "s", Calls: [] }),
    line({ Service: "s", Calls: Array.from({ length: 101 }, () => 1) }),
    line({ Service: { nested: "s" }, Calls: 3 }),
    line({ Calls: 3 }),
    line({ Service: "", Calls: 3 }),
    line({ Service: "s".repeat(1025), Calls: 3 }),
    line({ ...Object.fromEntries(dimensions.map((name) => [name, "v"])), Calls: 1 }, [
      { ...DIRECTIVE, Dimensions: [dimensions] },
    ]),
    line({ Service: "s", Calls: 1 }, [{ ...DIRECTIVE, Metrics: many }]),
    line({ Service: "s", Calls: 3, text: "x".repeat(262_144) }),
    line({ Service: "s", Calls: 3 }, [
      { ...DIRECTIVE, Metrics: [{ Name: "Calls", StorageResolution: 10 }] },
    ]),
  ]) {
    assert.deepEqual(readEmbeddedMetrics(bad), [], bad.slice(0, 100));
  }
});

const gauge = (timestamp: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        { ...DIRECTIVE, Metrics: [{ Name: "OngoingRequests", StorageResolution: 1 }] },
      ],
    },
    Service: "s",
    OngoingRequests: 4,
  });
const GAUGE = { namespace: "McpService", name: "OngoingRequests", dimensions: { Service: "s" } };
const average = statisticOf("Average") ?? assert.fail();

test("GIVEN a line stamped with its start on the wall WHEN it comes later THEN it counts in its own period", async () => {
  const clock = new VirtualClock();
  const epoch = 1_700_000_003_000;
  const store = new MetricStore(clock, epoch);
  await clock.advance(30_000);
  // The two clocks of a machine do not agree to the millisecond.
  const wall = (): number => epoch + clock.now() + 1;
  takeEmbeddedMetrics(gauge(1_700_000_020_000), store, { clock, speed: 1, wall });

  assert.deepEqual(
    store.series(GAUGE, { from: 0, to: 60_000, periodSeconds: 10, statistic: average }),
    [[17_000, 4]],
  );
});

test("GIVEN a clock three times as fast WHEN a gauge comes THEN it stands for the thirty seconds until the next one", async () => {
  const clock = new VirtualClock();
  const store = new MetricStore(clock);
  await clock.advance(30_000);
  takeEmbeddedMetrics(gauge(5), store, { clock, speed: 3, wall: () => 10 });

  assert.deepEqual(
    store.series(GAUGE, { from: 0, to: 90_000, periodSeconds: 10, statistic: average }),
    [
      [30_000, 4],
      [40_000, 4],
      [50_000, 4],
    ],
  );
});
