import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import {
  agentMountPoints,
  agentVolumes,
  allowExecuteCommand,
} from "../../../infra/task/execute-command.ts";
import { deploy } from "../mocks.ts";

test("GIVEN sessions WHEN they are allowed THEN the task's role may open the agent's four channels, and no more", async () => {
  const declaration = await deploy(() => {
    const role = new aws.iam.Role("weather-task", { assumeRolePolicy: "{}" });
    allowExecuteCommand("weather", role, {});
  });
  const { role, policy } = declaration.only(
    "aws:iam/rolePolicy:RolePolicy",
    "weather-execute-command",
  ).inputs;

  assert.equal(role, "weather-task");
  assert.deepEqual(JSON.parse(String(policy)), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ],
        Resource: "*",
      },
    ],
  });
});

test("GIVEN the agent's volumes THEN they are where it writes, and each container has its own", () => {
  assert.deepEqual(agentVolumes(), [
    { name: "ssm-agent-logs", containerPath: "/var/log/amazon/ssm" },
    { name: "ssm-agent-state", containerPath: "/var/lib/amazon/ssm" },
  ]);
  assert.deepEqual(agentVolumes("cache"), [
    { name: "ssm-agent-logs-cache", containerPath: "/var/log/amazon/ssm" },
    { name: "ssm-agent-state-cache", containerPath: "/var/lib/amazon/ssm" },
  ]);
  assert.deepEqual(agentMountPoints("cache"), [
    { sourceVolume: "ssm-agent-logs-cache", containerPath: "/var/log/amazon/ssm", readOnly: false },
    {
      sourceVolume: "ssm-agent-state-cache",
      containerPath: "/var/lib/amazon/ssm",
      readOnly: false,
    },
  ]);
});
