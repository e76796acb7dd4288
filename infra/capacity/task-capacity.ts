import * as pulumi from "@pulumi/pulumi";
import { capacityProviderStrategies, type Share } from "./capacity.ts";
import { stopLimit, stopTimeout } from "../deployment/deployment-times.ts";
import { GpuAllocation, gpuAllocation } from "./gpu.ts";
import { InstanceManagement, type InstanceCapacityFacts } from "./instance-capacity.ts";
import type { ServiceSettings } from "../service-args.ts";
import { cpuUnits } from "./task-size.ts";

/** GPUs that ECS counts and gives to one container. */
export interface ResourceRequirement {
  readonly type: "GPU";
  readonly value: string;
}

/** How ECS chooses among instances. */
export interface PlacementStrategy {
  readonly type: string;
  readonly field: string;
}

/** What the capacity of a service means for its task definition. */
export interface TaskCapacity {
  readonly requiresCompatibilities: pulumi.Output<string[]>;
  /** As text, in CPU units. */
  readonly cpu: pulumi.Output<string>;
  /** As text, in MiB. */
  readonly memory: pulumi.Output<string>;
  /** Of the container that serves; empty where ECS counts no GPUs. */
  readonly resourceRequirements: pulumi.Output<ResourceRequirement[]>;
  /** Variables of the container that serves, which the user's may replace. */
  readonly environment: pulumi.Output<Record<string, string>>;
  /** How long the container that serves may take to end after SIGTERM, in seconds. */
  readonly stopTimeout: pulumi.Output<number>;
}

/** Where ECS places the replicas. */
export interface ServicePlacement {
  readonly capacityProviderStrategies: pulumi.Output<Share[]>;
  /** Undefined on Fargate, which takes none. */
  readonly orderedPlacementStrategies: pulumi.Output<PlacementStrategy[]> | undefined;
}

/** Spread first: AZ rebalancing works with no other order (ECS guide, "service-rebalancing"). Then as few instances as will do. */
const SPREAD_THEN_PACKED: readonly PlacementStrategy[] = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "binpack", field: "memory" },
];

/** ECS Managed Instances take no strategy: they spread by themselves (ECS guide, "task-placement"). */
export function placementStrategies({ management }: InstanceCapacityFacts): PlacementStrategy[] {
  return management === InstanceManagement.AutoScalingGroup ? [...SPREAD_THEN_PACKED] : [];
}

/** What a task definition must be fit for (API RegisterTaskDefinition, requiresCompatibilities). */
export function compatibilities(facts: InstanceCapacityFacts | undefined): string[] {
  if (facts === undefined) return ["FARGATE"];
  return [facts.management === InstanceManagement.AutoScalingGroup ? "EC2" : "MANAGED_INSTANCES"];
}

/** The GPUs that ECS counts. Replicas that share one must not ask for it: it would be given to the first alone. */
export function resourceRequirements(
  facts: InstanceCapacityFacts,
  gpu: number | undefined,
): ResourceRequirement[] {
  if (gpu === undefined || gpuAllocation(facts) === GpuAllocation.Shared) return [];
  return [{ type: "GPU", value: String(gpu) }];
}

/** What makes NVIDIA's runtime show the GPU to a container that has not asked ECS for one; an image need not say so itself. */
const SHARED_GPU: Readonly<Record<string, string>> = {
  NVIDIA_DRIVER_CAPABILITIES: "compute,utility",
  NVIDIA_VISIBLE_DEVICES: "all",
};

export function gpuEnvironment(facts: InstanceCapacityFacts): Record<string, string> {
  return gpuAllocation(facts) === GpuAllocation.Shared ? { ...SHARED_GPU } : {};
}

/** The part of the task definition that depends on what the replicas run on. */
export function taskCapacity(settings: ServiceSettings): TaskCapacity {
  const { instanceCapacity, gpu } = settings;
  const facts = pulumi.output(instanceCapacity);
  return {
    requiresCompatibilities: facts.apply(compatibilities),
    cpu: pulumi.output(settings.cpu).apply((cpu) => String(cpuUnits(cpu))),
    memory: pulumi.output(settings.memory).apply(String),
    resourceRequirements: pulumi
      .all([facts, gpu])
      .apply(([known, gpus]) => (known === undefined ? [] : resourceRequirements(known, gpus))),
    environment: facts.apply((known): Record<string, string> =>
      known === undefined ? {} : gpuEnvironment(known),
    ),
    stopTimeout: pulumi
      .all([settings.drainSeconds, settings.longestCallSeconds, stopLimit(settings)])
      .apply(([drainSeconds, longestCallSeconds, limit]) =>
        stopTimeout(drainSeconds, longestCallSeconds, limit),
      ),
  };
}

/**
 * Where ECS places the replicas.
 *
 * @param capacityProviders the platform's, by the name of their capacity.
 */
export function servicePlacement(
  settings: ServiceSettings,
  capacityProviders: pulumi.Output<Record<string, string>>,
): ServicePlacement {
  const { capacityName, instanceCapacity } = settings;
  if (capacityName === undefined) {
    return {
      capacityProviderStrategies: capacityProviderStrategies(settings),
      orderedPlacementStrategies: undefined,
    };
  }
  return {
    capacityProviderStrategies: capacityProviders.apply((names) => {
      const capacityProvider = names[capacityName];
      return capacityProvider === undefined ? [] : [{ capacityProvider, weight: 1 }];
    }),
    orderedPlacementStrategies: pulumi
      .output(instanceCapacity)
      .apply((facts) => (facts === undefined ? [] : placementStrategies(facts))),
  };
}
