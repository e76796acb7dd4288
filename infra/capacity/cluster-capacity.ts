import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { createAutoScalingGroup } from "./auto-scaling-group.ts";
import {
  InstanceManagement,
  type InstanceCapacity,
  type InstanceCapacityFacts,
} from "./instance-capacity.ts";
import { createManagedInstances } from "./managed-instances.ts";
import type { Network } from "../network/network.ts";
import type { Tags } from "../tags.ts";
import { ArgumentError } from "../validation.ts";

/** Capacities by their names, as a platform takes them. */
export type InstanceCapacities = Readonly<Record<string, InstanceCapacity>>;

/** What services of a cluster can run on. */
export interface ClusterCapacity {
  /** The name of the cluster, once its capacity is there. */
  readonly clusterName: pulumi.Output<string>;
  /** The capacity providers of instances, by the names of the capacities. */
  readonly capacityProviders: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Refuses names of platforms that their capacity providers could not have. */
export function checkProviderNames(
  component: string,
  name: string,
  capacities: InstanceCapacities | undefined,
): void {
  if (Object.keys(capacities ?? {}).length === 0 || !/^(?:aws|ecs|fargate)/u.test(name)) return;
  throw new ArgumentError(
    component,
    `the name \`${name}\` does not fit beside \`instanceCapacity\`, whose capacity providers are named after it: ECS keeps names that begin with` +
      " `aws`, `ecs` or `fargate` to itself. Choose another beginning.",
  );
}

/** What services must know of a capacity before anything is created. */
export function factsOf(capacity: InstanceCapacity): InstanceCapacityFacts {
  const management = capacity.management ?? InstanceManagement.AutoScalingGroup;
  return {
    management,
    instanceTypes: capacity.instanceTypes,
    spot: capacity.spot ?? false,
    shareGpu: capacity.shareGpu ?? false,
    networkInterfaceTrunking:
      // ECS Managed Instances have it whatever the account's setting is.
      management === InstanceManagement.ManagedInstances ||
      (capacity.networkInterfaceTrunking ?? false),
  };
}

/** Opens Fargate, Fargate Spot and the instances that are wanted to a cluster. */
export function createClusterCapacity(
  name: string,
  args: {
    readonly cluster: aws.ecs.Cluster;
    readonly capacities: InstanceCapacities;
    readonly network: Network;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): ClusterCapacity {
  const { cluster, capacities, network, tags } = args;
  const isManaged = ([, { management }]: readonly [string, InstanceCapacity]): boolean =>
    management === InstanceManagement.ManagedInstances;
  const entries = Object.entries(capacities);
  const managed = entries.filter(isManaged);
  const grouped = entries.filter((entry) => !isManaged(entry));

  const prerequisites = entries.some(([, capacity]) => capacity.networkInterfaceTrunking === true)
    ? [enableNetworkInterfaceTrunking(name, opts)]
    : [];
  const groups = grouped.map(([key, capacity]) => ({
    key,
    provider: createAutoScalingGroup(
      `${name}-${key}`,
      { capacity, clusterName: cluster.name, network, prerequisites, tags },
      opts,
    ),
  }));
  const association = associateCapacity(
    name,
    cluster,
    opts,
    groups.map(({ provider }) => provider.name),
  );
  const capacityProviders: Record<string, pulumi.Output<string>> = {};
  for (const { key, provider } of groups) {
    // Through the association, as the cluster's name.
    capacityProviders[key] = association.clusterName.apply(() => provider.name);
  }
  for (const [key, capacity] of managed) {
    capacityProviders[key] = createManagedInstances(
      `${name}-${key}`,
      // Through the association: both change the cluster, and ECS makes one change at a time.
      { capacity, clusterName: association.clusterName, network, tags },
      opts,
    ).name;
  }
  return { clusterName: association.clusterName, capacityProviders };
}

/** Left behind on the way down: to turn it off would take it from every other instance of the account that starts later. */
function enableNetworkInterfaceTrunking(
  name: string,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new aws.ecs.AccountSettingDefault(
    `${name}-awsvpc-trunking`,
    { name: "awsvpcTrunking", value: "enabled" },
    { ...opts, retainOnDelete: true },
  );
}

/** The capacity providers that AWS has by itself. */
const FARGATE_PROVIDERS = ["FARGATE", "FARGATE_SPOT"];

/**
 * Opens capacity to a cluster. Services read the cluster's name from the association: they come after it, and on the way down they go before it, since
 * AWS refuses to let go of a provider that is in use (aws-cdk#15366). Providers of Auto Scaling groups are all named in this one association: it
 * disassociates whatever it does not name.
 */
export function associateCapacity(
  name: string,
  cluster: aws.ecs.Cluster,
  opts: pulumi.CustomResourceOptions,
  groupProviders: readonly pulumi.Input<string>[] = [],
): aws.ecs.ClusterCapacityProviders {
  return new aws.ecs.ClusterCapacityProviders(
    name,
    {
      clusterName: cluster.name,
      capacityProviders: [...FARGATE_PROVIDERS, ...groupProviders],
      // For what somebody runs here by hand: without it ECS would look for an EC2 instance.
      defaultCapacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
    },
    opts,
  );
}
