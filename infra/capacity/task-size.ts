import * as pulumi from "@pulumi/pulumi";
import {
  GpuAllocation,
  gpuAllocation,
  instancesOf,
  gpuTypesOf,
  replicasPerGpu,
  type NamedGpuType,
} from "./gpu.ts";
import type { InstanceCapacityFacts } from "./instance-capacity.ts";
import { ArgumentError } from "../validation.ts";

/** The size of a task. */
export interface TaskSize {
  /** In vCPU. */
  readonly cpu: number;
  /** In MiB. */
  readonly memory: number;
}

/** The smallest task of Fargate, and enough for a server that waits more than it computes. */
export const DEFAULT_TASK_SIZE: TaskSize = { cpu: 0.25, memory: 512 };

/** What ECS calls a vCPU. */
const CPU_UNITS = 1024;

/** The sizes of tasks on instances, in vCPU (API RegisterTaskDefinition, cpu). */
const LEAST_CPU = 0.125;
const MOST_CPU = 192;

/** The scratch space of the container, and as much for the server, in MiB; ECS itself would take less. */
const LEAST_MEMORY = 128;

/** The memory of the largest instances of EC2, in MiB. */
const MOST_MEMORY = 33_554_432;

/** The share of an instance's memory that ECS may give to tasks; kernel, agent and Docker keep the rest. */
const MEMORY_SHARE = 0.9;

/** A vCPU count as ECS takes it: whole units, rounded down, so that n times 1/n never is more than the whole. */
export function cpuUnits(cpu: number): number {
  return Math.floor(cpu * CPU_UNITS);
}

/** The part of an instance that a replica with so many GPUs is entitled to. */
function shareOf(type: NamedGpuType, gpu: number, allocation: GpuAllocation): number {
  return allocation === GpuAllocation.Shared ? 1 / replicasPerGpu(gpu) : gpu / type.gpus;
}

/**
 * The size of a replica that nobody has given one: with GPUs its share of the smallest instance. On a shared GPU the CPU units are what keeps others
 * out: ECS knows them exactly, and of the memory only what the instance reports.
 */
export function defaultTaskSize(
  facts: InstanceCapacityFacts,
  gpu: number,
  withoutGpu: TaskSize = DEFAULT_TASK_SIZE,
): TaskSize {
  const allocation = gpuAllocation(facts);
  const types = gpuTypesOf(facts);
  if (types.length === 0 || gpu <= 0) return withoutGpu;
  const least = (sizeOf: (type: NamedGpuType, share: number) => number): number =>
    Math.min(...types.map((type) => Math.floor(sizeOf(type, shareOf(type, gpu, allocation)))));
  return {
    cpu: least(({ vcpu }, share) => vcpu * CPU_UNITS * share) / CPU_UNITS,
    memory: least(({ memoryMebibytes }, share) => memoryMebibytes * MEMORY_SHARE * share),
  };
}

/**
 * The size of each replica, with the defaults that the arguments document.
 *
 * @param withoutGpu of a replica that nobody has given a size, and that has no GPU.
 */
export function taskSize(
  given: {
    readonly cpu?: pulumi.Input<number>;
    readonly memory?: pulumi.Input<number>;
    readonly gpu?: pulumi.Input<number>;
  },
  instanceCapacity: pulumi.Input<InstanceCapacityFacts | undefined>,
  withoutGpu: TaskSize = DEFAULT_TASK_SIZE,
): { readonly cpu: pulumi.Input<number>; readonly memory: pulumi.Input<number> } {
  if (instanceCapacity === undefined) return { ...withoutGpu, ...sizeGiven(given) };
  const size = pulumi
    .all([instanceCapacity, given.gpu ?? 0])
    .apply(([facts, gpu]) =>
      facts === undefined ? withoutGpu : defaultTaskSize(facts, gpu, withoutGpu),
    );
  return { cpu: size.cpu, memory: size.memory, ...sizeGiven(given) };
}

function sizeGiven({
  cpu,
  memory,
}: {
  readonly cpu?: pulumi.Input<number>;
  readonly memory?: pulumi.Input<number>;
}): { cpu?: pulumi.Input<number>; memory?: pulumi.Input<number> } {
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
  };
}

/** Refuses vCPU that ECS does not take, or that no instance has. */
export function checkInstanceCpu(
  component: string,
  cpu: number,
  facts: InstanceCapacityFacts,
): void {
  if (gpuAllocation(facts) === GpuAllocation.Shared) {
    throw new ArgumentError(
      component,
      `\`cpu\` is ${cpu}, but on a shared GPU it follows from \`gpu\`, so that exactly as many replicas fit an instance as share its GPU. Leave it out.`,
    );
  }
  if (!(cpu >= LEAST_CPU && cpu <= MOST_CPU)) {
    throw new ArgumentError(
      component,
      `\`cpu\` is ${cpu}; on instances give ${LEAST_CPU} to ${MOST_CPU} vCPU.`,
    );
  }
  const largest = largestOf(facts, ({ vcpu }) => vcpu);
  if (largest === undefined || cpu <= largest) return;
  throw new ArgumentError(
    component,
    `\`cpu\` is ${cpu}, but ${instancesOf(facts)} have ${largest} vCPU at most. Give no more than that, or take larger instances.`,
  );
}

/** Refuses memory that ECS does not take, or that no instance has. */
export function checkInstanceMemory(
  component: string,
  memory: number,
  facts: InstanceCapacityFacts,
): void {
  if (!(Number.isInteger(memory) && memory >= LEAST_MEMORY && memory <= MOST_MEMORY)) {
    throw new ArgumentError(
      component,
      `\`memory\` is ${memory}; on instances give a whole number of MiB from ${LEAST_MEMORY} to ${MOST_MEMORY}.`,
    );
  }
  const largest = largestOf(facts, ({ memoryMebibytes }) => memoryMebibytes);
  if (largest === undefined || memory < largest) return;
  throw new ArgumentError(
    component,
    `\`memory\` is ${memory} MiB, but ${instancesOf(facts)} have ${largest} MiB at most, of which kernel and agent need some. Give about` +
      ` ${Math.floor(largest * MEMORY_SHARE)}, or take larger instances.`,
  );
}

/** Refuses replicas on a shared GPU of which fewer fit the instance than share its GPU, and those too small for ECS. */
export function checkSharedSize(
  component: string,
  gpu: number,
  memory: number | undefined,
  facts: InstanceCapacityFacts,
): void {
  if (gpuAllocation(facts) !== GpuAllocation.Shared || gpuTypesOf(facts).length === 0) return;
  const size = defaultTaskSize(facts, gpu);
  if (size.cpu < LEAST_CPU || size.memory < LEAST_MEMORY) {
    throw new ArgumentError(
      component,
      `\`gpu\` is ${gpu}, which leaves a replica ${size.cpu} vCPU and ${size.memory} MiB; ECS needs ${LEAST_CPU} and ${LEAST_MEMORY}. Give a larger` +
        " fraction, or take larger instances.",
    );
  }
  if (memory === undefined || memory <= size.memory) return;
  throw new ArgumentError(
    component,
    `\`memory\` is ${memory} MiB and \`gpu\` is ${gpu}: of ${replicasPerGpu(gpu)} replicas that are to share a GPU, fewer would fit an instance. Give` +
      ` ${size.memory} or less, a larger fraction, or instances with more memory.`,
  );
}

/** Undefined for CPU instances, of which nothing is known here but the name. */
function largestOf(
  facts: InstanceCapacityFacts,
  sizeOf: (type: NamedGpuType) => number,
): number | undefined {
  const types = gpuTypesOf(facts);
  return types.length === 0 ? undefined : Math.max(...types.map(sizeOf));
}
