import * as pulumi from "@pulumi/pulumi";
import type { CapacityArguments } from "./capacity.ts";
import { checkGpu, checkGpuMissing, instancesOf } from "./gpu.ts";
import { factsOf } from "./cluster-capacity.ts";
import type { InstanceCapacity, InstanceCapacityFacts } from "./instance-capacity.ts";
import { architectureOf } from "./instance-types.ts";
import type { McpPlatformHandle } from "../platform.ts";
import type { CpuArchitecture } from "../task/task.ts";
import { checkInstanceCpu, checkInstanceMemory, checkSharedSize } from "./task-size.ts";
import { ArgumentError, check, isLate } from "../validation.ts";

/** The arguments that say which instances a service runs on, and what its replicas need of them. */
export interface PlacementArguments extends CapacityArguments {
  platform?: pulumi.Input<McpPlatformHandle>;
  cpu?: pulumi.Input<number>;
  memory?: pulumi.Input<number>;
}

/** The name of the capacity that a service's own platform gets from `instances`. */
const OWN_CAPACITY = "instances";

/** What a service's own platform gets as `instanceCapacity`. */
export function ownInstanceCapacity({
  instances,
}: CapacityArguments): Record<string, InstanceCapacity> {
  return instances === undefined ? {} : { [OWN_CAPACITY]: instances };
}

/** The name of the capacity that a service runs on; undefined on Fargate. */
export function capacityName(args: PlacementArguments): string | undefined {
  return args.instances === undefined ? args.capacity : OWN_CAPACITY;
}

const EXAMPLE = 'instanceTypes: ["g6.xlarge"]';

/** Refuses instances that are named in two places, or in none that has them. */
export function checkCapacityName(component: string, args: PlacementArguments): void {
  const { platform, capacity, instances, gpu } = args;
  const refuse = (message: string): never => {
    throw new ArgumentError(component, message);
  };
  if (instances !== undefined && platform !== undefined) {
    refuse(
      "`instances` is given beside `platform`, to which instances belong. Declare them there, as `instanceCapacity`, and name them in `capacity`; or" +
        " leave `platform` out.",
    );
  }
  if (instances !== undefined && capacity !== undefined) {
    refuse(
      `\`capacity\` is \`${capacity}\` beside \`instances\`, which the service runs on anyway. Leave \`capacity\` out.`,
    );
  }
  if (capacity !== undefined && platform === undefined) {
    refuse(
      `\`capacity\` is \`${capacity}\`, but there is no \`platform\` that could have it. Give one, or declare the instances here:` +
        ` \`instances: { ${EXAMPLE} }\`.`,
    );
  }
  const name = capacityName(args);
  if (gpu !== undefined && name === undefined) {
    refuse(
      `\`gpu\` is given, but the replicas run on Fargate, which has no GPUs. Declare instances that have some: \`instances: { ${EXAMPLE} }\`; or, on a` +
        ` platform, \`instanceCapacity: { gpu: { ${EXAMPLE} } }\` there and \`capacity: "gpu"\` here.`,
    );
  }
  for (const argument of ["fargateBase", "fargateWeight", "fargateSpotWeight"] as const) {
    if (name === undefined || args[argument] === undefined) continue;
    refuse(
      `\`${argument}\` is given beside \`${instances === undefined ? "capacity" : "instances"}\`: the replicas run on instances, and none on Fargate.` +
        " Leave one of them out; for Spot instances set `spot` of the capacity.",
    );
  }
}

type Capacities = Readonly<Record<string, InstanceCapacityFacts>>;

/** Of a platform's handle only this one property is read: it is known in a preview in which others are not. */
function capacitiesOf(platform: pulumi.Input<McpPlatformHandle>): pulumi.Input<Capacities> {
  return isLate(platform) ? pulumi.output(platform).instanceCapacity : platform.instanceCapacity;
}

/** The instances that a service runs on; undefined on Fargate, and where the platform has none of that name, which is refused. */
export function instanceCapacityOf({
  platform,
  capacity,
  instances,
}: PlacementArguments): pulumi.Input<InstanceCapacityFacts | undefined> {
  if (instances !== undefined) return factsOf(instances);
  if (capacity === undefined || platform === undefined) return undefined;
  const named = (all: Capacities): InstanceCapacityFacts | undefined =>
    Object.hasOwn(all, capacity) ? all[capacity] : undefined;
  const capacities = capacitiesOf(platform);
  return isLate(capacities) ? pulumi.output(capacities).apply(named) : named(capacities);
}

/** Refuses a capacity that the platform does not have. */
function checkCapacityKnown(component: string, args: PlacementArguments): void {
  const { platform, capacity } = args;
  if (platform === undefined || capacity === undefined) return;
  check(capacitiesOf(platform), (all) => {
    if (Object.hasOwn(all, capacity)) return;
    const names = Object.keys(all).map((name) => `\`${name}\``);
    throw new ArgumentError(
      component,
      `\`capacity\` is \`${capacity}\`, which the platform's \`instanceCapacity\` does not have` +
        (names.length === 0
          ? `: there is none. Declare it there: \`instanceCapacity: { ${capacity}: { ${EXAMPLE} } }\`.`
          : `; it has ${names.join(", ")}. Give one of them, or declare it there.`),
    );
  });
}

/** Refuses replicas that the instances could not run, or that would leave unused what is paid for. */
export function checkInstances(
  component: string,
  args: PlacementArguments,
  architecture: CpuArchitecture,
  instanceCapacity: pulumi.Input<InstanceCapacityFacts | undefined>,
): void {
  checkCapacityKnown(component, args);
  check(instanceCapacity, (facts) => {
    if (facts === undefined) return;
    checkArchitecture(component, architecture, facts);
    if (args.gpu === undefined) checkGpuMissing(component, facts);
    check(args.gpu, (gpu) => {
      checkGpu(component, gpu, facts);
    });
    check(args.cpu, (cpu) => {
      checkInstanceCpu(component, cpu, facts);
    });
    check(args.memory, (memory) => {
      checkInstanceMemory(component, memory, facts);
    });
    check(args.gpu, (gpu) => {
      if (args.memory === undefined) checkSharedSize(component, gpu, undefined, facts);
      check(args.memory, (memory) => {
        checkSharedSize(component, gpu, memory, facts);
      });
    });
  });
}

function checkArchitecture(
  component: string,
  architecture: CpuArchitecture,
  facts: InstanceCapacityFacts,
): void {
  const [type = ""] = facts.instanceTypes;
  const processor = architectureOf(type);
  if (processor === architecture) return;
  throw new ArgumentError(
    component,
    `\`architecture\` is \`${architecture}\`, but ${instancesOf(facts)} have processors of \`${processor}\`. Give that, with an image built for it, or take` +
      " other instances.",
  );
}
