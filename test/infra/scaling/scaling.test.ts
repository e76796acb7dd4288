import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { createRouting } from "../../../infra/ingress/routing.ts";
import { scalingDefaults, type ScalingArguments } from "../../../infra/scaling/scaling-args.ts";
import { createScaling } from "../../../infra/scaling/scaling.ts";
import { arn, deploy, type Declaration } from "../mocks.ts";

const TARGET = "aws:appautoscaling/target:Target";
const POLICY = "aws:appautoscaling/policy:Policy";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction";

/** What every policy and action says of its target. */
const OF_TARGET = {
  serviceNamespace: "ecs",
  scalableDimension: "ecs:service:DesiredCount",
  resourceId: "service/mcp/weather-1",
};

function scaling(
  args: ScalingArguments = {},
  requestCountAvailable = true,
): Promise<Declaration<void>> {
  return deploy(() => {
    const { targetGroup, rule } = createRouting(
      "weather",
      {
        vpcId: "vpc-1",
        listenerArn: "arn:listener",
        path: "/mcp",
        longestCallSeconds: 60,
        tags: undefined,
      },
      {},
    );
    createScaling(
      "weather",
      {
        ...scalingDefaults(args, requestCountAvailable),
        clusterName: pulumi.output("mcp"),
        serviceName: pulumi.output("weather-1"),
        loadBalancerArnSuffix: "app/mcp/50dc6c495c0c9188",
        targetGroup,
        rule,
        metricServiceName: pulumi.output("tools-dev-weather"),
        maxOngoingRequests: pulumi.output(100),
        tags: { team: "blue" },
      },
      {},
    );
  });
}

/** What scales: everything but the routing. */
function inventory(declaration: Declaration<void>): string[] {
  return declaration
    .inventory()
    .filter((resource) => !resource.startsWith("aws:lb/"))
    .map((resource) => resource.split("/")[1] ?? "");
}

const DEFAULT = ["policy:Policy weather", "policy:Policy weather-cpu", "target:Target weather"];

test("GIVEN no arguments WHEN scaling is declared THEN it follows the request count, with the processor as a guard", async () => {
  const declaration = await scaling();

  assert.deepEqual(inventory(declaration), DEFAULT);
  assert.deepEqual(declaration.only(TARGET).inputs, {
    ...OF_TARGET,
    minCapacity: 2,
    maxCapacity: 20,
    tags: { team: "blue" },
  });
  assert.deepEqual(declaration.only(TARGET).ignoreChanges, []);
  assert.deepEqual(declaration.only(POLICY, "weather").inputs, {
    ...OF_TARGET,
    policyType: "TargetTrackingScaling",
    targetTrackingScalingPolicyConfiguration: {
      predefinedMetricSpecification: {
        predefinedMetricType: "ALBRequestCountPerTarget",
        resourceLabel: "app/mcp/50dc6c495c0c9188/targetgroup/weather/943f017f100becff",
      },
      targetValue: 1000,
      scaleOutCooldown: 60,
      scaleInCooldown: 300,
    },
  });
  assert.deepEqual(declaration.only(POLICY, "weather-cpu").inputs, {
    ...OF_TARGET,
    policyType: "TargetTrackingScaling",
    targetTrackingScalingPolicyConfiguration: {
      predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
      targetValue: 70,
      scaleOutCooldown: 60,
      scaleInCooldown: 300,
    },
  });
  declaration.assertNothingUndefined();
});

test("GIVEN policies WHEN they are declared THEN they come after their target, and that on requests after the rule that puts the group on a listener", async () => {
  const declaration = await scaling();

  assert.deepEqual(declaration.only(POLICY, "weather").dependsOn, [
    "aws:lb/listenerRule:ListenerRule weather",
  ]);
  for (const name of ["weather", "weather-cpu"])
    assert.ok(declaration.only(POLICY, name).dependencies.includes(`${TARGET} weather`));
});

test("GIVEN a target of ongoing requests WHEN scaling is declared THEN it follows the replicas' own gauge instead, and bursts of it", async () => {
  const declaration = await scaling({ targetOngoingRequests: pulumi.output(20) });

  assert.deepEqual(inventory(declaration), [
    "policy:Policy weather-burst",
    "policy:Policy weather-cpu",
    "policy:Policy weather-ongoing-requests",
    "target:Target weather",
    "metricAlarm:MetricAlarm weather-burst",
  ]);
  // One metric, and no math: every replica publishes zeros, too, so that the average is per replica.
  assert.deepEqual(declaration.only(POLICY, "weather-ongoing-requests").inputs, {
    ...OF_TARGET,
    policyType: "TargetTrackingScaling",
    targetTrackingScalingPolicyConfiguration: {
      customizedMetricSpecification: {
        namespace: "McpService",
        metricName: "OngoingRequests",
        dimensions: [{ name: "Service", value: "tools-dev-weather" }],
        statistic: "Average",
      },
      targetValue: 20,
      scaleOutCooldown: 60,
      scaleInCooldown: 300,
    },
  });
  assert.deepEqual(declaration.only(POLICY, "weather-burst").inputs, {
    ...OF_TARGET,
    policyType: "StepScaling",
    stepScalingPolicyConfiguration: {
      adjustmentType: "PercentChangeInCapacity",
      minAdjustmentMagnitude: 2,
      metricAggregationType: "Average",
      cooldown: 60,
      stepAdjustments: [
        { metricIntervalLowerBound: "0", metricIntervalUpperBound: "10", scalingAdjustment: 50 },
        { metricIntervalLowerBound: "10", metricIntervalUpperBound: "30", scalingAdjustment: 100 },
        { metricIntervalLowerBound: "30", scalingAdjustment: 200 },
      ],
    },
  });
  assert.deepEqual(declaration.only(ALARM).inputs, {
    alarmDescription:
      "The replicas of the MCP service weather have far more ongoing requests than they should: a burst, which adds replicas. Runbook: docs/runbook.md#burst",
    namespace: "McpService",
    metricName: "OngoingRequests",
    dimensions: { Service: "tools-dev-weather" },
    statistic: "Average",
    period: 10,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 30,
    treatMissingData: "notBreaching",
    alarmActions: [arn("autoscaling", "scalingPolicy:1:policyName/weather-burst")],
    tags: { team: "blue" },
  });
  declaration.assertNothingUndefined();
});

test("GIVEN both targets WHEN scaling is declared THEN there are both policies, of which the larger wish wins", async () => {
  const declaration = await scaling({ targetOngoingRequests: 20, requestCountPerTarget: 500 });

  assert.deepEqual(
    inventory(declaration).filter((resource) => resource.startsWith("policy")),
    [
      "policy:Policy weather",
      "policy:Policy weather-burst",
      "policy:Policy weather-cpu",
      "policy:Policy weather-ongoing-requests",
    ],
  );
});

test("GIVEN a deployment that switches between target groups WHEN scaling is declared THEN nothing follows the requests of one of them", async () => {
  const declaration = await scaling({ targetOngoingRequests: 20 }, false);

  assert.ok(!inventory(declaration).includes("policy:Policy weather"));
  assert.ok(!JSON.stringify(declaration.resources).includes("ALBRequestCountPerTarget"));
});

test("GIVEN a guard or a burst policy that is turned off WHEN scaling is declared THEN it is not there", async () => {
  assert.deepEqual(inventory(await scaling({ cpuTargetPercent: 0 })), [
    "policy:Policy weather",
    "target:Target weather",
  ]);
  assert.deepEqual(inventory(await scaling({ targetOngoingRequests: 20, burstScaling: false })), [
    "policy:Policy weather-cpu",
    "policy:Policy weather-ongoing-requests",
    "target:Target weather",
  ]);
});

test("GIVEN cooldowns, and scale-in turned off WHEN scaling is declared THEN every policy has them", async () => {
  const declaration = await scaling({
    requestCountPerTarget: 500,
    targetOngoingRequests: 20,
    scaleOutCooldownSeconds: pulumi.output(90),
    scaleInCooldownSeconds: 900,
    disableScaleIn: true,
  });

  for (const name of ["weather", "weather-ongoing-requests", "weather-cpu"]) {
    const { scaleOutCooldown, scaleInCooldown, disableScaleIn } = declaration.only(POLICY, name)
      .inputs["targetTrackingScalingPolicyConfiguration"] as Record<string, unknown>;
    assert.deepEqual([scaleOutCooldown, scaleInCooldown, disableScaleIn], [90, 900, true]);
  }
  const { cooldown } = declaration.only(POLICY, "weather-burst").inputs[
    "stepScalingPolicyConfiguration"
  ] as Record<string, unknown>;
  assert.equal(cooldown, 90);
});

test("GIVEN schedules WHEN scaling is declared THEN each is an action, and no deployment undoes what the latest has set", async () => {
  const declaration = await scaling({
    schedules: [
      {
        name: "day",
        cron: pulumi.output("0 7 ? * MON-FRI *"),
        timezone: "Europe/Berlin",
        minReplicas: pulumi.output(6),
        maxReplicas: 60,
      },
      { name: "night", cron: "0 22 * * ? *", minReplicas: 0, maxReplicas: 0 },
    ],
  });

  assert.deepEqual(declaration.only(ACTION, "weather-day").inputs, {
    ...OF_TARGET,
    schedule: "cron(0 7 ? * MON-FRI *)",
    timezone: "Europe/Berlin",
    scalableTargetAction: { minCapacity: 6, maxCapacity: 60 },
  });
  assert.deepEqual(declaration.only(ACTION, "weather-night").inputs, {
    ...OF_TARGET,
    schedule: "cron(0 22 * * ? *)",
    timezone: "UTC",
    scalableTargetAction: { minCapacity: 0, maxCapacity: 0 },
  });
  assert.ok(declaration.only(ACTION, "weather-day").dependencies.includes(`${TARGET} weather`));
  assert.deepEqual(declaration.only(TARGET).ignoreChanges, ["minCapacity", "maxCapacity"]);
});

test("GIVEN everything that moves replicas WHEN scaling is declared THEN one is made after the other, since AWS takes one change at a time", async () => {
  const declaration = await scaling({
    requestCountPerTarget: 600,
    targetOngoingRequests: 20,
    schedules: [
      { name: "morning", cron: "0 8 * * ? *", minReplicas: 4, maxReplicas: 8 },
      { name: "evening", cron: "0 20 * * ? *", minReplicas: 2, maxReplicas: 4 },
    ],
  });

  const order = [
    `${POLICY} weather`,
    `${POLICY} weather-ongoing-requests`,
    `${POLICY} weather-burst`,
    `${POLICY} weather-cpu`,
    `${ACTION} weather-morning`,
    `${ACTION} weather-evening`,
  ];
  const chained = declaration.resources
    .filter(({ type }) => type === POLICY || type === ACTION)
    .map(({ type, name, dependsOn }) => ({
      made: `${type} ${name}`,
      after: dependsOn.filter((each) => order.includes(each)),
    }));
  assert.deepEqual(
    chained.sort((left, right) => order.indexOf(left.made) - order.indexOf(right.made)),
    order.map((made, index) => ({ made, after: order.slice(Math.max(0, index - 1), index) })),
  );
});
