import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  ContainerCondition,
  leftOver,
  sidecarContainers,
  taskContainers,
  type Sidecar,
  type SidecarContainer,
} from "../../../infra/task/sidecar.ts";
import type { ContainerArgs } from "../../../infra/task/task.ts";
import { deploy, valueOf } from "../mocks.ts";

async function containersOf(
  sidecars: readonly Sidecar[],
  enableExecuteCommand = false,
): Promise<SidecarContainer[]> {
  const declaration = await deploy(() =>
    sidecarContainers(sidecars, {
      image: pulumi.output("own@sha256:ab"),
      startPeriod: 45,
      enableExecuteCommand,
    }),
  );
  return valueOf(declaration.result);
}

const SIDECAR: SidecarContainer = {
  name: "worker",
  image: "own@sha256:ab",
  command: ["node", "worker.js"],
  essential: false,
  cpu: 0,
  memory: undefined,
  memoryReservation: undefined,
  ports: [],
  environment: {},
  secrets: {},
  healthCheck: undefined,
  dependsOn: [],
  serverWaitsFor: "START",
  stopTimeout: 30,
  user: undefined,
  readonlyRootFilesystem: true,
  mountPoints: [],
};

test("GIVEN a sidecar that only has a command WHEN its container is made THEN it runs the service's image, and takes nothing from the server", async () => {
  assert.deepEqual(await containersOf([{ name: "worker", command: ["node", "worker.js"] }]), [
    SIDECAR,
  ]);
});

test("GIVEN a sidecar that has everything WHEN its container is made THEN it is exactly this", async () => {
  const sidecar: Required<Sidecar> = {
    name: "cache",
    image: pulumi.output("redis@sha256:cd"),
    command: ["redis-server", pulumi.output("--save")],
    environment: { LEVEL: pulumi.output("info") },
    secrets: { KEY: pulumi.output("arn:key") },
    essential: true,
    cpu: pulumi.output(0.1),
    memory: pulumi.output(128),
    memoryReservation: Promise.resolve(64),
    healthCheckCommand: ["CMD", pulumi.output("check")],
    ports: [pulumi.output(6379)],
    serverWaitsFor: ContainerCondition.Healthy,
    stopTimeoutSeconds: pulumi.output(10),
    user: pulumi.output("999:1000"),
    readonlyRootFilesystem: false,
    mountPoints: [
      { volume: "models", containerPath: pulumi.output("/models"), readOnly: true },
      { volume: "files", containerPath: "/files" },
    ],
  };

  assert.deepEqual(await containersOf([sidecar]), [
    {
      name: "cache",
      image: "redis@sha256:cd",
      command: ["redis-server", "--save"],
      essential: true,
      cpu: 102,
      memory: 128,
      memoryReservation: 64,
      ports: [6379],
      environment: { LEVEL: "info" },
      secrets: { KEY: "arn:key" },
      healthCheck: { command: ["CMD", "check"], interval: 10, startPeriod: 45 },
      dependsOn: [],
      serverWaitsFor: "HEALTHY",
      stopTimeout: 10,
      user: "999:1000",
      readonlyRootFilesystem: false,
      mountPoints: [
        { containerPath: "/models", readOnly: true, sourceVolume: "models" },
        { containerPath: "/files", readOnly: false, sourceVolume: "files" },
      ],
    },
  ]);
});

test("GIVEN sessions in replicas WHEN sidecars are made THEN those with a read-only root have volumes for an agent of their own", async () => {
  const [closed, open] = await containersOf(
    [
      { name: "closed", image: "a" },
      { name: "open", image: "a", readonlyRootFilesystem: false },
    ],
    true,
  );

  assert.deepEqual(closed?.mountPoints, [
    {
      containerPath: "/var/log/amazon/ssm",
      readOnly: false,
      sourceVolume: "ssm-agent-logs-closed",
    },
    {
      containerPath: "/var/lib/amazon/ssm",
      readOnly: false,
      sourceVolume: "ssm-agent-state-closed",
    },
  ]);
  assert.deepEqual(open?.mountPoints, []);
});

const SERVER: ContainerArgs = { ...SIDECAR, name: "server", essential: true };

test("GIVEN a server alone WHEN its task is put together THEN it is as it was", () => {
  assert.deepEqual(taskContainers(SERVER, [], 256), [SERVER]);
});

test("GIVEN sidecars in any order WHEN a task is put together THEN they follow the server in one order, which has the rest of the processor and waits for them", () => {
  const a: SidecarContainer = { ...SIDECAR, name: "a", cpu: 64, serverWaitsFor: "HEALTHY" };
  const b: SidecarContainer = { ...SIDECAR, name: "b" };
  for (const sidecars of [
    [a, b],
    [b, a],
  ]) {
    const [server, ...others] = taskContainers(SERVER, sidecars, 256);

    assert.deepEqual(others, [a, b]);
    assert.deepEqual(
      {
        ...server,
        dependsOn: server?.dependsOn.toSorted((left) => (left.containerName === "a" ? -1 : 1)),
      },
      {
        ...SERVER,
        cpu: 192,
        dependsOn: [
          { condition: "HEALTHY", containerName: "a" },
          { condition: "START", containerName: "b" },
        ],
      },
    );
  }
});

test("GIVEN what sidecars claim WHEN the rest is counted THEN a limit counts before a reservation, and what claims nothing does not", () => {
  assert.deepEqual(
    leftOver({ cpu: 1024, memory: 2048 }, [
      { cpu: 100, memory: 256, memoryReservation: 128 },
      { cpu: 24, memoryReservation: 128 },
      { cpu: 0 },
    ]),
    { cpu: 900, memory: 1664 },
  );
});
