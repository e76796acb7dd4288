import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { InstanceCapacity } from "./instance-capacity.ts";
import { architectureOf, gpuTypeOf, isFractional, isGpuFamily } from "./instance-types.ts";
import type { Tags } from "../tags.ts";
import { CpuArchitecture } from "../task/task.ts";
import { userData } from "./user-data.ts";

/** What a container image of a CPU server and of a GPU server needs, each with room for the one that follows it. */
const VOLUME_SIZE_GIB = 30;
const GPU_VOLUME_SIZE_GIB = 100;

/**
 * The newest ECS-optimised AMI, by the public parameter that AWS keeps it in. EC2 looks it up whenever an instance starts: what AWS publishes is on the
 * next instance, and in no preview. Auto Scaling takes such a template, also for several types by name, but then neither warm pools nor instance
 * refreshes with a desired configuration or skip matching (EC2 Auto Scaling guide, "Use AWS Systems Manager parameters instead of AMI IDs"); whoever
 * deploys needs `ssm:GetParameters`.
 */
export function latestImage(instanceTypes: readonly string[]): string {
  const [type = ""] = instanceTypes;
  const variant = isGpuFamily(type)
    ? "gpu/"
    : architectureOf(type) === CpuArchitecture.Arm64
      ? "arm64/"
      : "";
  return `resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/${variant}recommended/image_id`;
}

/** What the instances of a group are made from; their types are the group's own. */
export function createLaunchTemplate(
  name: string,
  args: {
    readonly capacity: InstanceCapacity;
    readonly clusterName: pulumi.Input<string>;
    readonly instanceProfileArn: pulumi.Input<string>;
    readonly securityGroupIds: readonly pulumi.Input<string>[];
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.ec2.LaunchTemplate {
  const { capacity, tags } = args;
  const { instanceTypes, spot = false, shareGpu = false } = capacity;
  const fractionalGpu = instanceTypes
    .map(gpuTypeOf)
    .some((gpu) => gpu !== undefined && isFractional(gpu));
  // Tags of the template do not reach what is made from it.
  const instanceTags = pulumi.output(tags).apply((given) => ({ Name: name, ...given }));
  return new aws.ec2.LaunchTemplate(
    name,
    {
      description: `ECS instances of ${name}`,
      imageId: capacity.imageId ?? latestImage(instanceTypes),
      iamInstanceProfile: { arn: args.instanceProfileArn },
      vpcSecurityGroupIds: [...args.securityGroupIds],
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        // The agent is on the instance's own network; a container with a bridge between would be a second hop.
        httpPutResponseHopLimit: 1,
      },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: {
            volumeType: "gp3",
            volumeSize:
              capacity.volumeSizeGib ??
              (instanceTypes.some(isGpuFamily) ? GPU_VOLUME_SIZE_GIB : VOLUME_SIZE_GIB),
            encrypted: "true",
            deleteOnTermination: "true",
          },
        },
      ],
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags: instanceTags,
      })),
      updateDefaultVersion: true,
      userData: pulumi
        .output(args.clusterName)
        .apply((clusterName) =>
          Buffer.from(userData({ clusterName, spot, shareGpu, fractionalGpu })).toString("base64"),
        ),
      tags,
    },
    opts,
  );
}
