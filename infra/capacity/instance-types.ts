import { GPU_FAMILIES } from "./gpu-instance-types.ts";
import { CpuArchitecture } from "../task/task.ts";

/** An instance type with NVIDIA GPUs. */
export interface GpuInstanceType {
  readonly vcpu: number;
  readonly memoryMebibytes: number;
  /** Whole GPUs, or the fraction of one that the instance has. */
  readonly gpus: number;
  readonly model: string;
  /** The memory of each GPU, or of the instance's fraction of one. */
  readonly gpuMemoryMebibytes: number;
  /** The network interfaces that the instance may have: its own is one of them, and each replica takes another. */
  readonly networkInterfaces: number;
}

/** The part of an instance type before the dot. */
export function familyOf(instanceType: string): string {
  return instanceType.split(".")[0] ?? "";
}

/** The part of an instance type after the dot. */
export function sizeOf(instanceType: string): string {
  return instanceType.split(".")[1] ?? "";
}

/** Graviton has a `g` among the letters after the generation, where GPU families have it before; Grace has it after a hyphen. */
const ARM_FAMILY = /^(?:a1|[a-z]+\d+[a-z]*g[a-z]*|[a-z]+\d+[a-z]*-gb\d+)$/u;

/** The processor of an instance type, by its family's name (EC2 guide, "instance type naming conventions"). */
export function architectureOf(instanceType: string): CpuArchitecture {
  return ARM_FAMILY.test(familyOf(instanceType)) ? CpuArchitecture.Arm64 : CpuArchitecture.X86_64;
}

/** The facts of a GPU instance type; undefined for types without a GPU, and for GPU types that are not in the table. */
export function gpuTypeOf(instanceType: string): GpuInstanceType | undefined {
  const [model = "", memory = 0, rows = []] = GPU_FAMILIES.get(familyOf(instanceType)) ?? [];
  const row = rows.find(([size]) => size === sizeOf(instanceType));
  if (row === undefined) return undefined;
  const [, vcpu, memoryGibibytes, gpus, networkInterfaces] = row;
  return {
    vcpu,
    memoryMebibytes: memoryGibibytes * 1024,
    gpus,
    model,
    gpuMemoryMebibytes: memory * Math.min(gpus, 1),
    networkInterfaces,
  };
}

/** Whether the type's family is one of GPUs, also where it is not in the table: such a type is no CPU type. */
export function isGpuFamily(instanceType: string): boolean {
  return /^(?:g|gr|p)\d/u.test(instanceType);
}

/** Whether the instance has a part of a GPU. */
export function isFractional(type: GpuInstanceType): boolean {
  return type.gpus < 1;
}

/** What to give in place of a GPU type that is not in the table: its family's types or, of an unknown family, the families. */
export function gpuAlternatives(instanceType: string): string[] {
  const family = familyOf(instanceType);
  const known = GPU_FAMILIES.get(family);
  return known === undefined
    ? [...GPU_FAMILIES.keys()]
    : known[2].map(([size]) => `${family}.${size}`);
}
