import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";
import { taskFamily } from "./task.ts";
import type { Volume } from "./volume.ts";

/** Files that a volume shows. */
export interface MountedFileSystem {
  /** Read through the mount targets, so that no task starts before it can mount it, and none outlives them. */
  readonly fileSystemId: pulumi.Output<string>;
  readonly fileSystemArn: pulumi.Output<string>;
  readonly accessPointId: pulumi.Output<string>;
  readonly accessPointArn: pulumi.Output<string>;
  /** What refuses clients without TLS. */
  readonly policy: pulumi.Resource;
}

/** The user of the bundled image. All files belong to it, whoever writes them. */
const OWNER = 1000;

/**
 * A file system with one access point and a mount target in each subnet.
 *
 * @param name of the service and the volume.
 */
export function createFileSystem(
  name: string,
  args: {
    readonly volume: Volume;
    readonly subnetIds: pulumi.Output<string[]>;
    /** Of the mount targets. */
    readonly securityGroupId: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): MountedFileSystem {
  const { volume } = args;
  // With its policy and its access point, which are what protects it; mount targets hold no data, and would keep the subnets from going.
  const kept = pulumi.mergeOptions(opts, { retainOnDelete: volume.retainOnDelete ?? true });
  // One that was kept must be found again, and has no name else.
  const tags = pulumi.output(args.tags).apply((given) => ({ Name: taskFamily(name), ...given }));
  const fileSystem = new aws.efs.FileSystem(
    name,
    {
      encrypted: true,
      throughputMode: "elastic",
      lifecyclePolicies: pulumi
        .output(volume.infrequentAccessAfterDays ?? 30)
        .apply((days) =>
          days === 0 ? [] : [{ transitionToIa: `AFTER_${days}_DAY${days === 1 ? "" : "S"}` }],
        ),
      tags,
    },
    kept,
  );
  new aws.efs.BackupPolicy(
    name,
    {
      fileSystemId: fileSystem.id,
      backupPolicy: {
        status: pulumi
          .output(volume.backup ?? true)
          .apply((backup) => (backup ? "ENABLED" : "DISABLED")),
      },
    },
    kept,
  );
  const policy = new aws.efs.FileSystemPolicy(
    name,
    { fileSystemId: fileSystem.id, policy: fileSystemPolicy(fileSystem.arn) },
    kept,
  );
  const accessPoint = new aws.efs.AccessPoint(
    name,
    {
      fileSystemId: fileSystem.id,
      posixUser: { uid: OWNER, gid: OWNER },
      // Not the root, which belongs to the user root and stays that way.
      rootDirectory: {
        path: `/${volume.name}`,
        creationInfo: { ownerUid: OWNER, ownerGid: OWNER, permissions: "0750" },
      },
      tags: args.tags,
    },
    kept,
  );
  const mountTargets = createMountTargets(name, fileSystem, args, opts);
  return {
    fileSystemId: pulumi.all([fileSystem.id, mountTargets]).apply(([id]) => id),
    fileSystemArn: fileSystem.arn,
    accessPointId: accessPoint.id,
    accessPointArn: accessPoint.arn,
    policy,
  };
}

/** With a policy of its own a file system lets in whom IAM allows, and nobody else (EFS guide, "Using IAM to control file system data access"). */
function fileSystemPolicy(arn: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "*",
        Resource: arn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}

/** One in each subnet, and thereby in each zone: how many there are decides the platform, as soon as it is known. */
function createMountTargets(
  name: string,
  fileSystem: aws.efs.FileSystem,
  args: {
    readonly subnetIds: pulumi.Output<string[]>;
    readonly securityGroupId: pulumi.Input<string>;
  },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string[]> {
  const { subnetIds } = args;
  return subnetIds.length.apply((zones) =>
    pulumi.all(
      Array.from({ length: zones }, (_, index) => {
        const target = new aws.efs.MountTarget(
          `${name}-${index + 1}`,
          {
            fileSystemId: fileSystem.id,
            subnetId: subnetIds.apply((ids) => ids[index] ?? missingSubnet()),
            securityGroups: [args.securityGroupId],
          },
          // EFS takes one in each zone, and so none beside that which it replaces.
          pulumi.mergeOptions(opts, { deleteBeforeReplace: true }),
        );
        return target.id;
      }),
    ),
  );
}

function missingSubnet(): never {
  throw new Error("The platform has fewer subnets than it had.");
}
