import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { InstanceCapacity } from "./instance-capacity.ts";
import { createInstanceSecurity } from "./instance-security.ts";
import { isGpuFamily, sizeOf } from "./instance-types.ts";
import { createManagedInstancesRoles } from "./managed-instances-roles.ts";
import { creationHooks } from "./managed-instances-wait.ts";
import type { Network } from "../network/network.ts";
import type { Tags } from "../tags.ts";

/** As in an Auto Scaling group: room for an image, and for the one that follows it. */
const VOLUME_SIZE_GIB = 30;
const GPU_VOLUME_SIZE_GIB = 100;

/** More than any type costs above the cheapest one, in percent: EC2's way to say that the price excludes none (EC2 guide, "price protection"). */
const ANY_PRICE = 999_999;

type InstanceRequirements =
  aws.types.input.ecs.CapacityProviderManagedInstancesProviderInstanceLaunchTemplateInstanceRequirements;

/** The types that ECS may choose from. Those with GPUs need no other word than their names (ECS guide, "Use GPUs with Managed Instances"). */
export function instanceRequirements(
  instanceTypes: readonly string[],
  spot: boolean,
): InstanceRequirements {
  return {
    allowedInstanceTypes: [...instanceTypes],
    // The provider package demands both, and takes no 0; the names alone decide (terraform-provider-aws#44566).
    vcpuCount: { min: 1 },
    memoryMib: { min: 1 },
    // Both kinds are left out unless they are asked for, also where they are named.
    ...(instanceTypes.some((type) => /^t\d/u.test(type))
      ? { burstablePerformance: "included" }
      : {}),
    ...(instanceTypes.some((type) => sizeOf(type).startsWith("metal"))
      ? { bareMetal: "included" }
      : {}),
    // Else the dearer of two named types might never be chosen, and a replica that only it can hold would wait for ever.
    ...(instanceTypes.length === 1
      ? {}
      : spot
        ? { spotMaxPricePercentageOverLowestPrice: ANY_PRICE }
        : { onDemandMaxPricePercentageOverLowestPrice: ANY_PRICE }),
  };
}

/**
 * Instances that ECS runs itself, as a capacity provider of one cluster. AWS takes it into the cluster without an association. Its name is Pulumi's, with
 * a random end: a change of `spot`, which ECS does not allow, makes a new provider before the old one goes.
 */
export function createManagedInstances(
  name: string,
  args: {
    readonly capacity: InstanceCapacity;
    readonly clusterName: pulumi.Input<string>;
    readonly network: Network;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.ecs.CapacityProvider {
  const { capacity, network, tags } = args;
  const { instanceTypes, spot = false } = capacity;
  const roles = createManagedInstancesRoles(name, { tags }, opts);
  const security = createInstanceSecurity(name, { vpcId: network.vpcId, tags }, opts);
  const hooks = creationHooks(name);
  return new aws.ecs.CapacityProvider(
    name,
    {
      cluster: args.clusterName,
      managedInstancesProvider: {
        infrastructureRoleArn: roles.infrastructureRoleArn,
        propagateTags: "CAPACITY_PROVIDER",
        autoRepairConfiguration: { actionsStatus: "ENABLED" },
        instanceLaunchTemplate: {
          ec2InstanceProfileArn: roles.instanceProfileArn,
          capacityOptionType: spot ? "SPOT" : "ON_DEMAND",
          // By the minute costs extra; Container Insights already sees each replica.
          monitoring: "BASIC",
          networkConfiguration: {
            subnets: network.privateSubnetIds,
            securityGroups: [security.group.id, ...network.taskSecurityGroupIds],
          },
          storageConfiguration: {
            storageSizeGib:
              capacity.volumeSizeGib ??
              (instanceTypes.some(isGpuFamily) ? GPU_VOLUME_SIZE_GIB : VOLUME_SIZE_GIB),
          },
          instanceRequirements: instanceRequirements(instanceTypes, spot),
        },
      },
      tags,
    },
    {
      ...opts,
      ...(hooks === undefined ? {} : { hooks }),
      // On the way down, too: an instance that reaches ECS no more never tells that its last replica has stopped.
      dependsOn: [...network.routes, ...roles.policies, security.rule],
    },
  );
}
