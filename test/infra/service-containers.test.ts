import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  DeploymentStrategy,
  McpServer,
  McpService,
  type McpServiceArgs,
} from "../../infra/index.ts";
import {
  ACCOUNT,
  arn,
  assertRefused,
  deploy,
  REGION,
  rejectionsOf,
  type Declaration,
} from "./mocks.ts";
import { HANDLE } from "./platform-handle.ts";

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const ECS = "aws:ecs/service:Service";
const GROUP = "aws:lb/targetGroup:TargetGroup";
const POLICY = "aws:iam/rolePolicy:RolePolicy";

const DIGEST = `sha256:${"0".repeat(64)}`;
const REPOSITORY = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const AGENT = `${REPOSITORY}/target-control-agent@${DIGEST}`;

function deployService(args: McpServiceArgs): Promise<Declaration<McpService>> {
  return deploy(() => new McpService("weather", { platform: { ...HANDLE }, ...args }));
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly cpu: number;
  readonly dependsOn?: unknown;
  readonly mountPoints: unknown;
}

function containersOf(declaration: Declaration<unknown>): Container[] {
  return JSON.parse(String(declaration.only(TASK).inputs["containerDefinitions"])) as Container[];
}

/** Everything that a replica may have beside its server. */
const EVERYTHING: McpServiceArgs = {
  server: McpServer.Weather,
  cpu: 0.5,
  memory: 1024,
  maxOngoingRequests: 8,
  ephemeralStorageGib: 30,
  enableExecuteCommand: true,
  sidecars: [
    {
      name: "worker",
      command: ["node", "worker.js"],
      secrets: { KEY: arn("ssm", "parameter/team/key") },
      mountPoints: [{ volume: "data", containerPath: "/work" }],
    },
    {
      name: "cache",
      image: pulumi.output(`${REPOSITORY}/redis@${DIGEST}`),
      cpu: 0.125,
      memory: 256,
      ports: [6379],
      readonlyRootFilesystem: false,
    },
  ],
  volumes: [
    { name: "data", containerPath: "/data", readOnly: true },
    {
      name: "models",
      containerPath: "/models",
      readOnly: true,
      fileSystemId: "fs-0123456789abcdef0",
      securityGroupId: "sg-0123456789abcdef0",
    },
  ],
  targetOptimizerImage: AGENT,
  collectorImage: `${REPOSITORY}/adot@${DIGEST}`,
};

test("GIVEN sidecars, volumes and the agent WHEN a service is deployed THEN its task has them all, and the server has the rest", async () => {
  const declaration = await deployService(EVERYTHING);
  const [server, ...beside] = containersOf(declaration);

  assert.deepEqual(
    beside.map(({ name, image, cpu }) => ({ name, image, cpu })),
    [
      { name: "cache", image: `${REPOSITORY}/redis@${DIGEST}`, cpu: 128 },
      { name: "collector", image: `${REPOSITORY}/adot@${DIGEST}`, cpu: 32 },
      { name: "target-control-agent", image: AGENT, cpu: 64 },
      { name: "worker", image: `${REPOSITORY}/weather@${DIGEST}`, cpu: 0 },
    ],
  );
  assert.equal(server?.name, "server");
  assert.equal(server.cpu, 288);
  // Six tenths of what the cache and the collector leave.
  assert.ok(server.command?.includes("--max-old-space-size=384"));
  assert.deepEqual(server.dependsOn, [
    { condition: "START", containerName: "cache" },
    { condition: "START", containerName: "collector" },
    { condition: "START", containerName: "target-control-agent" },
    { condition: "START", containerName: "worker" },
  ]);
  assert.deepEqual(server.mountPoints, [
    { containerPath: "/data", readOnly: true, sourceVolume: "data" },
    { containerPath: "/models", readOnly: true, sourceVolume: "models" },
    { containerPath: "/var/lib/amazon/ssm", readOnly: false, sourceVolume: "ssm-agent-state" },
    { containerPath: "/var/log/amazon/ssm", readOnly: false, sourceVolume: "ssm-agent-logs" },
  ]);
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN sidecars, volumes and the agent WHEN a service is deployed THEN its task definition names every volume once", async () => {
  const { volumes, ephemeralStorage } = (await deployService(EVERYTHING)).only(TASK).inputs;
  const agents = ["", "-worker", "-target-control-agent", "-collector"];

  assert.deepEqual(volumes, [
    {
      name: "data",
      efsVolumeConfiguration: {
        fileSystemId: "weather-data-id",
        rootDirectory: "/",
        transitEncryption: "ENABLED",
        authorizationConfig: { accessPointId: "weather-data-id", iam: "ENABLED" },
      },
    },
    {
      name: "models",
      efsVolumeConfiguration: {
        fileSystemId: "fs-0123456789abcdef0",
        rootDirectory: "/",
        transitEncryption: "ENABLED",
        authorizationConfig: { iam: "ENABLED" },
      },
    },
    ...agents.flatMap((suffix) => [
      { name: `ssm-agent-logs${suffix}` },
      { name: `ssm-agent-state${suffix}` },
    ]),
  ]);
  assert.deepEqual(ephemeralStorage, { sizeInGib: 30 });
});

test("GIVEN sidecars with images and secrets WHEN a service is deployed THEN the execution role may read all of them, and no others", async () => {
  const declaration = await deployService(EVERYTHING);
  const { policy } = declaration.only(POLICY, "weather-execution").inputs;
  const { Statement } = JSON.parse(String(policy)) as {
    Statement: { Action: unknown; Resource: unknown }[];
  };

  const [images, secrets, parameters] = Statement.slice(2).map(({ Resource }) => Resource);
  assert.deepEqual(images, [
    arn("ecr", "repository/adot"),
    arn("ecr", "repository/redis"),
    arn("ecr", "repository/target-control-agent"),
    arn("ecr", "repository/weather"),
  ]);
  assert.deepEqual(
    (secrets as string[]).filter((secret) => !secret.includes("weather-")),
    [],
  );
  assert.deepEqual(parameters, [arn("ssm", "parameter/team/key")]);
});

test("GIVEN a volume that the server only reads WHEN a sidecar writes to it THEN the task's role may write there, and to no other", async () => {
  const declaration = await deployService(EVERYTHING);
  const { policy } = declaration.only(POLICY, "weather-volumes").inputs;
  const { Statement } = JSON.parse(String(policy)) as {
    Statement: { Action: unknown; Resource: unknown }[];
  };

  assert.deepEqual(
    Statement.map(({ Action, Resource }) => [Action, Resource]),
    [
      [
        ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        arn("elasticfilesystem", "file-system/weather-data"),
      ],
      [
        ["elasticfilesystem:ClientMount"],
        arn("elasticfilesystem", "file-system/fs-0123456789abcdef0"),
      ],
    ],
  );
});

test("GIVEN volumes WHEN a service is deployed THEN it comes after all that its tasks need to mount them, and goes before", async () => {
  const declaration = await deployService(EVERYTHING);
  const { dependsOn } = declaration.only(ECS);

  for (const needed of [
    "aws:efs/fileSystemPolicy:FileSystemPolicy weather-data",
    "aws:iam/rolePolicy:RolePolicy weather-volumes",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule weather-file-systems",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule weather-models",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule weather-file-systems",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule weather-models",
  ]) {
    assert.ok(dependsOn.includes(needed), needed);
  }
  const { dependencies } = declaration.only(TASK);
  for (const zone of [1, 2, 3]) {
    assert.ok(dependencies.includes(`aws:efs/mountTarget:MountTarget weather-data-${zone}`));
  }
});

test("GIVEN the agent WHEN a service is deployed THEN the load balancer speaks to it alone, and to the server through it", async () => {
  const declaration = await deployService(EVERYTHING);

  assert.equal(declaration.only(GROUP).inputs["targetControlPort"], 9081);
  assert.deepEqual(declaration.only(ECS).inputs["loadBalancers"], [
    {
      targetGroupArn: arn("elasticloadbalancing", "targetgroup/weather/943f017f100becff"),
      containerName: "target-control-agent",
      containerPort: 9080,
    },
  ]);
});

test("GIVEN the agent and deployments that shift traffic WHEN a service is deployed THEN both revisions' groups have the control port", async () => {
  const declaration = await deployService({
    server: McpServer.Weather,
    deploymentStrategy: DeploymentStrategy.BlueGreen,
    targetOngoingRequests: 4,
    maxOngoingRequests: 8,
    targetOptimizerImage: AGENT,
  });

  for (const name of ["weather", "weather-alternate"]) {
    assert.equal(declaration.only(GROUP, name).inputs["targetControlPort"], 9081);
  }
});

test("GIVEN a platform whose tasks reach AWS alone WHEN a sidecar or the agent comes from another registry THEN it is refused", async () => {
  const further = (argument: string, image: string): string =>
    `McpService: \`${argument}\` is \`${image}\`, but the platform's \`natGateways\` is \`none\`: its tasks reach no registry but ECR. Copy the image there, or give` +
    " the platform NAT gateways.";
  const agent = `public.ecr.aws/aws-elb/target-optimizer/target-control-agent@${DIGEST}`;

  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpService("weather", {
          platform: { ...HANDLE, hasInternetAccess: false },
          server: McpServer.Weather,
          traceSamplePercent: 0,
          sidecars: [
            { name: "cache", image: "redis@sha256:ab" },
            { name: "own", image: `${REPOSITORY}/own@${DIGEST}` },
          ],
          targetOptimizerImage: agent,
        }),
    ),
    [further("sidecars.cache.image", "redis@sha256:ab"), further("targetOptimizerImage", agent)],
  );
});

test("GIVEN mistakes in what stands beside the server WHEN a service is constructed THEN they are refused at once", () => {
  const refused = (args: McpServiceArgs, message: string): void => {
    assertRefused(
      () => new McpService("weather", { server: McpServer.Weather, ...args }),
      `McpService: ${message}`,
    );
  };

  refused(
    { sidecars: [{ name: "server", image: "redis" }] },
    "a sidecar has the name `server`, which another container of the replica has. Give each one of its own.",
  );
  refused(
    { volumes: [{ name: "data", containerPath: "data" }] },
    "`volumes.data.containerPath` has `data`; give a folder's full path, such as `/data`.",
  );
  refused(
    { targetOptimizerImage: AGENT, maxOngoingRequests: 2000 },
    "`maxOngoingRequests` is 2000, but the load balancer's target optimizer knows at most 1000. Give no more than that, or leave `targetOptimizerImage` out.",
  );
  refused(
    { ephemeralStorageGib: 10 },
    "`ephemeralStorageGib` is 10; give a whole number of GiB from 21 to 200.",
  );
});
