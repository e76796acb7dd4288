import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createEcsService, type TrafficShift } from "../../../infra/deployment/deployment.ts";
import {
  deploymentDefaults,
  type DeploymentArguments,
  type DeploymentSettings,
} from "../../../infra/deployment/deployment-args.ts";
import {
  capacityProviderStrategies,
  type CapacityArguments,
} from "../../../infra/capacity/capacity.ts";
import { DeploymentStrategy } from "../../../infra/deployment/deployment-strategy.ts";
import { deploy } from "../mocks.ts";

const ECS = "aws:ecs/service:Service";

function settings(args: DeploymentArguments & CapacityArguments = {}): DeploymentSettings {
  return deploymentDefaults(args, {
    minReplicas: 3,
    schedules: [],
    longestCallSeconds: 90,
    instanceCapacity: undefined,
  });
}

function service(
  args: DeploymentArguments & CapacityArguments = {},
  trafficShift?: TrafficShift,
  alarmNames: string[] = [],
) {
  return deploy(() => {
    const before = new aws.ecs.Cluster("before");
    return createEcsService(
      "weather",
      {
        ...settings(args),
        clusterArn: "arn:cluster",
        taskDefinitionArn: pulumi.output("arn:task-definition:1"),
        placement: {
          capacityProviderStrategies: capacityProviderStrategies(settings(args)),
          orderedPlacementStrategies: undefined,
        },
        subnetIds: ["subnet-a", "subnet-b"],
        securityGroupIds: ["sg-tasks"],
        targetGroupArn: "arn:target-group",
        trafficShift,
        registryArn: undefined,
        containerName: "server",
        port: 3000,
        alarmNames,
        tags: { team: "blue" },
      },
      { dependsOn: [before] },
    );
  });
}

test("GIVEN a service WHEN it is declared THEN it runs on Fargate in private subnets and never has fewer replicas than wanted", async () => {
  const declaration = await service();

  assert.deepEqual(declaration.only(ECS).inputs, {
    cluster: "arn:cluster",
    taskDefinition: "arn:task-definition:1",
    desiredCount: 3,
    capacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
    forceNewDeployment: true,
    networkConfiguration: {
      subnets: ["subnet-a", "subnet-b"],
      securityGroups: ["sg-tasks"],
      assignPublicIp: false,
    },
    loadBalancers: [
      { targetGroupArn: "arn:target-group", containerName: "server", containerPort: 3000 },
    ],
    deploymentConfiguration: { strategy: "ROLLING" },
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    availabilityZoneRebalancing: "ENABLED",
    healthCheckGracePeriodSeconds: 60,
    enableEcsManagedTags: true,
    propagateTags: "SERVICE",
    enableExecuteCommand: false,
    waitForSteadyState: true,
    tags: { team: "blue" },
  });
});

test("GIVEN a service WHEN it is declared THEN its count is left to the autoscaler, its tasks may finish, and the given options stand", async () => {
  const { ignoreChanges, customTimeouts, dependsOn } = (await service()).only(ECS);

  assert.deepEqual(ignoreChanges, ["desiredCount"]);
  // 15, and 60 seconds of grace with 90 of the longest call.
  assert.deepEqual(customTimeouts, { create: "18m", update: "18m", delete: "90m" });
  assert.deepEqual(dependsOn, ["aws:ecs/cluster:Cluster before"]);
});

test("GIVEN every argument WHEN a service is declared THEN each is where ECS looks for it", async () => {
  const declaration = await service(
    {
      deploymentStrategy: DeploymentStrategy.Canary,
      bakeMinutes: 20,
      canaryPercent: 10,
      canaryBakeMinutes: 15,
      minimumHealthyPercent: pulumi.output(50),
      maximumPercent: pulumi.output(150),
      availabilityZoneRebalancing: pulumi.output(false),
      waitForSteadyState: false,
      startupSeconds: pulumi.output(120),
      enableExecuteCommand: true,
      fargateBase: 1,
      fargateSpotWeight: pulumi.output(4),
    },
    {
      alternateTargetGroupArn: "arn:alternate",
      productionListenerRuleArn: "arn:rule",
      roleArn: "arn:role",
    },
    ["weather-rollback", "mine"],
  );
  const inputs = declaration.only(ECS).inputs;

  assert.deepEqual(inputs["deploymentConfiguration"], {
    strategy: "CANARY",
    bakeTimeInMinutes: "20",
    canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: "15" },
  });
  assert.deepEqual(inputs["loadBalancers"], [
    {
      targetGroupArn: "arn:target-group",
      containerName: "server",
      containerPort: 3000,
      advancedConfiguration: {
        alternateTargetGroupArn: "arn:alternate",
        productionListenerRule: "arn:rule",
        roleArn: "arn:role",
      },
    },
  ]);
  assert.deepEqual(inputs["capacityProviderStrategies"], [
    { capacityProvider: "FARGATE", base: 1, weight: 1 },
    { capacityProvider: "FARGATE_SPOT", weight: 4 },
  ]);
  assert.deepEqual(inputs["alarms"], {
    alarmNames: ["mine", "weather-rollback"],
    enable: true,
    rollback: true,
  });
  // It knows rolling deployments only (API DeploymentCircuitBreaker).
  assert.deepEqual(inputs["deploymentCircuitBreaker"], { enable: false, rollback: false });
  assert.deepEqual(
    [
      inputs["deploymentMinimumHealthyPercent"],
      inputs["deploymentMaximumPercent"],
      inputs["availabilityZoneRebalancing"],
      inputs["healthCheckGracePeriodSeconds"],
      inputs["enableExecuteCommand"],
      inputs["waitForSteadyState"],
    ],
    [50, 150, "DISABLED", 150, true, false],
  );
});

test("GIVEN Spot WHEN a service has no base of its own THEN its minimum runs on Fargate", async () => {
  const { inputs } = (await service({ fargateSpotWeight: 1 })).only(ECS);

  assert.deepEqual(inputs["capacityProviderStrategies"], [
    { capacityProvider: "FARGATE", base: 3, weight: 1 },
    { capacityProvider: "FARGATE_SPOT", weight: 1 },
  ]);
});
