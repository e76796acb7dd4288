import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createFileSystem, type MountedFileSystem } from "./file-system.ts";
import type { Deployment } from "./roles.ts";
import type { Tags } from "../tags.ts";
import type { Volume } from "./volume.ts";

/** The volumes of a service's tasks. */
export interface TaskVolumes {
  /** For the task definition. */
  readonly volumes: aws.types.input.ecs.TaskDefinitionVolume[];
  /** What must be there before a task mounts them. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** What volumes need of their service. */
export interface TaskVolumesArgs {
  readonly volumes: readonly Volume[];
  /** Names of the volumes that some container writes to. */
  readonly written: ReadonlySet<string>;
  readonly taskRole: aws.iam.Role;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: pulumi.Output<string[]>;
  readonly taskSecurityGroupId: pulumi.Input<string>;
  readonly deployment: Deployment;
  readonly tags: Tags;
}

/** What a task mounts: a file system that is made, or a given one with an access point or without. */
type Source = Omit<MountedFileSystem, "accessPointId" | "accessPointArn" | "policy"> &
  Partial<MountedFileSystem>;

/** Makes a service's volumes, and lets its tasks, and nobody else, mount them over TLS with the rights of their role. */
export function createTaskVolumes(
  name: string,
  args: TaskVolumesArgs,
  opts: pulumi.CustomResourceOptions,
): TaskVolumes {
  const { volumes } = args;
  if (volumes.length === 0) return { volumes: [], dependsOn: [] };
  const made = volumes.some(({ fileSystemId }) => fileSystemId === undefined)
    ? createFileSystemSecurity(name, args, opts)
    : undefined;
  const sources = volumes.map((volume) => ({
    volume,
    source:
      volume.fileSystemId === undefined && made !== undefined
        ? createFileSystem(
            `${name}-${volume.name}`,
            { ...args, volume, securityGroupId: made.groupId },
            opts,
          )
        : givenFileSystem(volume, args.deployment),
  }));
  const given = volumes.flatMap(({ name: volumeName, securityGroupId }) =>
    securityGroupId === undefined
      ? []
      : openFileSystem(`${name}-${volumeName}`, securityGroupId, args, opts),
  );
  return {
    volumes: sources.map(({ volume, source }) => taskVolume(volume, source)),
    dependsOn: [
      ...(made?.rules ?? []),
      ...given,
      ...sources.flatMap(({ source }) => source.policy ?? []),
      allowMounting(name, sources, args, opts),
    ],
  };
}

function createFileSystemSecurity(
  name: string,
  args: TaskVolumesArgs,
  opts: pulumi.CustomResourceOptions,
): { groupId: pulumi.Output<string>; rules: pulumi.Resource[] } {
  const { vpcId, tags } = args;
  const group = new aws.ec2.SecurityGroup(
    `${name}-file-systems`,
    { vpcId, description: `File systems of the MCP service ${name}`, tags },
    opts,
  );
  return { groupId: group.id, rules: openFileSystem(`${name}-file-systems`, group.id, args, opts) };
}

/** The port of NFS, and of NFS in TLS. */
const NFS = { ipProtocol: "tcp", fromPort: 2049, toPort: 2049 };

/** In tasks of this network mode files come through the network interface of the task, on instances too (ECS agent, volume option `netns`). */
function openFileSystem(
  name: string,
  securityGroupId: pulumi.Input<string>,
  { taskSecurityGroupId, tags }: TaskVolumesArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  return [
    new aws.vpc.SecurityGroupIngressRule(
      name,
      {
        ...NFS,
        securityGroupId,
        referencedSecurityGroupId: taskSecurityGroupId,
        description: "NFS from tasks",
        tags,
      },
      opts,
    ),
    new aws.vpc.SecurityGroupEgressRule(
      name,
      {
        ...NFS,
        securityGroupId: taskSecurityGroupId,
        referencedSecurityGroupId: securityGroupId,
        description: "NFS to file systems",
        tags,
      },
      opts,
    ),
  ];
}

function givenFileSystem(volume: Volume, deployment: Deployment): Source {
  const { fileSystemId = "", accessPointId } = volume;
  const { partition, region, accountId } = deployment;
  const arn = (resource: pulumi.Input<string>): pulumi.Output<string> =>
    pulumi.interpolate`arn:${partition}:elasticfilesystem:${region}:${accountId}:${resource}`;
  return {
    fileSystemId: pulumi.output(fileSystemId),
    fileSystemArn: arn(pulumi.interpolate`file-system/${fileSystemId}`),
    ...(accessPointId === undefined
      ? {}
      : {
          accessPointId: pulumi.output(accessPointId),
          accessPointArn: arn(pulumi.interpolate`access-point/${accessPointId}`),
        }),
  };
}

/** The root directory is AWS's own default, written out; with an access point it is the only one. */
function taskVolume(volume: Volume, source: Source): aws.types.input.ecs.TaskDefinitionVolume {
  const { fileSystemId, accessPointId } = source;
  return {
    name: volume.name,
    efsVolumeConfiguration: {
      fileSystemId,
      rootDirectory: "/",
      transitEncryption: "ENABLED",
      authorizationConfig: {
        ...(accessPointId === undefined ? {} : { accessPointId }),
        iam: "ENABLED",
      },
    },
  };
}

/** The role may do on each file system what the containers do there, through the access point alone where there is one. */
function allowMounting(
  name: string,
  sources: readonly { readonly volume: Volume; readonly source: Source }[],
  { taskRole, written }: TaskVolumesArgs,
  opts: pulumi.CustomResourceOptions,
): aws.iam.RolePolicy {
  return new aws.iam.RolePolicy(
    `${name}-volumes`,
    {
      role: taskRole.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: sources.map(({ volume, source: { fileSystemArn, accessPointArn } }) => ({
          Effect: "Allow",
          Action: [
            "elasticfilesystem:ClientMount",
            ...(written.has(volume.name) ? ["elasticfilesystem:ClientWrite"] : []),
          ],
          Resource: fileSystemArn,
          ...(accessPointArn === undefined
            ? {}
            : {
                Condition: {
                  StringEquals: { "elasticfilesystem:AccessPointArn": accessPointArn },
                },
              }),
        })),
      }),
    },
    opts,
  );
}
