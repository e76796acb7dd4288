import type { InstanceCapacityFacts } from "./instance-capacity.ts";
import { gpuTypeOf, isFractional, isGpuFamily, type GpuInstanceType } from "./instance-types.ts";
import { ArgumentError } from "../validation.ts";

/** How the replicas on a capacity get at its GPUs. */
export const GpuAllocation = {
  /** There are none. */
  None: "none",
  /** Each GPU belongs to one replica. */
  Whole: "whole",
  /** Each instance has a part of a GPU, which belongs to one replica. */
  Fraction: "fraction",
  /** Several replicas use one GPU, and ECS knows nothing of it. */
  Shared: "shared",
} as const;
export type GpuAllocation = (typeof GpuAllocation)[keyof typeof GpuAllocation];

/** A GPU instance type with its name. */
export type NamedGpuType = GpuInstanceType & { readonly name: string };

/** The instance types of a capacity of which size and GPUs are known. */
export function gpuTypesOf({ instanceTypes }: InstanceCapacityFacts): NamedGpuType[] {
  return instanceTypes.flatMap((name) => {
    const type = gpuTypeOf(name);
    return type === undefined ? [] : [{ ...type, name }];
  });
}

export function gpuAllocation(facts: InstanceCapacityFacts): GpuAllocation {
  if (!facts.instanceTypes.some(isGpuFamily)) return GpuAllocation.None;
  if (facts.shareGpu) return GpuAllocation.Shared;
  return gpuTypesOf(facts).some(isFractional) ? GpuAllocation.Fraction : GpuAllocation.Whole;
}

/** How many replicas share a GPU; a third is given as 0.33, or as exactly as the program likes. */
export function replicasPerGpu(gpu: number): number {
  return Math.round(1 / gpu);
}

/** The GPU memory that a replica may reckon with, in MiB: of one GPU, or of its part of one. Undefined where there is none. */
export function gpuMemoryOf(facts: InstanceCapacityFacts, gpu: number): number | undefined {
  const types = gpuTypesOf(facts);
  if (types.length === 0 || gpu <= 0) return undefined;
  const replicas = gpuAllocation(facts) === GpuAllocation.Shared ? replicasPerGpu(gpu) : 1;
  return Math.floor(
    Math.min(...types.map(({ gpuMemoryMebibytes }) => gpuMemoryMebibytes)) / replicas,
  );
}

/** How far a fraction may be from the one that it stands for. */
const ROUNDING = 0.015;

function dividesEvenly(gpu: number): boolean {
  return gpu > 0 && gpu <= 1 && Math.abs(1 - gpu * replicasPerGpu(gpu)) <= ROUNDING;
}

/** A fraction as one writes it. */
function fractionOf(replicas: number): number {
  return Number((1 / replicas).toFixed(3));
}

/** The instances of a capacity, in a sentence. */
export function instancesOf({ instanceTypes }: InstanceCapacityFacts): string {
  return `the instances (${instanceTypes.map((name) => `\`${name}\``).join(", ")})`;
}

/** What to give as `gpu` on a capacity with GPUs, for whoever gave nothing. */
function exampleGpu(facts: InstanceCapacityFacts): number {
  const allocation = gpuAllocation(facts);
  if (allocation === GpuAllocation.Shared) return 0.5;
  return allocation === GpuAllocation.Fraction ? (gpuTypesOf(facts)[0]?.gpus ?? 1) : 1;
}

/** Refuses a service that would pay for GPUs without using them. */
export function checkGpuMissing(component: string, facts: InstanceCapacityFacts): void {
  if (gpuAllocation(facts) === GpuAllocation.None) return;
  throw new ArgumentError(
    component,
    `\`gpu\` is missing: ${instancesOf(facts)} have GPUs, and the service would pay for them without using them. Give what a replica needs, such as` +
      ` \`gpu: ${exampleGpu(facts)}\`, or run it on a capacity without GPUs.`,
  );
}

/** Refuses GPUs that the capacity does not have, or does not give out in this way. */
export function checkGpu(component: string, gpu: number, facts: InstanceCapacityFacts): void {
  const refuse = (problem: string): never => {
    throw new ArgumentError(component, `\`gpu\` is ${gpu}${problem}`);
  };
  const allocation = gpuAllocation(facts);
  if (allocation === GpuAllocation.Whole) checkWhole(gpu, facts, refuse);
  else if (allocation === GpuAllocation.Fraction) checkFraction(gpu, facts, refuse);
  else if (allocation === GpuAllocation.Shared) checkShared(gpu, facts, refuse);
  else {
    refuse(
      `, but ${instancesOf(facts)} have no GPU. Leave it out, or run the service on instances that have one, such as \`g6.xlarge\`.`,
    );
  }
}

type Refuse = (problem: string) => never;

function checkWhole(gpu: number, facts: InstanceCapacityFacts, refuse: Refuse): void {
  if (gpu > 0 && !Number.isInteger(gpu)) {
    refuse(
      `, but ECS gives out each GPU of ${instancesOf(facts)} as a whole. Give a whole number; or set \`shareGpu\` of the capacity, and replicas share` +
        " a GPU without isolation; or take instances with a part of a GPU, such as `g6f.xlarge` with 0.125.",
    );
  }
  const most = Math.min(...gpuTypesOf(facts).map(({ gpus }) => gpus));
  if (gpu < 1 || gpu > most) {
    refuse(
      `, but ${instancesOf(facts)} have ${most} each. Give ${most === 1 ? "1" : `a whole number from 1 to ${most}`}.`,
    );
  }
  checkInterfaces(facts, refuse, ({ gpus }, room) => ({
    replicas: Math.floor(gpus / gpu),
    least: Math.ceil(gpus / room),
  }));
}

function checkFraction(gpu: number, facts: InstanceCapacityFacts, refuse: Refuse): void {
  const fractions = [...new Set(gpuTypesOf(facts).map(({ gpus }) => gpus))];
  if (fractions.includes(gpu)) return;
  refuse(
    `, but ${instancesOf(facts)} have ${fractions.join(" or ")} of a GPU, which ECS gives to one replica. Give \`gpu: ${fractions.join("` or `")}\`.`,
  );
}

function checkShared(gpu: number, facts: InstanceCapacityFacts, refuse: Refuse): void {
  if (!dividesEvenly(gpu)) {
    refuse(
      ", but a shared GPU is divided evenly. Give 1 divided by the number of replicas that share it: 0.5, 0.333, 0.25 and so on.",
    );
  }
  checkInterfaces(facts, refuse, (_, room) => ({
    replicas: replicasPerGpu(gpu),
    least: fractionOf(room),
  }));
}

/** Every replica has a network interface of its own; where they run out, the rest of the GPUs would be paid for and not used. */
function checkInterfaces(
  facts: InstanceCapacityFacts,
  refuse: Refuse,
  demand: (type: NamedGpuType, room: number) => { replicas: number; least: number },
): void {
  if (facts.networkInterfaceTrunking) return;
  for (const type of gpuTypesOf(facts)) {
    const room = type.networkInterfaces - 1;
    const { replicas, least } = demand(type, room);
    if (replicas <= room) continue;
    refuse(
      `, so that ${replicas} replicas would run on a \`${type.name}\`; each takes a network interface, and it has ${room} beside its own. Give ${least} or` +
        " more, or set `networkInterfaceTrunking` of the capacity.",
    );
  }
}
