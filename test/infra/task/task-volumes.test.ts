import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createTaskVolumes, type TaskVolumes } from "../../../infra/task/task-volumes.ts";
import type { Volume } from "../../../infra/task/volume.ts";
import { ACCOUNT, arn, deploy, REGION, valueOf, type Declaration } from "../mocks.ts";

const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";

function volumesOf(
  volumes: readonly Volume[],
  written = new Set(volumes.map(({ name }) => name)),
): Promise<Declaration<TaskVolumes>> {
  return deploy(() =>
    createTaskVolumes(
      "weather",
      {
        volumes,
        written,
        taskRole: new aws.iam.Role("weather-task", { assumeRolePolicy: "{}" }),
        vpcId: "vpc-1",
        subnetIds: pulumi.output(["subnet-a", "subnet-b"]),
        taskSecurityGroupId: "sg-tasks",
        deployment: { partition: "aws", region: REGION, accountId: ACCOUNT },
        tags: { team: "blue" },
      },
      {},
    ),
  );
}

const DATA: Volume = { name: "data", containerPath: "/data" };

const GIVEN: Volume = {
  name: "models",
  containerPath: "/models",
  fileSystemId: pulumi.output("fs-0123456789abcdef0"),
  accessPointId: "fsap-0123456789abcdef0",
  securityGroupId: "sg-0123456789abcdef0",
};

const nfs = { ipProtocol: "tcp", fromPort: 2049, toPort: 2049, tags: { team: "blue" } };

test("GIVEN no volumes WHEN they are made THEN nothing is", async () => {
  const declaration = await volumesOf([]);

  assert.deepEqual(declaration.inventory(), ["aws:iam/role:Role weather-task"]);
  assert.deepEqual(declaration.result, { volumes: [], dependsOn: [] });
});

test("GIVEN a volume WHEN it is made THEN the tasks, and nobody else, reach its mount targets, at the port of NFS alone", async () => {
  const declaration = await volumesOf([DATA]);

  assert.deepEqual(declaration.only(GROUP).inputs, {
    vpcId: "vpc-1",
    description: "File systems of the MCP service weather",
    tags: { team: "blue" },
  });
  assert.deepEqual(declaration.only(INGRESS).inputs, {
    ...nfs,
    securityGroupId: "weather-file-systems-id",
    referencedSecurityGroupId: "sg-tasks",
    description: "NFS from tasks",
  });
  assert.deepEqual(declaration.only(EGRESS).inputs, {
    ...nfs,
    securityGroupId: "sg-tasks",
    referencedSecurityGroupId: "weather-file-systems-id",
    description: "NFS to file systems",
  });
  assert.deepEqual(
    declaration.only("aws:efs/mountTarget:MountTarget", "weather-data-1").inputs["securityGroups"],
    ["weather-file-systems-id"],
  );
});

test("GIVEN a volume WHEN it is made THEN the task mounts it over TLS with its role, which may do that through its access point alone", async () => {
  const declaration = await volumesOf([DATA]);
  const { role, policy } = declaration.only(ROLE_POLICY).inputs;

  assert.deepEqual(await valueOf(pulumi.output(declaration.result.volumes)), [
    {
      name: "data",
      efsVolumeConfiguration: {
        fileSystemId: "weather-data-id",
        rootDirectory: "/",
        transitEncryption: "ENABLED",
        authorizationConfig: { accessPointId: "weather-data-id", iam: "ENABLED" },
      },
    },
  ]);
  assert.equal(role, "weather-task");
  assert.deepEqual(JSON.parse(String(policy)), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        Resource: arn("elasticfilesystem", "file-system/weather-data"),
        Condition: {
          StringEquals: {
            "elasticfilesystem:AccessPointArn": arn(
              "elasticfilesystem",
              "access-point/weather-data",
            ),
          },
        },
      },
    ],
  });
});

test("GIVEN a file system that exists WHEN a volume shows it THEN its group is opened, and the role may do only what is done there", async () => {
  const declaration = await volumesOf([GIVEN], new Set());
  const { policy } = declaration.only(ROLE_POLICY).inputs;

  assert.deepEqual(declaration.inventory(), [
    "aws:iam/role:Role weather-task",
    "aws:iam/rolePolicy:RolePolicy weather-volumes",
    `${EGRESS} weather-models`,
    `${INGRESS} weather-models`,
  ]);
  assert.deepEqual(declaration.only(INGRESS).inputs, {
    ...nfs,
    securityGroupId: "sg-0123456789abcdef0",
    referencedSecurityGroupId: "sg-tasks",
    description: "NFS from tasks",
  });
  assert.deepEqual(declaration.only(EGRESS).inputs, {
    ...nfs,
    securityGroupId: "sg-tasks",
    referencedSecurityGroupId: "sg-0123456789abcdef0",
    description: "NFS to file systems",
  });
  assert.deepEqual((JSON.parse(String(policy)) as { Statement: unknown }).Statement, [
    {
      Effect: "Allow",
      Action: ["elasticfilesystem:ClientMount"],
      Resource: arn("elasticfilesystem", "file-system/fs-0123456789abcdef0"),
      Condition: {
        StringEquals: {
          "elasticfilesystem:AccessPointArn": arn(
            "elasticfilesystem",
            "access-point/fsap-0123456789abcdef0",
          ),
        },
      },
    },
  ]);
  declaration.assertNothingUndefined();
});

test("GIVEN a file system without an access point WHEN a volume shows it THEN the task mounts its root, and not with the rights of its user root", async () => {
  const { name, containerPath, fileSystemId, securityGroupId } = GIVEN;
  assert.ok(fileSystemId !== undefined && securityGroupId !== undefined);
  const declaration = await volumesOf([{ name, containerPath, fileSystemId, securityGroupId }]);
  const { policy } = declaration.only(ROLE_POLICY).inputs;

  assert.deepEqual(await valueOf(pulumi.output(declaration.result.volumes)), [
    {
      name: "models",
      efsVolumeConfiguration: {
        fileSystemId: "fs-0123456789abcdef0",
        rootDirectory: "/",
        transitEncryption: "ENABLED",
        authorizationConfig: { iam: "ENABLED" },
      },
    },
  ]);
  assert.deepEqual((JSON.parse(String(policy)) as { Statement: unknown }).Statement, [
    {
      Effect: "Allow",
      Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
      Resource: arn("elasticfilesystem", "file-system/fs-0123456789abcdef0"),
    },
  ]);
});

test("GIVEN volumes of both kinds WHEN they are made THEN a task comes after their rules, their policies and its own rights", async () => {
  const declaration = await volumesOf([DATA, GIVEN]);
  const urns = await Promise.all(declaration.result.dependsOn.map(({ urn }) => valueOf(urn)));

  assert.deepEqual(
    declaration.resources
      .filter(({ urn }) => urns.includes(urn))
      .map(({ type, name }) => `${type} ${name}`)
      .sort(),
    [
      "aws:efs/fileSystemPolicy:FileSystemPolicy weather-data",
      "aws:iam/rolePolicy:RolePolicy weather-volumes",
      `${EGRESS} weather-file-systems`,
      `${EGRESS} weather-models`,
      `${INGRESS} weather-file-systems`,
      `${INGRESS} weather-models`,
    ],
  );
  declaration.assertUrnsUnique();
});
