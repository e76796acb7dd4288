import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import { createLoadBalancerRole } from "../../../infra/deployment/deployment-roles.ts";
import { arn, deploy } from "../mocks.ts";

test("GIVEN a service that shifts traffic WHEN its role is declared THEN ECS may move its own replicas and its own rule, and nothing else", async () => {
  const declaration = await deploy(() => {
    createLoadBalancerRole(
      "weather",
      {
        targetGroups: [
          new aws.lb.TargetGroup("weather"),
          new aws.lb.TargetGroup("weather-alternate"),
        ],
        rule: new aws.lb.ListenerRule("weather-production", {
          listenerArn: "arn:listener",
          actions: [],
          conditions: [],
        }),
        tags: { team: "blue" },
      },
      {},
    );
  });
  const role = declaration.only("aws:iam/role:Role", "weather-load-balancer").inputs;
  const policy = declaration.only("aws:iam/rolePolicy:RolePolicy", "weather-load-balancer").inputs;

  assert.deepEqual(role["tags"], { team: "blue" });
  assert.deepEqual(JSON.parse(String(role["assumeRolePolicy"])), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "ecs.amazonaws.com" },
        Action: "sts:AssumeRole",
      },
    ],
  });
  assert.equal(policy["role"], "weather-load-balancer");
  assert.deepEqual(JSON.parse(String(policy["policy"])), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: [
          "elasticloadbalancing:DescribeListeners",
          "elasticloadbalancing:DescribeRules",
          "elasticloadbalancing:DescribeTargetGroups",
          "elasticloadbalancing:DescribeTargetHealth",
        ],
        Resource: "*",
      },
      {
        Effect: "Allow",
        Action: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
        Resource: [
          arn("elasticloadbalancing", "targetgroup/weather/943f017f100becff"),
          arn("elasticloadbalancing", "targetgroup/weather-alternate/943f017f100becff"),
        ],
      },
      {
        Effect: "Allow",
        Action: "elasticloadbalancing:ModifyRule",
        Resource: arn("elasticloadbalancing", "listener-rule/app/weather-production"),
      },
    ],
  });
});
