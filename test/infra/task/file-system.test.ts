import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createFileSystem } from "../../../infra/task/file-system.ts";
import type { Volume } from "../../../infra/task/volume.ts";
import { arn, deploy, valueOf, type Declaration } from "../mocks.ts";

const FILE_SYSTEM = "aws:efs/fileSystem:FileSystem";
const ACCESS_POINT = "aws:efs/accessPoint:AccessPoint";
const BACKUP_POLICY = "aws:efs/backupPolicy:BackupPolicy";
const POLICY = "aws:efs/fileSystemPolicy:FileSystemPolicy";
const MOUNT_TARGET = "aws:efs/mountTarget:MountTarget";

const KEPT = [FILE_SYSTEM, ACCESS_POINT, BACKUP_POLICY, POLICY];

function fileSystem(
  volume: Partial<Volume> = {},
): Promise<Declaration<ReturnType<typeof createFileSystem>>> {
  return deploy(() =>
    createFileSystem(
      "weather-data",
      {
        volume: { name: "data", containerPath: "/data", ...volume },
        subnetIds: pulumi.output(["subnet-a", "subnet-b"]),
        securityGroupId: "sg-files",
        tags: { team: "blue" },
      },
      {},
    ),
  );
}

test("GIVEN a volume WHEN its file system is made THEN it is encrypted, elastic, and can be found again", async () => {
  const declaration = await fileSystem();

  assert.deepEqual(declaration.inventory(), [
    "aws:efs/accessPoint:AccessPoint weather-data",
    "aws:efs/backupPolicy:BackupPolicy weather-data",
    "aws:efs/fileSystem:FileSystem weather-data",
    "aws:efs/fileSystemPolicy:FileSystemPolicy weather-data",
    "aws:efs/mountTarget:MountTarget weather-data-1",
    "aws:efs/mountTarget:MountTarget weather-data-2",
  ]);
  assert.deepEqual(declaration.only(FILE_SYSTEM).inputs, {
    encrypted: true,
    throughputMode: "elastic",
    lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }],
    tags: { Name: "tools-dev-weather-data", team: "blue" },
  });
  assert.deepEqual(declaration.only(BACKUP_POLICY).inputs, {
    fileSystemId: "weather-data-id",
    backupPolicy: { status: "ENABLED" },
  });
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN a volume WHEN its file system is made THEN its files belong to the bundled image's user, in a folder of their own", async () => {
  assert.deepEqual((await fileSystem()).only(ACCESS_POINT).inputs, {
    fileSystemId: "weather-data-id",
    posixUser: { uid: 1000, gid: 1000 },
    rootDirectory: {
      path: "/data",
      creationInfo: { ownerUid: 1000, ownerGid: 1000, permissions: "0750" },
    },
    tags: { team: "blue" },
  });
});

test("GIVEN a volume WHEN its file system is made THEN it refuses clients without TLS, and lets in nobody whom IAM does not", async () => {
  const { fileSystemId, policy } = (await fileSystem()).only(POLICY).inputs;

  assert.equal(fileSystemId, "weather-data-id");
  assert.deepEqual(JSON.parse(String(policy)), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "*",
        Resource: arn("elasticfilesystem", "file-system/weather-data"),
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
});

test("GIVEN the platform's subnets WHEN a file system is made THEN each has a mount target, and who reads the id comes after them", async () => {
  const declaration = await deploy(() => {
    const { fileSystemId } = createFileSystem(
      "weather-data",
      {
        volume: { name: "data", containerPath: "/data" },
        subnetIds: pulumi.output(["subnet-a", "subnet-b"]),
        securityGroupId: "sg-files",
        tags: undefined,
      },
      {},
    );
    new aws.ssm.Parameter("reader", { type: "String", value: fileSystemId });
  });
  assert.deepEqual(declaration.only("aws:ssm/parameter:Parameter").dependencies.toSorted(), [
    "aws:efs/fileSystem:FileSystem weather-data",
    "aws:efs/mountTarget:MountTarget weather-data-1",
    "aws:efs/mountTarget:MountTarget weather-data-2",
  ]);
  for (const [index, subnetId] of ["subnet-a", "subnet-b"].entries()) {
    const { inputs, deleteBeforeReplace } = declaration.only(
      MOUNT_TARGET,
      `weather-data-${index + 1}`,
    );
    assert.deepEqual(inputs, {
      fileSystemId: "weather-data-id",
      subnetId,
      securityGroups: ["sg-files"],
    });
    assert.equal(deleteBeforeReplace, true);
  }
});

test("GIVEN a volume WHEN its file system is made THEN what holds and protects the data stays when it goes, and mount targets do not", async () => {
  const kept = await fileSystem();
  for (const { type, retainOnDelete } of kept.resources) {
    assert.equal(retainOnDelete, KEPT.includes(type), type);
  }
  const given = await fileSystem({ retainOnDelete: false });
  assert.ok(given.resources.every(({ retainOnDelete }) => !retainOnDelete));
});

test("GIVEN choices of a volume WHEN its file system is made THEN it has them", async () => {
  const declaration = await fileSystem({
    backup: pulumi.output(false),
    infrequentAccessAfterDays: pulumi.output(1),
  });

  assert.deepEqual(declaration.only(BACKUP_POLICY).inputs["backupPolicy"], { status: "DISABLED" });
  assert.deepEqual(declaration.only(FILE_SYSTEM).inputs["lifecyclePolicies"], [
    { transitionToIa: "AFTER_1_DAY" },
  ]);
  const never = await fileSystem({ infrequentAccessAfterDays: 0 });
  assert.deepEqual(never.only(FILE_SYSTEM).inputs["lifecyclePolicies"], []);
});

test("GIVEN a file system WHEN a task mounts it THEN it does so by these ids", async () => {
  const { result } = await fileSystem();

  assert.equal(await valueOf(result.fileSystemId), "weather-data-id");
  assert.equal(await valueOf(result.accessPointId), "weather-data-id");
  assert.equal(
    await valueOf(result.accessPointArn),
    arn("elasticfilesystem", "access-point/weather-data"),
  );
});

test("GIVEN subnets that are not there yet WHEN a file system is previewed THEN its mount targets are shown as soon as their number is known", async () => {
  const shown = async (
    subnetIds: (vpc: aws.ec2.Vpc) => pulumi.Output<string[]>,
  ): Promise<number> => {
    const declaration = await deploy(
      () => {
        const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
        createFileSystem(
          "weather-data",
          {
            volume: { name: "data", containerPath: "/data" },
            subnetIds: subnetIds(vpc),
            securityGroupId: "sg-files",
            tags: undefined,
          },
          {},
        );
      },
      { preview: true },
    );
    return declaration.resources.filter(({ type }) => type === MOUNT_TARGET).length;
  };

  assert.equal(await shown((vpc) => vpc.id.apply((id) => [id])), 0);
  assert.equal(await shown((vpc) => pulumi.output([vpc.id, vpc.id])), 2);
});
