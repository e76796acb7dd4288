import assert from "node:assert/strict";
import { test } from "node:test";
import { Alarms } from "../../../local/cloudwatch/alarms.ts";
import { readAlarms } from "../../../local/cloudwatch/declared-alarms.ts";
import { MetricStore } from "../../../local/cloudwatch/metric-store.ts";
import type { Metric } from "../../../local/cloudwatch/metric.ts";
import { declared, graphOf } from "./declared.ts";
import { VirtualClock } from "../virtual-clock.ts";

const MINUTE = 60_000;
const METRIC: Metric = { namespace: "N", name: "M", dimensions: { D: "1" } };
const BASE = {
  comparisonOperator: "GreaterThanThreshold",
  evaluationPeriods: 2,
  threshold: 5,
  namespace: "N",
  metricName: "M",
  dimensions: { D: "1" },
  period: 60,
  statistic: "Sum",
};

interface Watched {
  readonly clock: VirtualClock;
  readonly store: MetricStore;
  readonly alarms: Alarms;
  readonly changes: string[];
  readonly actions: string[];
}

function watch(...inputs: readonly Readonly<Record<string, unknown>>[]): Watched {
  const clock = new VirtualClock();
  const store = new MetricStore(clock);
  const graph = graphOf(
    inputs.map((each, index) =>
      "alarmRule" in each
        ? declared("cloudwatch/compositeAlarm:CompositeAlarm", `composite${index}`, each)
        : declared("cloudwatch/metricAlarm:MetricAlarm", `alarm${index}`, each),
    ),
  );
  const alarms = new Alarms(readAlarms(graph), clock, store);
  const [changes, actions]: [string[], string[]] = [[], []];
  alarms.onChange(({ alarm, state, before }) => {
    changes.push(`${clock.now() / 1000} ${alarm.name} ${before} → ${state}`);
  });
  alarms.onAction(({ arn, values }) => {
    actions.push(`${clock.now() / 1000} ${arn} ${values.join()}`);
  });
  alarms.start();
  return { clock, store, alarms, changes, actions };
}

test("GIVEN two breaching minutes WHEN the second is over THEN the alarm rings, and is well again when two are good", async () => {
  const { clock, store, alarms, changes } = watch(BASE);
  assert.equal(alarms.state("alarm0"), "INSUFFICIENT_DATA");
  for (const value of [9, 9, 1, 1, 1]) {
    store.put(METRIC, value);
    await clock.advance(MINUTE);
  }

  assert.deepEqual(changes, ["125 alarm0 INSUFFICIENT_DATA → ALARM", "185 alarm0 ALARM → OK"]);
  assert.equal(alarms.state("arn:alarm0"), "OK");
  assert.equal(alarms.state("nobody"), undefined);
  assert.deepEqual(alarms.snapshots, [
    {
      name: "alarm0",
      state: "OK",
      since: 185_000,
      reason: "the newest values are 1, 1; 2 of 2 must be greater than 5",
      description: "",
      ofScaling: false,
    },
  ]);
});

test("GIVEN a metric of an AWS service WHEN it breaches THEN the alarm sees it two minutes later", async () => {
  const { clock, store, changes } = watch({ ...BASE, namespace: "AWS/ECS", evaluationPeriods: 3 });
  for (let minute = 0; minute < 7; minute++) {
    store.put({ ...METRIC, namespace: "AWS/ECS" }, 9);
    await clock.advance(MINUTE);
  }

  // AWS has measured 363 s for an alarm of 3 times 60 s on the processor.
  assert.deepEqual(changes, ["305 alarm0 INSUFFICIENT_DATA → ALARM"]);
});

test("GIVEN a period of ten seconds WHEN two breach THEN it takes twenty and a little", async () => {
  const { clock, store, changes } = watch({ ...BASE, period: 10, statistic: "Average" });
  for (let interval = 0; interval < 3; interval++) {
    store.put(METRIC, 9, "Count", 1);
    await clock.advance(10_000);
  }

  assert.deepEqual(changes, ["25 alarm0 INSUFFICIENT_DATA → ALARM"]);
});

test("GIVEN a metric kept by the minute WHEN an alarm has ten seconds THEN it has no data", async () => {
  const { clock, store, alarms } = watch({ ...BASE, period: 10 });
  for (let minute = 0; minute < 3; minute++) {
    store.put(METRIC, 9);
    await clock.advance(MINUTE);
  }

  assert.equal(alarms.state("alarm0"), "INSUFFICIENT_DATA");
});

test("GIVEN fifteen minutes as one period WHEN minutes pass THEN the period slides with them", async () => {
  const { clock, store, changes } = watch({
    ...BASE,
    period: 900,
    evaluationPeriods: 1,
    threshold: 2,
    treatMissingData: "notBreaching",
  });
  await clock.advance(10 * MINUTE);
  for (let time = 0; time < 3; time++) {
    store.put(METRIC, 1);
    await clock.advance(2 * MINUTE);
  }

  assert.deepEqual(changes, ["5 alarm0 INSUFFICIENT_DATA → OK", "905 alarm0 OK → ALARM"]);
});

test("GIVEN an action of Auto Scaling and one of SNS WHEN the alarm goes on ringing THEN the first is repeated by the minute", async () => {
  const actions = ["arn:aws:autoscaling:r:1:scalingPolicy:p", "arn:aws:sns:r:1:t"];
  const {
    clock,
    store,
    actions: called,
  } = watch({
    ...BASE,
    evaluationPeriods: 1,
    alarmActions: actions,
    okActions: ["arn:aws:sns:r:1:ok"],
  });
  for (const value of [7, 8, 9, 0, 0]) {
    store.put(METRIC, value);
    await clock.advance(MINUTE);
  }

  assert.deepEqual(called, [
    `65 ${actions[0] ?? ""} 7`,
    `65 ${actions[1] ?? ""} 7`,
    `125 ${actions[0] ?? ""} 8`,
    `185 ${actions[0] ?? ""} 9`,
    "245 arn:aws:sns:r:1:ok 0",
  ]);
});

test("GIVEN a rule over alarms WHEN they change THEN it holds at once", async () => {
  const { clock, store, changes } = watch(
    { ...BASE, evaluationPeriods: 1 },
    { ...BASE, evaluationPeriods: 1, threshold: 50 },
    { alarmName: "outer", alarmRule: 'ALARM("inner") AND OK(alarm1)' },
    { alarmName: "inner", alarmRule: "ALARM(alarm0) OR FALSE" },
    { alarmName: "broken", alarmRule: "ALARM(" },
  );
  store.put(METRIC, 9);
  await clock.advance(MINUTE + 10_000);

  assert.deepEqual(
    changes.filter((change) => !change.startsWith("5 ") && !change.startsWith("15 ")),
    [
      "65 alarm0 INSUFFICIENT_DATA → ALARM",
      "65 alarm1 INSUFFICIENT_DATA → OK",
      "65 inner OK → ALARM",
      "65 outer OK → ALARM",
    ],
  );
});

test("GIVEN expressions WHEN one cannot be computed THEN its alarm alone says why", async () => {
  const read = {
    id: "m",
    metric: { namespace: "N", metricName: "M", dimensions: { D: "1" }, period: 60, stat: "Sum" },
  };
  const queries = (expression: string) => ({
    comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: 1,
    threshold: 5,
    metricQueries: [{ id: "e", expression, returnData: true }, read],
  });
  const { clock, store, alarms } = watch(
    queries("2 * m"),
    queries("ANOMALY_DETECTION_BAND(m)"),
    queries("SEARCH('{N,D}', 'Sum')"),
    queries("e + 1"),
    queries("AVG(m)"),
    { ...BASE, comparisonOperator: "GreaterThanUpperThreshold" },
    { ...BASE, unit: "Seconds" },
    { ...BASE, statistic: undefined, extendedStatistic: "IQM" },
  );
  store.put(METRIC, 4);
  await clock.advance(MINUTE + 10_000);

  assert.deepEqual(
    alarms.snapshots.map(({ state, reason }) => `${state}: ${reason}`),
    [
      "ALARM: the newest value is 8; 1 of 1 must be greater than 5",
      "INSUFFICIENT_DATA: not modelled here: `ANOMALY_DETECTION_BAND`",
      "INSUFFICIENT_DATA: `SEARCH` is not allowed in an alarm.",
      "INSUFFICIENT_DATA: The expression `e` needs its own result.",
      "INSUFFICIENT_DATA: An alarm needs one time series, and has the number 1.3333333333333333.",
      "INSUFFICIENT_DATA: not modelled here: alarms on anomaly detection",
      "INSUFFICIENT_DATA: not modelled here: `unit`: metrics are kept here whatever their unit is",
      "INSUFFICIENT_DATA: not modelled here: the statistic `IQM`",
    ],
  );
});

test("GIVEN a percentile of few samples WHEN these are to be ignored THEN the state stays", async () => {
  const percentile = {
    ...BASE,
    statistic: undefined,
    extendedStatistic: "p90",
    evaluationPeriods: 1,
  };
  const { clock, store, alarms } = watch(percentile, {
    ...percentile,
    evaluateLowSampleCountPercentiles: "ignore",
  });
  for (let sample = 0; sample < 99; sample++) store.put(METRIC, 9);
  await clock.advance(MINUTE + 10_000);
  assert.deepEqual(
    [alarms.state("alarm0"), alarms.state("alarm1")],
    ["ALARM", "INSUFFICIENT_DATA"],
  );

  for (let sample = 0; sample < 100; sample++) store.put(METRIC, 9);
  await clock.advance(MINUTE);
  assert.deepEqual([alarms.state("alarm0"), alarms.state("alarm1")], ["ALARM", "ALARM"]);
});

test("GIVEN an alarm that Pulumi creates after a service WHEN the first deployment of that is not over THEN the alarm is not there yet", async () => {
  const clock = new VirtualClock();
  const store = new MetricStore(clock);
  const service = declared("ecs/service:Service", "weather", { waitForSteadyState: true });
  const impatient = declared("ecs/service:Service", "notes", { waitForSteadyState: false });
  const alarm = (name: string, after: string) => ({
    ...declared("cloudwatch/metricAlarm:MetricAlarm", name, {
      ...BASE,
      treatMissingData: "breaching",
    }),
    dependencies: [after],
  });
  const graph = graphOf([
    service,
    impatient,
    alarm("waits", service.urn),
    alarm("is there", impatient.urn),
  ]);
  let isCompleted = false;
  const alarms = new Alarms(readAlarms(graph), clock, store, (id) => {
    assert.equal(id, "weather");
    return isCompleted;
  });
  alarms.start();

  await clock.advance(10 * MINUTE);
  assert.deepEqual(
    alarms.snapshots.map(({ name, state, reason }) => [name, state, reason]),
    [
      ["waits", "INSUFFICIENT_DATA", "created when the first deployment of its service is over"],
      ["is there", "ALARM", "no data, treated as breaching; 2 of 2 must be greater than 5"],
    ],
  );

  isCompleted = true;
  await clock.advance(MINUTE);
  assert.equal(alarms.state("waits"), "ALARM");
});
