import type { ContainerDefinition } from "./container-definition.ts";

/** What a task takes of an instance: CPU units (1024 a vCPU), MiB, GPUs. */
export interface TaskResources {
  readonly cpuUnits: number;
  readonly memoryMib: number;
  readonly gpus: number;
}

/**
 * The size of a task: its own, or that of its containers together (API TaskDefinition; a container without `cpu` reserves none, one
 * without a reservation its limit).
 */
export function taskResources(
  task: { readonly cpu?: string | undefined; readonly memory?: string | undefined },
  containers: readonly ContainerDefinition[],
): TaskResources {
  const sum = (of: (container: ContainerDefinition) => number): number =>
    containers.reduce((total, container) => total + of(container), 0);
  return {
    cpuUnits: amount(task.cpu, 1024) ?? sum(({ cpu }) => cpu),
    memoryMib:
      amount(task.memory, 1024) ??
      sum(({ memory, memoryReservation }) => memoryReservation ?? memory ?? 0),
    gpus: sum(({ resourceRequirements }) =>
      resourceRequirements
        .filter(({ type }) => type === "GPU")
        .reduce((total, { value }) => total + Number(value), 0),
    ),
  };
}

/** ECS takes `512` as well as `.5 vCPU`, and `1024` as well as `1 GB`. */
function amount(text: string | undefined, perUnit: number): number | undefined {
  if (text === undefined) return undefined;
  const [, number = "", unit] = /^\s*([\d.]+)\s*(vcpu|gb)?\s*$/iu.exec(text) ?? [];
  return number === "" ? undefined : Number(number) * (unit === undefined ? 1 : perUnit);
}
