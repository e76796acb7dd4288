import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_MAX_INSTANCES } from "./instance-capacity-check.ts";
import type { InstanceCapacity } from "./instance-capacity.ts";
import { createInstanceRole } from "./instance-role.ts";
import { createInstanceSecurity } from "./instance-security.ts";
import { createLaunchTemplate } from "./launch-template.ts";
import type { Network } from "../network/network.ts";
import type { Tags } from "../tags.ts";

/** ECS marks its groups with it; without it here, each deployment would take it away. */
const ECS_TAG = { key: "AmazonECSManaged", value: "true", propagateAtLaunch: true };

/** What instances of an Auto Scaling group are declared from. */
export interface AutoScalingGroupArgs {
  readonly capacity: InstanceCapacity;
  readonly clusterName: pulumi.Input<string>;
  readonly network: Network;
  /** What must be there before an instance starts, beside its network and its role. */
  readonly prerequisites: readonly pulumi.Resource[];
  readonly tags: Tags;
}

/** Instances of this account, and the capacity provider by which ECS starts, drains and stops them. */
export function createAutoScalingGroup(
  name: string,
  args: AutoScalingGroupArgs,
  opts: pulumi.CustomResourceOptions,
): aws.ecs.CapacityProvider {
  const { capacity, network, tags } = args;
  const role = createInstanceRole(
    name,
    { enableSessionManager: capacity.enableSessionManager ?? false, tags },
    opts,
  );
  const security = createInstanceSecurity(name, { vpcId: network.vpcId, tags }, opts);
  const launchTemplate = createLaunchTemplate(
    name,
    {
      capacity,
      clusterName: args.clusterName,
      instanceProfileArn: role.profileArn,
      securityGroupIds: [security.group.id, ...network.taskSecurityGroupIds],
      tags,
    },
    opts,
  );
  const group = createGroup(name, capacity, launchTemplate, network.privateSubnetIds, tags, {
    ...opts,
    // On the way down, too: an agent that reaches ECS no more never tells that its last task has stopped, and the services wait for it.
    dependsOn: [...args.prerequisites, ...network.routes, ...role.policies, security.rule],
    // Big instances take long to go.
    customTimeouts: { delete: "30m" },
  });
  return new aws.ecs.CapacityProvider(
    name,
    {
      autoScalingGroupProvider: {
        // A group serves one provider in its life (aws/containers-roadmap#632): a new group's ARN replaces the provider with it.
        autoScalingGroupArn: group.arn,
        managedScaling: {
          status: "ENABLED",
          targetCapacity: capacity.targetCapacityPercent ?? 100,
        },
        managedDraining: "ENABLED",
        managedTerminationProtection: "ENABLED",
      },
      tags,
    },
    opts,
  );
}

/**
 * The group itself. ECS alone scales it: it has neither policies nor a desired capacity of its own. Nor has it a greatest age of instances, since Auto
 * Scaling passes over those that are protected, which are all that run a replica; an instance refresh that includes them replaces them, drained.
 * Capacity rebalancing is off: ECS gets no notice of it (ECS guide, "Spot Instance notices"), and drains at the two minutes' notice.
 */
function createGroup(
  name: string,
  capacity: InstanceCapacity,
  launchTemplate: aws.ec2.LaunchTemplate,
  subnetIds: pulumi.Input<string[]>,
  tags: Tags,
  opts: pulumi.CustomResourceOptions,
): aws.autoscaling.Group {
  return new aws.autoscaling.Group(
    name,
    {
      minSize: capacity.minInstances ?? 0,
      maxSize: capacity.maxInstances ?? DEFAULT_MAX_INSTANCES,
      vpcZoneIdentifiers: subnetIds,
      // Also for one type on demand, so that a second one changes a list and no more.
      mixedInstancesPolicy: {
        launchTemplate: {
          launchTemplateSpecification: {
            launchTemplateId: launchTemplate.id,
            // By its number, so that a preview of a new template shows that the group takes it.
            version: pulumi.interpolate`${launchTemplate.latestVersion}`,
          },
          overrides: capacity.instanceTypes.map((instanceType) => ({ instanceType })),
        },
        instancesDistribution: {
          onDemandBaseCapacity: 0,
          ...(capacity.spot === true
            ? {
                onDemandPercentageAboveBaseCapacity: 0,
                spotAllocationStrategy: "price-capacity-optimized",
              }
            : {
                onDemandPercentageAboveBaseCapacity: 100,
                onDemandAllocationStrategy: "prioritized",
              }),
        },
      },
      // Managed termination protection wants it; ECS lifts it from an instance that is empty.
      protectFromScaleIn: true,
      // Protected instances would keep the group from ever being deleted.
      forceDelete: true,
      // The provider would wait for as many instances as it saw last, whatever ECS has made of them since.
      waitForCapacityTimeout: "0",
      tags: pulumi.output(tags).apply((given) => [
        ...Object.entries(given ?? {})
          .filter(([key]) => key !== ECS_TAG.key)
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
        ECS_TAG,
      ]),
    },
    opts,
  );
}
