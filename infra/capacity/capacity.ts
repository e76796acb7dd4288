import * as pulumi from "@pulumi/pulumi";
import type { InstanceCapacity } from "./instance-capacity.ts";
import { ArgumentError, check, wholeNumberBetween } from "../validation.ts";

/** The arguments of a service about what its replicas run on. */
export interface SharedCapacityArguments {
  /**
   * How many replicas run on Fargate before any runs on Fargate Spot, 0 to 5000. Only beside `fargateSpotWeight`.
   * Default: `minReplicas`, so that a Spot drought never takes the service below its minimum.
   */
  fargateBase?: pulumi.Input<number>;
  /**
   * The share of Fargate among the replicas beyond `fargateBase`, 0 to 1000, relative to `fargateSpotWeight`. Only beside that. A replica of 0.25
   * vCPU and 512 MiB costs about 9 USD a month (Arm64: about 7).
   * Default: 1.
   */
  fargateWeight?: pulumi.Input<number>;
  /**
   * The share of Fargate Spot among the replicas beyond `fargateBase`, 0 to 1000, relative to `fargateWeight`. Spot costs up to 70 % less (about 3
   * USD a month for 0.25 vCPU and 512 MiB), and AWS may take a replica back with two minutes' notice, or have none to give: ECS then waits, and
   * does not fall back to Fargate.
   * Default: 0, no Spot.
   */
  fargateSpotWeight?: pulumi.Input<number>;
  /**
   * The name of the instances to run on, among those of the platform's `instanceCapacity`. Only beside `platform`.
   * Default: none, Fargate: nothing to patch, and nothing paid for that no replica uses.
   */
  capacity?: string;
  /**
   * The GPUs of each replica. On instances with whole GPUs a whole number; on those with a part of one (`g6f`, `gr6f`) that part: 0.125, 0.25 or 0.5; where
   * the capacity sets `shareGpu`, 1 divided by the number of replicas that share a GPU, such as 0.25. Only beside `capacity` or `instances`; Fargate has
   * no GPUs.
   * Default: none, and instances with GPUs are refused. A whole L4 (`g6.xlarge`) costs about 590 USD a month, an eighth (`g6f.large`) about 150.
   */
  gpu?: pulumi.Input<number>;
}

/** The same of a service that may have a platform of its own. */
export interface CapacityArguments extends SharedCapacityArguments {
  /**
   * Instances of the service's own to run on, where it has a platform of its own: not beside `platform`.
   * Default: none, Fargate.
   */
  instances?: InstanceCapacity;
}

/** What decides on the capacity providers of a service; all of it given. */
export interface CapacitySettings {
  readonly fargateBase: pulumi.Input<number>;
  readonly fargateWeight: pulumi.Input<number>;
  readonly fargateSpotWeight: pulumi.Input<number>;
}

/** The capacity providers that AWS has by itself. */
const FARGATE = "FARGATE";
const FARGATE_SPOT = "FARGATE_SPOT";

/** Refuses strategies that ECS would refuse, or that place nothing. */
export function checkCapacity(
  component: string,
  given: CapacityArguments,
  settings: CapacitySettings,
): void {
  check(settings.fargateBase, wholeNumberBetween(component, "fargateBase", 0, 5000));
  for (const argument of ["fargateWeight", "fargateSpotWeight"] as const)
    check(settings[argument], wholeNumberBetween(component, argument, 0, 1000));
  check(settings.fargateSpotWeight, (spotWeight) => {
    if (spotWeight > 0) return;
    const idle = (["fargateBase", "fargateWeight"] as const).find(
      (argument) => given[argument] !== undefined,
    );
    if (idle === undefined) return;
    throw new ArgumentError(
      component,
      `\`${idle}\` is given, but \`fargateSpotWeight\` is 0: all replicas run on Fargate, and there is nothing to share. Give` +
        ` \`fargateSpotWeight\` too, or leave \`${idle}\` out.`,
    );
  });
}

/** One part of a service's capacity provider strategy. */
export interface Share {
  readonly capacityProvider: string;
  readonly base?: number;
  readonly weight: number;
}

/**
 * The capacity provider strategy of a service. ECS takes one kind of provider in it (API CapacityProviderStrategyItem), so that other kinds than
 * Fargate have a function of their own.
 */
export function fargateStrategy(base: number, weight: number, spotWeight: number): Share[] {
  if (spotWeight === 0) return [{ capacityProvider: FARGATE, weight: 1 }];
  const spot = { capacityProvider: FARGATE_SPOT, weight: spotWeight };
  // A provider with neither base nor weight gets nothing.
  return base === 0 && weight === 0 ? [spot] : [{ capacityProvider: FARGATE, base, weight }, spot];
}

/** The strategy as the service's input. */
export function capacityProviderStrategies(settings: CapacitySettings): pulumi.Output<Share[]> {
  return pulumi
    .all([settings.fargateBase, settings.fargateWeight, settings.fargateSpotWeight])
    .apply(([base, weight, spotWeight]) => fargateStrategy(base, weight, spotWeight));
}
