import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { createRouting } from "../../infra/routing.ts";
import { checkScaling, createScaling, type ScalingArgs } from "../../infra/scaling.ts";
import { assertRefused, deploy, rejectionsOf } from "./mocks.ts";

const ARGS: ScalingArgs = {
  minReplicas: 3,
  maxReplicas: 30,
  requestCountPerTarget: 600,
  scaleOutCooldownSeconds: 30,
  scaleInCooldownSeconds: 120,
};

const TARGET = "aws:appautoscaling/target:Target";
const POLICY = "aws:appautoscaling/policy:Policy";

function scaling() {
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
        ...ARGS,
        clusterName: pulumi.output("mcp"),
        serviceName: pulumi.output("weather-1"),
        loadBalancerArnSuffix: "app/mcp/50dc6c495c0c9188",
        targetGroup,
        rule,
        tags: { team: "blue" },
      },
      {},
    );
  });
}

test("GIVEN a service WHEN its scaling is declared THEN the count of its tasks is what scales", async () => {
  const declaration = await scaling();

  assert.deepEqual(declaration.only(TARGET).inputs, {
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: "service/mcp/weather-1",
    minCapacity: 3,
    maxCapacity: 30,
    tags: { team: "blue" },
  });
});

test("GIVEN a service WHEN its scaling is declared THEN it follows the requests that its own target group gets", async () => {
  const declaration = await scaling();

  assert.deepEqual(declaration.only(POLICY).inputs, {
    policyType: "TargetTrackingScaling",
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: "service/mcp/weather-1",
    targetTrackingScalingPolicyConfiguration: {
      predefinedMetricSpecification: {
        predefinedMetricType: "ALBRequestCountPerTarget",
        resourceLabel: "app/mcp/50dc6c495c0c9188/targetgroup/weather/943f017f100becff",
      },
      targetValue: 600,
      scaleOutCooldown: 30,
      scaleInCooldown: 120,
    },
  });
});

test("GIVEN a scaling policy WHEN it is declared THEN it comes after its target, and after the rule that puts the group on a listener", async () => {
  const policy = (await scaling()).only(POLICY);

  assert.deepEqual(policy.dependsOn, ["aws:lb/listenerRule:ListenerRule weather"]);
  assert.ok(policy.dependencies.includes(`${TARGET} weather`));
});

test("GIVEN numbers within AWS's ranges WHEN they are checked THEN they pass", () => {
  checkScaling("McpService", ARGS);
  checkScaling("McpService", { ...ARGS, minReplicas: 1, maxReplicas: 1 });
  checkScaling("McpService", { ...ARGS, minReplicas: 5000, maxReplicas: 5000 });
  checkScaling("McpService", { ...ARGS, scaleOutCooldownSeconds: 0, scaleInCooldownSeconds: 3600 });
  checkScaling("McpService", { ...ARGS, requestCountPerTarget: 10_000_000 });
});

test("GIVEN numbers outside of AWS's ranges WHEN they are checked THEN each is refused with its range", () => {
  const ranges = [
    ["minReplicas", [0, 5001, 1.5], "a whole number from 1 to 5000"],
    ["maxReplicas", [0, 5001], "a whole number from 1 to 5000"],
    [
      "requestCountPerTarget",
      [0, 10_000_001],
      "a whole number of requests a minute from 1 to 10000000",
    ],
    ["scaleOutCooldownSeconds", [-1, 3601], "a whole number of seconds from 0 to 3600"],
    ["scaleInCooldownSeconds", [-1, 3601], "a whole number of seconds from 0 to 3600"],
  ] as const;
  for (const [argument, values, range] of ranges) {
    for (const value of values) {
      assertRefused(() => {
        checkScaling("McpService", { ...ARGS, [argument]: value });
      }, `McpService: \`${argument}\` is ${value}; give ${range}.`);
    }
  }
});

const OUT_OF_ORDER =
  "McpService: `minReplicas` is 4 and `maxReplicas` is 3; give a maximum that is not below the minimum.";

test("GIVEN a maximum below the minimum WHEN it is checked THEN it is refused", () => {
  assertRefused(() => {
    checkScaling("McpService", { ...ARGS, minReplicas: 4, maxReplicas: 3 });
  }, OUT_OF_ORDER);
});

test("GIVEN a maximum below the minimum in outputs or promises WHEN it is checked THEN the program fails with the same sentence", async () => {
  const pairs = [
    [pulumi.output(4), 3],
    [4, pulumi.output(3)],
    [Promise.resolve(4), pulumi.output(3)],
  ] as const;
  for (const [minReplicas, maxReplicas] of pairs) {
    assert.deepEqual(
      await rejectionsOf(() => {
        checkScaling("McpService", { ...ARGS, minReplicas, maxReplicas });
      }),
      [OUT_OF_ORDER],
    );
  }
});
