import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createEcsService } from "../../infra/deployment.ts";
import { deploy } from "./mocks.ts";

function service() {
  return deploy(() => {
    const before = new aws.ecs.Cluster("before");
    return createEcsService(
      "weather",
      {
        clusterArn: "arn:cluster",
        taskDefinitionArn: pulumi.output("arn:task-definition:1"),
        subnetIds: ["subnet-a", "subnet-b"],
        securityGroupId: "sg-tasks",
        targetGroupArn: "arn:target-group",
        port: 3000,
        desiredCount: 3,
        healthCheckGracePeriodSeconds: 90,
        tags: { team: "blue" },
      },
      { dependsOn: [before] },
    );
  });
}

test("GIVEN a service WHEN it is declared THEN it runs on Fargate in private subnets and never has fewer replicas than wanted", async () => {
  const declaration = await service();

  assert.deepEqual(declaration.only("aws:ecs/service:Service").inputs, {
    cluster: "arn:cluster",
    taskDefinition: "arn:task-definition:1",
    desiredCount: 3,
    capacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
    networkConfiguration: {
      subnets: ["subnet-a", "subnet-b"],
      securityGroups: ["sg-tasks"],
      assignPublicIp: false,
    },
    loadBalancers: [
      { targetGroupArn: "arn:target-group", containerName: "server", containerPort: 3000 },
    ],
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    availabilityZoneRebalancing: "ENABLED",
    healthCheckGracePeriodSeconds: 90,
    enableEcsManagedTags: true,
    propagateTags: "SERVICE",
    enableExecuteCommand: false,
    tags: { team: "blue" },
  });
});

test("GIVEN a service WHEN it is declared THEN its count is left to the autoscaler, its tasks may finish, and the given options stand", async () => {
  const { ignoreChanges, customTimeouts, dependsOn } = (await service()).only(
    "aws:ecs/service:Service",
  );

  assert.deepEqual(ignoreChanges, ["desiredCount"]);
  assert.deepEqual(customTimeouts, { create: "", update: "", delete: "90m" });
  assert.deepEqual(dependsOn, ["aws:ecs/cluster:Cluster before"]);
});
