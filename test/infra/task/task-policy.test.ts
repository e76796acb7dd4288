import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  checkTaskPolicy,
  createTaskPolicy,
  type TaskPolicyStatement,
} from "../../../infra/task/task-policy.ts";
import { assertRefused, deploy } from "../mocks.ts";

const DOCUMENTS = "arn:aws:s3:::documents/*";

const refused = (statement: TaskPolicyStatement, message: string): void => {
  assertRefused(() => {
    checkTaskPolicy("McpService", [
      { actions: ["s3:GetObject"], resources: [DOCUMENTS] },
      statement,
    ]);
  }, `McpService: ${message}`);
};

test("GIVEN statements WHEN they are declared THEN the task's role may do that, and nothing else", async () => {
  const declaration = await deploy(() =>
    createTaskPolicy(
      "weather",
      {
        taskRole: new aws.iam.Role("weather-task", { assumeRolePolicy: "{}" }),
        statements: [
          { actions: ["s3:GetObject"], resources: [pulumi.output(DOCUMENTS)] },
          { actions: ["bedrock:InvokeModel"], resources: ["*"] },
        ],
      },
      {},
    ),
  );

  const { role, policy } = declaration.only("aws:iam/rolePolicy:RolePolicy", "weather-task").inputs;
  assert.equal(role, "weather-task");
  assert.deepEqual(JSON.parse(String(policy)), {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["s3:GetObject"], Resource: [DOCUMENTS] },
      { Effect: "Allow", Action: ["bedrock:InvokeModel"], Resource: ["*"] },
    ],
  });
});

test("GIVEN statements that IAM would refuse, or that give everything away WHEN they are checked THEN they are refused", () => {
  for (const action of ["*", "s3:*", "GetObject", "s3:Get Object"]) {
    refused(
      { actions: [action], resources: [DOCUMENTS] },
      `\`taskPolicy[1].actions\` has \`${action}\`; give actions of one service each, such as \`s3:GetObject\` or \`s3:Get*\`. All actions of a service, or of` +
        " all services, are more than a container needs.",
    );
  }
  refused(
    { actions: ["s3:GetObject"], resources: ["documents"] },
    "`taskPolicy[1].resources` has `documents`; give an ARN, or `*` for actions that know no resource.",
  );
  refused(
    { actions: [], resources: [DOCUMENTS] },
    "`taskPolicy[1].actions` is empty, which IAM refuses; give at least one, or leave the statement out.",
  );
  checkTaskPolicy("McpService", undefined);
  checkTaskPolicy("McpService", [{ actions: ["s3:Get*"], resources: ["*", DOCUMENTS] }]);
});
