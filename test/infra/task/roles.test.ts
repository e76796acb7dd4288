import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { createTaskRoles, executionStatements, keyStatements } from "../../../infra/task/roles.ts";
import { ACCOUNT, arn, deploy } from "../mocks.ts";

const LOGS = arn("logs", "log-group:mcp");
const REPOSITORY = arn("ecr", "repository/weather");
const SECRET = arn("secretsmanager", "secret:key-AbCdEf");
const PARAMETER = arn("ssm", "parameter/team/key");

const WRITE_LOGS = {
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: `${LOGS}:*`,
};

test("GIVEN an image outside ECR and no secrets WHEN the execution role is written THEN it may write its logs, and no more", () => {
  assert.deepEqual(executionStatements([], LOGS, []), [WRITE_LOGS]);
});

test("GIVEN an image in ECR and secrets of both kinds WHEN the execution role is written THEN it may read these, and no others", () => {
  assert.deepEqual(executionStatements([REPOSITORY], LOGS, [PARAMETER, SECRET]), [
    WRITE_LOGS,
    { Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Effect: "Allow",
      Action: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ],
      Resource: [REPOSITORY],
    },
    { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: [SECRET] },
    { Effect: "Allow", Action: "ssm:GetParameters", Resource: [PARAMETER] },
  ]);
});

test("GIVEN keys, stages and versions of secrets WHEN the execution role is written THEN it names each secret once, in one order", () => {
  const other = arn("secretsmanager", "secret:another-AbCdEf");
  const [, statement] = executionStatements([], LOGS, [
    `${SECRET}:password::`,
    `${SECRET}:user:AWSCURRENT:`,
    `${SECRET}:::version-1`,
    SECRET,
    other,
  ]);

  assert.deepEqual(statement, {
    Effect: "Allow",
    Action: "secretsmanager:GetSecretValue",
    Resource: [other, SECRET],
  });
});

test("GIVEN keys of the user's WHEN secrets are read THEN ECS may decrypt with them there, each named once, and nowhere else", () => {
  const key = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd`;

  assert.deepEqual(keyStatements([key, key], "us-east-1"), [
    {
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: [key],
      Condition: {
        StringEquals: {
          "kms:ViaService": [
            "secretsmanager.us-east-1.amazonaws.com",
            "ssm.us-east-1.amazonaws.com",
          ],
        },
      },
    },
  ]);
  assert.deepEqual(keyStatements([], "us-east-1"), []);
});

test("GIVEN any role WHEN it is written THEN the registry's token is all that it may do everywhere", () => {
  const everywhere = executionStatements([REPOSITORY], LOGS, [SECRET, PARAMETER]).filter(
    ({ Resource }) => [Resource].flat().includes("*"),
  );

  assert.deepEqual(
    everywhere.map(({ Action }) => Action),
    ["ecr:GetAuthorizationToken"],
  );
});

test("GIVEN a service's roles WHEN they are declared THEN only this account's ECS takes them, and the task's own may do nothing", async () => {
  const declaration = await deploy(() =>
    createTaskRoles(
      "weather",
      {
        deployment: {
          partition: "aws-cn",
          region: pulumi.output("cn-north-1"),
          accountId: ACCOUNT,
        },
        repositoryArns: pulumi.output([REPOSITORY]),
        secretArns: [`${SECRET}:::version-1`],
        logGroupArn: LOGS,
        keyArns: [],
        tags: { team: "blue" },
      },
      {},
    ),
  );
  const trust = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": ACCOUNT },
          ArnLike: { "aws:SourceArn": `arn:aws-cn:ecs:cn-north-1:${ACCOUNT}:*` },
        },
      },
    ],
  };

  assert.deepEqual(declaration.inventory(), [
    "aws:iam/role:Role weather-execution",
    "aws:iam/role:Role weather-task",
    "aws:iam/rolePolicy:RolePolicy weather-execution",
  ]);
  for (const name of ["weather-execution", "weather-task"]) {
    const { assumeRolePolicy, ...more } = declaration.only("aws:iam/role:Role", name).inputs;
    assert.deepEqual(JSON.parse(String(assumeRolePolicy)), trust);
    assert.deepEqual(more, { tags: { team: "blue" } });
  }
  const { policy, ...more } = declaration.only("aws:iam/rolePolicy:RolePolicy").inputs;
  assert.deepEqual(more, { role: "weather-execution" });
  assert.deepEqual(JSON.parse(String(policy)), {
    Version: "2012-10-17",
    Statement: executionStatements([REPOSITORY], LOGS, [SECRET]),
  });
});
