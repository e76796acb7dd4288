import assert from "node:assert/strict";
import { test } from "node:test";
import { Alarms } from "../../../local/cloudwatch/alarms.ts";
import { readAlarms } from "../../../local/cloudwatch/declared-alarms.ts";
import { MetricStore } from "../../../local/cloudwatch/metric-store.ts";
import type { Metric } from "../../../local/cloudwatch/metric.ts";
import type { ScalableService } from "../../../local/scaling/scalable-service.ts";
import { startScaling, type Scaling } from "../../../local/scaling/scaling.ts";
import { declared, graphOf } from "../cloudwatch/declared.ts";
import { VirtualClock } from "../virtual-clock.ts";

const MINUTE = 60_000;
const RESOURCE = "service/cluster/weather";
const OF = {
  resourceId: RESOURCE,
  scalableDimension: "ecs:service:DesiredCount",
  serviceNamespace: "ecs",
};
const ONGOING: Metric = {
  namespace: "McpService",
  name: "OngoingRequests",
  dimensions: { Service: "w" },
};
const LENGTH: Metric = { namespace: "Q", name: "Length", dimensions: {} };

/** A service whose tasks run at once, unless a test holds them up. */
class Service implements ScalableService {
  readonly name = "weather";
  desiredCount: number;
  runningCount: number;
  isDeploying = false;
  startsTasks = true;
  readonly counts: string[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, count: number) {
    this.#clock = clock;
    this.desiredCount = count;
    this.runningCount = count;
  }

  setDesiredCount(count: number, reason: string): void {
    this.counts.push(`${this.#clock.now() / 1000} ${count}: ${reason}`);
    this.desiredCount = count;
    if (this.startsTasks) this.runningCount = count;
  }
}

interface Started {
  readonly clock: VirtualClock;
  readonly store: MetricStore;
  readonly alarms: Alarms;
  readonly service: Service;
  readonly scaling: Scaling;
  /** Lets minutes pass, in each of which metrics have these values. */
  readonly pass: (minutes: number, values: readonly (readonly [Metric, number])[]) => Promise<void>;
}

function tracking(name: string, metric: Metric, more: object = {}): ReturnType<typeof declared> {
  return declared("appautoscaling/policy:Policy", name, {
    ...OF,
    policyType: "TargetTrackingScaling",
    targetTrackingScalingPolicyConfiguration: {
      targetValue: 50,
      scaleOutCooldown: 60,
      scaleInCooldown: 300,
      customizedMetricSpecification: {
        namespace: metric.namespace,
        metricName: metric.name,
        dimensions: Object.entries(metric.dimensions).map(([key, value]) => ({ name: key, value })),
        statistic: "Average",
      },
      ...more,
    },
  });
}

function start(
  count: number,
  resources: readonly ReturnType<typeof declared>[],
  target: object = {},
  epoch = 0,
): Started {
  const clock = new VirtualClock();
  const store = new MetricStore(clock, epoch);
  const service = new Service(clock, count);
  const graph = graphOf([
    declared("appautoscaling/target:Target", "weather", {
      ...OF,
      minCapacity: 2,
      maxCapacity: 20,
      ...target,
    }),
    ...resources,
  ]);
  const alarms = new Alarms(readAlarms(graph), clock, store);
  const scaling = startScaling(graph, {
    clock,
    store,
    alarms,
    service: (id) => (id === RESOURCE ? service : undefined),
  });
  alarms.start();
  const pass: Started["pass"] = async (minutes, values) => {
    for (let minute = 0; minute < minutes; minute++) {
      for (const [metric, value] of values) store.put(metric, value);
      await clock.advance(MINUTE);
    }
  };
  return { clock, store, alarms, service, scaling, pass };
}

test("GIVEN a policy WHEN scaling starts THEN its two alarms are among the others", () => {
  const { alarms } = start(4, [tracking("ongoing", ONGOING)]);
  assert.deepEqual(
    alarms.snapshots.map(({ name, state, ofScaling }) => [
      name.replace(/-[^-]{8}(?:-[^-]+){4}$/u, ""),
      state,
      ofScaling,
    ]),
    [
      ["TargetTracking-service/cluster/weather-AlarmHigh", "INSUFFICIENT_DATA", true],
      ["TargetTracking-service/cluster/weather-AlarmLow", "INSUFFICIENT_DATA", true],
    ],
  );
});

test("GIVEN 4 tasks and 80 of 50 WHEN three minutes are over THEN there are 7, and each minute the policy looks again", async () => {
  const { service, pass, scaling } = start(4, [tracking("ongoing", ONGOING)]);
  await pass(3, [[ONGOING, 80]]);
  assert.deepEqual(service.counts, []);
  await pass(1, [[ONGOING, 80]]);
  assert.deepEqual(service.counts, ["185 7: policy ongoing: 80 above 50"]);
  assert.deepEqual(scaling.policies("weather"), [
    {
      name: "ongoing",
      type: "TargetTrackingScaling",
      text: "keeps the average of OngoingRequests at 50",
      value: 80,
      target: 50,
      lastActivity: "4 → 7: policy ongoing: 80 above 50",
    },
  ]);
  await pass(1, [[ONGOING, 60]]);
  assert.equal(service.desiredCount, 12);
});

test("GIVEN tasks that do not start WHEN the alarm goes on THEN what was added counts as there, and only a larger wish gets through", async () => {
  const { service, pass } = start(4, [tracking("ongoing", ONGOING)]);
  service.startsTasks = false;
  await pass(6, [[ONGOING, 80]]);
  assert.equal(service.desiredCount, 7);
  await pass(2, [[ONGOING, 120]]);
  assert.equal(service.desiredCount, 10);
});

test("GIVEN 10 tasks and 30 of 50 WHEN fifteen minutes are over THEN there are 6, and no fewer for the cooldown", async () => {
  const { service, pass } = start(10, [tracking("ongoing", ONGOING, { scaleInCooldown: 600 })]);
  await pass(15, [[ONGOING, 30]]);
  assert.deepEqual(service.counts, []);
  await pass(10, [[ONGOING, 30]]);
  assert.deepEqual(service.counts, ["905 6: policy ongoing: 30 below 90 % of 50"]);
  await pass(1, [[ONGOING, 30]]);
  assert.equal(service.counts[1], "1505 4: policy ongoing: 30 below 90 % of 50");
});

test("GIVEN 46 of 50, or no data at all WHEN an hour is over THEN nothing has moved", async () => {
  for (const values of [[[ONGOING, 46]] as const, []]) {
    const { service, pass } = start(20, [tracking("ongoing", ONGOING)]);
    await pass(60, values);
    assert.deepEqual(service.counts, []);
  }
});

test("GIVEN a deployment WHEN policies want fewer and then more THEN only more are had", async () => {
  const { service, pass } = start(10, [tracking("ongoing", ONGOING)]);
  service.isDeploying = true;
  await pass(20, [[ONGOING, 10]]);
  assert.deepEqual(service.counts, []);
  await pass(4, [[ONGOING, 60]]);
  assert.equal(service.desiredCount, 12);
});

test("GIVEN two policies WHEN one alone wants fewer THEN nothing goes, until both do, and then as the more demanding one says", async () => {
  const { service, pass } = start(10, [tracking("ongoing", ONGOING), tracking("queue", LENGTH)]);
  await pass(20, [
    [ONGOING, 10],
    [LENGTH, 48],
  ]);
  assert.deepEqual(service.counts, []);
  await pass(10, [
    [ONGOING, 10],
    [LENGTH, 5],
  ]);
  assert.deepEqual(service.counts, []);
  await pass(16, [
    [ONGOING, 10],
    [LENGTH, 35],
  ]);
  assert.match(service.counts.join(), /^\d+ 7: /u);
});

test("GIVEN two policies WHEN either wants more THEN it gets it", async () => {
  const { service, pass } = start(10, [tracking("ongoing", ONGOING), tracking("queue", LENGTH)]);
  await pass(4, [
    [ONGOING, 10],
    [LENGTH, 60],
  ]);
  assert.equal(service.desiredCount, 12);
});

test("GIVEN a policy that never scales in WHEN the other one wants fewer THEN it has no vote, and no low alarm", async () => {
  const { service, alarms, pass } = start(10, [
    tracking("ongoing", ONGOING),
    tracking("queue", LENGTH, { disableScaleIn: true }),
  ]);
  assert.equal(alarms.snapshots.length, 3);
  await pass(16, [
    [ONGOING, 30],
    [LENGTH, 49],
  ]);
  assert.equal(service.desiredCount, 6);
});

test("GIVEN fewer tasks than the minimum WHEN a policy wants more THEN the minimum comes first", async () => {
  const { service, pass } = start(1, [tracking("ongoing", ONGOING)], { minCapacity: 3 });
  await pass(4, [[ONGOING, 500]]);
  assert.equal(service.counts[0], "185 3: policy ongoing: 500 above 50");
  await pass(1, [[ONGOING, 500]]);
  assert.equal(service.desiredCount, 20);
});

test("GIVEN suspended scaling WHEN policies want it THEN nothing moves", async () => {
  const { service, pass } = start(10, [tracking("ongoing", ONGOING)], {
    suspendedState: { dynamicScalingInSuspended: true, dynamicScalingOutSuspended: true },
  });
  await pass(5, [[ONGOING, 90]]);
  await pass(20, [[ONGOING, 1]]);
  assert.deepEqual(service.counts, []);
});

function burst(cooldown: number): ReturnType<typeof declared>[] {
  return [
    declared("appautoscaling/policy:Policy", "burst", {
      ...OF,
      policyType: "StepScaling",
      stepScalingPolicyConfiguration: {
        adjustmentType: "ChangeInCapacity",
        cooldown,
        metricAggregationType: "Maximum",
        stepAdjustments: [
          { metricIntervalLowerBound: "0", metricIntervalUpperBound: "10", scalingAdjustment: 2 },
          { metricIntervalLowerBound: "10", scalingAdjustment: 3 },
        ],
      },
    }),
    declared("cloudwatch/metricAlarm:MetricAlarm", "burst", {
      namespace: ONGOING.namespace,
      metricName: ONGOING.name,
      dimensions: ONGOING.dimensions,
      statistic: "Average",
      period: 10,
      evaluationPeriods: 2,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 20,
      treatMissingData: "notBreaching",
      alarmActions: ["arn:aws:autoscaling:us-east-1:1:burst"],
    }),
  ];
}

test("GIVEN steps on a ten-second alarm WHEN a burst comes THEN tasks come within half a minute", async () => {
  const { clock, store, service, scaling } = start(5, burst(60));
  for (let interval = 0; interval < 3; interval++) {
    store.put(ONGOING, 25, "Count", 1);
    await clock.advance(10_000);
  }
  assert.deepEqual(service.counts, ["25 7: policy burst: 25 against a threshold of 20"]);
  assert.deepEqual(scaling.policies("weather"), [
    {
      name: "burst",
      type: "StepScaling",
      text: "on the alarm burst: by 2, 3",
      value: 25,
      target: 20,
      lastActivity: "5 → 7: policy burst: 25 against a threshold of 20",
    },
  ]);
});

test("GIVEN AWS's example of a cooldown WHEN 2 were added and now 3 are wanted THEN 1 is added", async () => {
  const [policy, alarm] = burst(300);
  assert.ok(policy !== undefined && alarm !== undefined);
  const byTheMinute = { ...alarm, inputs: { ...alarm.inputs, period: 60 } };
  const { service, pass } = start(5, [policy, byTheMinute]);
  await pass(4, [[ONGOING, 25]]);
  assert.equal(service.desiredCount, 7);
  await pass(1, [[ONGOING, 45]]);
  await pass(1, [[ONGOING, 45]]);
  assert.equal(service.desiredCount, 8);
  // The cooldown over, what runs is what is counted from.
  await pass(5, [[ONGOING, 45]]);
  assert.equal(service.desiredCount, 11);
});

test("GIVEN schedules WHEN their minute comes THEN limits change and the service is moved between them, whatever cools down", async () => {
  const schedule = (name: string, expression: string, action: object) =>
    declared("appautoscaling/scheduledAction:ScheduledAction", name, {
      ...OF,
      schedule: expression,
      timezone: "Europe/Berlin",
      scalableTargetAction: action,
    });
  const epoch = Date.parse("2026-11-23T06:59:30Z");
  const { clock, service, scaling } = start(
    4,
    [
      schedule("day", "cron(0 8 ? * MON-FRI *)", { minCapacity: 6, maxCapacity: "12" }),
      schedule("night", "at(2026-11-23T08:02:00)", { minCapacity: 1, maxCapacity: 3 }),
      schedule("busy", "at(2026-11-23T08:04:00)", { maxCapacity: 2 }),
    ],
    {},
    epoch,
  );
  await clock.advance(MINUTE);
  assert.deepEqual(service.counts, ["30 6: scheduled action day"]);
  assert.deepEqual(scaling.limits("weather"), { minimum: 6, maximum: 12 });
  await clock.advance(2 * MINUTE);
  assert.deepEqual(service.counts.slice(1), ["150 3: scheduled action night"]);

  service.isDeploying = true;
  await clock.advance(2 * MINUTE);
  assert.deepEqual(scaling.limits("weather"), { minimum: 1, maximum: 2 });
  assert.equal(service.desiredCount, 3);
  assert.equal(
    scaling.policies("weather")[0]?.text,
    "cron(0 8 ? * MON-FRI *) Europe/Berlin: minimum 6, maximum 12",
  );
});

test("GIVEN a day of changing load WHEN it is over THEN the service has followed it", async () => {
  const { service, pass } = start(2, [tracking("ongoing", ONGOING)]);
  await pass(480, [[ONGOING, 20]]);
  assert.equal(service.desiredCount, 2);
  await pass(3, [[ONGOING, 125]]);
  await pass(1, [[ONGOING, 49]]);
  assert.equal(service.desiredCount, 5);
  await pass(476, [[ONGOING, 49]]);
  assert.equal(service.desiredCount, 5);
  await pass(480, [[ONGOING, 0]]);
  assert.equal(service.desiredCount, 2);
});
