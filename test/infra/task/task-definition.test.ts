import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerArgs } from "../../../infra/task/task.ts";
import {
  createTaskDefinition,
  type TaskDefinitionArgs,
} from "../../../infra/task/task-definition.ts";
import { deploy, rejectionsOf } from "../mocks.ts";

const SERVER: ContainerArgs = {
  name: "server",
  image: "tools@sha256:ab",
  command: ["node"],
  essential: true,
  cpu: 0,
  ports: [8080],
  environment: {},
  secrets: {},
  healthCheck: undefined,
  dependsOn: [],
  stopTimeout: 75,
  readonlyRootFilesystem: true,
  mountPoints: [],
};

const ARGS: TaskDefinitionArgs = {
  capacity: {
    requiresCompatibilities: pulumi.output(["EC2"]),
    cpu: pulumi.output("512"),
    memory: pulumi.output("1024"),
  },
  architecture: "ARM64",
  ephemeralStorageGib: undefined,
  executionRoleArn: "arn:execution",
  taskRoleArn: "arn:task",
  containers: [SERVER],
  logs: { logGroupName: pulumi.output("logs"), region: "us-east-1", streamPrefix: "weather" },
  volumes: [],
  tags: { team: "blue" },
};

const TASK = "aws:ecs/taskDefinition:TaskDefinition";

test("GIVEN a server alone WHEN its task definition is declared THEN it has what its capacity says, and its revisions stay", async () => {
  const declaration = await deploy(() => createTaskDefinition("weather", ARGS, {}));
  const { containerDefinitions, ...inputs } = declaration.only(TASK).inputs;

  assert.deepEqual(inputs, {
    family: "tools-dev-weather",
    requiresCompatibilities: ["EC2"],
    networkMode: "awsvpc",
    cpu: "512",
    memory: "1024",
    runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    executionRoleArn: "arn:execution",
    taskRoleArn: "arn:task",
    skipDestroy: true,
    tags: { team: "blue" },
  });
  const [{ name, logConfiguration }] = JSON.parse(String(containerDefinitions)) as [
    { name: unknown; logConfiguration: { options: Record<string, unknown> } },
  ];
  assert.equal(name, "server");
  // On Fargate ECS refuses a task without these three.
  assert.equal(logConfiguration.options["awslogs-group"], "logs");
  assert.equal(logConfiguration.options["awslogs-region"], "us-east-1");
  assert.equal(logConfiguration.options["awslogs-stream-prefix"], "weather");
});

test("GIVEN volumes and a disk WHEN a task definition is declared THEN it has them", async () => {
  const declaration = await deploy(() =>
    createTaskDefinition(
      "weather",
      { ...ARGS, ephemeralStorageGib: pulumi.output(50), volumes: [{ name: "scratch" }] },
      {},
    ),
  );
  const { ephemeralStorage, volumes } = declaration.only(TASK).inputs;

  assert.deepEqual(ephemeralStorage, { sizeInGib: 50 });
  assert.deepEqual(volumes, [{ name: "scratch" }]);
});

test("GIVEN containers that are too many words for ECS WHEN a task definition is declared THEN the program fails with the sentence", async () => {
  const environment = { TEXT: "x".repeat(64_000) };
  const [message, ...more] = await rejectionsOf(() =>
    createTaskDefinition("weather", { ...ARGS, containers: [{ ...SERVER, environment }] }, {}),
  );

  assert.deepEqual(more, []);
  assert.match(String(message), /^McpService: the containers have \d+ bytes of definitions, /u);
});
