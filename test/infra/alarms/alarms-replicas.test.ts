import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import {
  createReplicaAlarms,
  type ReplicaAlarmArgs,
} from "../../../infra/alarms/alarms-replicas.ts";
import { createRestartAlarm } from "../../../infra/alarms/alarms-restarts.ts";
import { arn, deploy } from "../mocks.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const TOPIC = arn("sns", "alarms");
const LOAD_BALANCER = "app/mcp/50dc6c495c0c9188";

const alarms = (args: Partial<ReplicaAlarmArgs> = {}, groups: readonly string[] = ["weather"]) =>
  deploy(() => {
    createReplicaAlarms(
      "weather",
      {
        loadBalancerArnSuffix: LOAD_BALANCER,
        targetGroups: groups.map((name) => new aws.lb.TargetGroup(name)),
        minReplicas: 2,
        maxReplicas: 20,
        schedules: [],
        gpu: false,
        zones: ["us-east-1a", "us-east-1b"],
        requests: {
          errors: new aws.cloudwatch.MetricAlarm("weather-errors", {}),
          latency: new aws.cloudwatch.MetricAlarm("weather-latency", {}),
        },
        topicArn: TOPIC,
        tags: { team: "blue" },
        ...args,
      },
      {},
    );
  });

const dimensions = (group: string, zone?: string) => ({
  ...(zone === undefined ? {} : { AvailabilityZone: zone }),
  LoadBalancer: LOAD_BALANCER,
  TargetGroup: `targetgroup/${group}/943f017f100becff`,
});
const health = (id: string, metricName: string, stat: string, group: string, zone?: string) => ({
  id,
  returnData: false,
  metric: {
    namespace: "AWS/ApplicationELB",
    metricName,
    period: 60,
    stat,
    dimensions: dimensions(group, zone),
  },
});
const HEALTHY = [
  { id: "greatest", label: "Healthy replicas", expression: "s0", returnData: true },
  health("s0", "HealthyHostCount", "Minimum", "weather"),
];

test("GIVEN a service WHEN its alarms are declared THEN they ring when nothing is healthy, or less than the minimum", async () => {
  const declaration = await alarms();

  const shared = {
    comparisonOperator: "LessThanThreshold",
    // Without any target there is no metric.
    treatMissingData: "breaching",
    metricQueries: HEALTHY,
    alarmActions: [TOPIC],
    okActions: [TOPIC],
    tags: { team: "blue" },
  };
  assert.deepEqual(declaration.only(ALARM, "weather-unavailable").inputs, {
    ...shared,
    alarmDescription:
      "The MCP service weather has no healthy replica: callers get errors. Runbook: docs/runbook.md#unavailable",
    threshold: 1,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
  });
  assert.deepEqual(declaration.only(ALARM, "weather-replicas-missing").inputs, {
    ...shared,
    alarmDescription:
      "The MCP service weather has had fewer healthy replicas than its minimum for 15 minutes. Runbook: docs/runbook.md#replicas-missing",
    threshold: 2,
    evaluationPeriods: 15,
    datapointsToAlarm: 15,
  });
});

test("GIVEN zones WHEN the alarm on them is declared THEN a zone with replicas of which none is healthy makes it ring", async () => {
  const { inputs } = (await alarms()).only(ALARM, "weather-zone-unavailable");

  assert.deepEqual(inputs["metricQueries"], [
    {
      id: "zones",
      label: "Whether a zone has no healthy replica",
      expression: "(u0 > 0 AND h0 < 1) OR (u1 > 0 AND h1 < 1)",
      returnData: true,
    },
    health("h0", "HealthyHostCount", "Maximum", "weather", "us-east-1a"),
    health("u0", "UnHealthyHostCount", "Minimum", "weather", "us-east-1a"),
    health("h1", "HealthyHostCount", "Maximum", "weather", "us-east-1b"),
    health("u1", "UnHealthyHostCount", "Minimum", "weather", "us-east-1b"),
  ]);
  assert.equal(inputs["threshold"], 1);
  assert.equal(inputs["comparisonOperator"], "GreaterThanOrEqualToThreshold");
  assert.equal(inputs["treatMissingData"], "notBreaching");
});

test("GIVEN more zones than an alarm can read WHEN it is declared THEN it reads ten metrics", async () => {
  const zones = ["a", "b", "c", "d", "e", "f"].map((letter) => `us-east-1${letter}`);
  const { inputs } = (await alarms({ zones })).only(ALARM, "weather-zone-unavailable");

  assert.equal((inputs["metricQueries"] as unknown[]).length, 11);
});

test("GIVEN two target groups WHEN the alarms are declared THEN each has its zones, and the one with most replicas counts", async () => {
  const declaration = await alarms({}, ["weather", "weather-alternate"]);

  const queries = declaration.only(ALARM, "weather-zone-unavailable-alternate").inputs[
    "metricQueries"
  ] as { metric?: { dimensions: Record<string, string> } }[];
  assert.equal(
    queries[1]?.metric?.dimensions["TargetGroup"],
    "targetgroup/weather-alternate/943f017f100becff",
  );
  assert.deepEqual(declaration.only(ALARM, "weather-unavailable").inputs["metricQueries"], [
    {
      id: "greatest",
      label: "Healthy replicas",
      expression: "IF(s0 >= s1, s0, s1)",
      returnData: true,
    },
    health("s0", "HealthyHostCount", "Minimum", "weather"),
    health("s1", "HealthyHostCount", "Minimum", "weather-alternate"),
  ]);
});

test("GIVEN a maximum WHEN it is reached THEN nobody is told until calls fail or are slow, too", async () => {
  const declaration = await alarms();

  const pinned = declaration.only(ALARM, "weather-pinned").inputs;
  assert.equal(pinned["threshold"], 20);
  assert.equal(pinned["evaluationPeriods"], 15);
  assert.equal(pinned["treatMissingData"], "notBreaching");
  assert.ok(!("alarmActions" in pinned) && !("okActions" in pinned));
  assert.deepEqual(declaration.only(COMPOSITE).inputs, {
    alarmName: "weather-overloaded",
    alarmDescription:
      "The MCP service weather has its maximum of replicas, and calls fail or are slow. Runbook: docs/runbook.md#overloaded",
    alarmRule: 'ALARM("weather-pinned") AND (ALARM("weather-errors") OR ALARM("weather-latency"))',
    alarmActions: [TOPIC],
    okActions: [TOPIC],
    tags: { team: "blue" },
  });
});

test("GIVEN as many replicas at least as at most WHEN the alarms are declared THEN none says that there are no more", async () => {
  const inventory = (await alarms({ minReplicas: 3, maxReplicas: 3 })).inventory();

  assert.ok(!inventory.some((each) => /pinned|overloaded/u.test(each)));
});

test("GIVEN schedules WHEN the alarms are declared THEN the least minimum and the greatest maximum count", async () => {
  const schedule = { name: "day", cron: "0 7 ? * MON-FRI *", minReplicas: 6, maxReplicas: 40 };
  const declaration = await alarms({
    schedules: [schedule, { ...schedule, name: "night", minReplicas: 1, maxReplicas: 5 }],
  });

  assert.equal(declaration.only(ALARM, "weather-replicas-missing").inputs["threshold"], 1);
  assert.equal(declaration.only(ALARM, "weather-pinned").inputs["threshold"], 40);
});

test("GIVEN a schedule that switches the service off WHEN the alarms are declared THEN none rings at night", async () => {
  const night = { name: "night", cron: "0 20 ? * * *", minReplicas: 0, maxReplicas: 0 };
  const inventory = (await alarms({ schedules: [night] })).inventory();

  assert.ok(
    !inventory.some(
      (each) => /unavailable$|replicas-missing/u.test(each) && !each.includes("zone"),
    ),
  );
  assert.ok(inventory.includes(`${ALARM} weather-zone-unavailable`));
});

test("GIVEN GPUs WHEN replicas are missing THEN the alarm says what is likely", async () => {
  const { inputs } = (await alarms({ gpu: true })).only(ALARM, "weather-replicas-missing");

  assert.equal(
    inputs["alarmDescription"],
    "The MCP service weather has had fewer healthy replicas than its minimum for 15 minutes: AWS may have no instances with GPUs. Runbook: docs/runbook.md#replicas-missing",
  );
});

test("GIVEN a service WHEN its replicas end by themselves, do not start or fail checks THEN a rule counts them, and the third rings", async () => {
  const declaration = await deploy(() => {
    createRestartAlarm(
      "weather",
      {
        clusterArn: arn("ecs", "cluster/mcp"),
        serviceName: "weather-1234567",
        topicArn: TOPIC,
        tags: { team: "blue" },
      },
      {},
    );
  });

  const rule = declaration.only("aws:cloudwatch/eventRule:EventRule").inputs;
  assert.deepEqual(JSON.parse(String(rule["eventPattern"])), {
    source: ["aws.ecs"],
    "detail-type": ["ECS Task State Change"],
    detail: {
      clusterArn: [arn("ecs", "cluster/mcp")],
      group: ["service:weather-1234567"],
      lastStatus: ["STOPPED"],
      $or: [
        { stopCode: ["EssentialContainerExited", "TaskFailedToStart"] },
        { stoppedReason: [{ prefix: "Task failed " }] },
      ],
    },
  });
  assert.deepEqual(declaration.only(ALARM).inputs, {
    alarmDescription:
      "Replicas of the MCP service weather end again and again, three or more within 15 minutes. Runbook: docs/runbook.md#restarts",
    comparisonOperator: "GreaterThanThreshold",
    threshold: 2,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    treatMissingData: "notBreaching",
    metricQueries: [
      {
        id: "ended",
        returnData: true,
        metric: {
          namespace: "AWS/Events",
          metricName: "TriggeredRules",
          period: 900,
          stat: "Sum",
          dimensions: { RuleName: "weather-restarts" },
        },
      },
    ],
    alarmActions: [TOPIC],
    okActions: [TOPIC],
    tags: { team: "blue" },
  });
});
