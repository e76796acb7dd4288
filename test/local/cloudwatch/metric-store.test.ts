import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricStore, type Point } from "../../../local/cloudwatch/metric-store.ts";
import type { Metric } from "../../../local/cloudwatch/metric.ts";
import { statisticOf } from "../../../local/cloudwatch/statistics.ts";
import { VirtualClock } from "../virtual-clock.ts";

const METRIC: Metric = { namespace: "N", name: "M", dimensions: { B: "2", A: "1" } };
const HOUR = 3_600_000;

function read(
  store: MetricStore,
  statistic: string,
  periodSeconds: number,
  from = 0,
  to = 120_000,
): Point[] {
  const found = statisticOf(statistic);
  assert.ok(found !== undefined, statistic);
  return store.series(METRIC, { from, to, periodSeconds, statistic: found });
}

test("GIVEN values in two minutes WHEN statistics are asked for THEN each minute has its own and an empty one none", async () => {
  const clock = new VirtualClock();
  const store = new MetricStore(clock);
  for (const value of [1, 2, 6]) store.put(METRIC, value);
  await clock.advance(120_000);
  store.put(METRIC, 5);

  const all = (statistic: string): Point[] => read(store, statistic, 60, 0, 240_000);
  assert.deepEqual(all("Sum"), [
    [0, 9],
    [120_000, 5],
  ]);
  assert.deepEqual(all("Average"), [
    [0, 3],
    [120_000, 5],
  ]);
  assert.deepEqual(all("Minimum"), [
    [0, 1],
    [120_000, 5],
  ]);
  assert.deepEqual(all("Maximum"), [
    [0, 6],
    [120_000, 5],
  ]);
  assert.deepEqual(all("SampleCount"), [
    [0, 3],
    [120_000, 1],
  ]);
  assert.deepEqual(read(store, "Sum", 300, 0, 300_000), [[0, 14]]);
});

test("GIVEN dimensions in another order WHEN the metric is read THEN it is the same one", () => {
  const store = new MetricStore(new VirtualClock());
  store.put({ ...METRIC, dimensions: { A: "1", B: "2" } }, 7);

  assert.deepEqual(read(store, "Sum", 60), [[0, 7]]);
});

test("GIVEN values at both resolutions WHEN ten seconds are asked for THEN those kept by the minute do not answer", async () => {
  const clock = new VirtualClock();
  const store = new MetricStore(clock);
  store.put(METRIC, 100);
  store.put(METRIC, 1, "Count", 1);
  await clock.advance(25_000);
  store.put(METRIC, 3, "Count", 1);

  assert.deepEqual(read(store, "Sum", 10), [
    [0, 1],
    [20_000, 3],
  ]);
  assert.deepEqual(read(store, "Sum", 60), [[0, 104]]);
});

test("GIVEN a clock that started within a minute WHEN periods are read THEN they begin with the minutes on the wall", async () => {
  const clock = new VirtualClock();
  const store = new MetricStore(clock, 45_000);
  store.put(METRIC, 1);
  await clock.advance(15_000);
  store.put(METRIC, 2);

  assert.deepEqual(read(store, "Sum", 60, -60_000), [
    [-45_000, 1],
    [15_000, 2],
  ]);
});

test("GIVEN periods that begin at `from` WHEN they are read THEN they slide by the minute", async () => {
  const clock = new VirtualClock();
  const store = new MetricStore(clock);
  for (let minute = 0; minute < 4; minute++) {
    store.put(METRIC, 10 ** minute);
    await clock.advance(60_000);
  }
  const statistic = statisticOf("Sum") ?? assert.fail();

  assert.deepEqual(
    store.series(METRIC, {
      from: 60_000,
      to: 240_000,
      periodSeconds: 120,
      statistic,
      periods: "from",
    }),
    [
      [60_000, 110],
      [180_000, 1000],
    ],
  );
});

test("GIVEN three hours without a value WHEN metrics are listed THEN the silent one is gone and its old values are not kept", async () => {
  const clock = new VirtualClock();
  const store = new MetricStore(clock);
  store.put(METRIC, 1);
  assert.deepEqual(store.metrics, [METRIC]);
  await clock.advance(3 * HOUR + 60_000);

  assert.deepEqual(store.metrics, []);
  store.put(METRIC, 2);
  assert.deepEqual(read(store, "Sum", 60, 0, 4 * HOUR), [[3 * HOUR + 60_000, 2]]);
});

test("GIVEN what is no number WHEN it is put THEN it is no value", () => {
  const store = new MetricStore(new VirtualClock());
  store.put(METRIC, Number.NaN);
  store.put(METRIC, Number.POSITIVE_INFINITY);

  assert.deepEqual(read(store, "SampleCount", 60), []);
});

test("GIVEN the values 1 to 100 WHEN percentiles and trimmed means are asked for THEN they are exact", () => {
  const store = new MetricStore(new VirtualClock());
  for (let value = 100; value >= 1; value--) store.put(METRIC, value);
  const one = (statistic: string): number | undefined => read(store, statistic, 60)[0]?.[1];

  assert.equal(one("p50"), 50);
  assert.equal(one("p99"), 99);
  assert.equal(one("p99.9"), 100);
  assert.equal(one("p0"), 1);
  assert.equal(one("p100"), 100);
  assert.equal(one("tm90"), 45.5);
  assert.equal(one("TM(10%:90%)"), 50.5);
  assert.equal(one("TM(:50%)"), 25.5);
});

test("GIVEN ten thousand values WHEN percentiles are asked for THEN they are off by one percent at most", () => {
  const store = new MetricStore(new VirtualClock());
  for (let value = 1; value <= 10_000; value++) store.put(METRIC, value / 1000);
  for (const [statistic, exact] of [
    ["p1", 0.1],
    ["p50", 5],
    ["p90", 9],
    ["p99", 9.9],
    ["p99.9", 9.99],
  ] as const) {
    const found = read(store, statistic, 60)[0]?.[1] ?? Number.NaN;
    assert.ok(Math.abs(found - exact) <= 0.0105 * exact, `${statistic} is ${found}`);
  }
  assert.deepEqual(read(store, "p100", 60), [[0, 10]]);
});

test("GIVEN a statistic that nothing computes WHEN it is asked for THEN there is none", () => {
  for (const name of ["p101", "IQM", "average", "PR(1:2)", ""]) {
    assert.equal(statisticOf(name), undefined, name);
  }
});
