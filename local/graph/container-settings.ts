import { resolve } from "node:path";
import { z } from "zod";
import type { ContainerDefinition } from "./container-definition.ts";
import type { GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import type { TaskResources } from "./task-resources.ts";

/** How the program builds an image; paths are whole. */
export interface ImageBuild {
  readonly context: string;
  readonly dockerfile: string | undefined;
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  readonly platform: string | undefined;
}

/** What a container engine must know of a container, and a process does not have. */
export interface ContainerSettings {
  /** Undefined for an image that the program does not build. */
  readonly build: ImageBuild | undefined;
  readonly entryPoint: readonly string[];
  readonly user: string | undefined;
  readonly workingDirectory: string | undefined;
  readonly readonlyRootFilesystem: boolean;
  readonly linuxParameters: ContainerDefinition["linuxParameters"];
  readonly mountPoints: ContainerDefinition["mountPoints"];
  /** The hard limit, its own or the task's. 0: none. */
  readonly memoryMib: number;
  readonly memoryReservationMib: number | undefined;
  /** Of the task: no container may use more. 0: no limit. */
  readonly vcpus: number;
  /** Its weight beside others. 0: the engine's default. */
  readonly cpuShares: number;
}

const imageInputs = z.object({
  context: z.string().default("."),
  dockerfile: z.string().optional(),
  target: z.string().optional(),
  args: z.record(z.string(), z.string()).default({}),
  platform: z.string().optional(),
});

/** @param build the `awsx:ecr:Image`, if the program builds the image. */
export function containerSettings(
  definition: ContainerDefinition,
  build: GraphResource | undefined,
  task: TaskResources,
  programFolder: string,
): ContainerSettings {
  return {
    build: build && imageBuild(build, programFolder),
    entryPoint: definition.entryPoint ?? [],
    user: definition.user,
    workingDirectory: definition.workingDirectory,
    readonlyRootFilesystem: definition.readonlyRootFilesystem ?? false,
    linuxParameters: definition.linuxParameters,
    mountPoints: definition.mountPoints,
    memoryMib: definition.memory ?? task.memoryMib,
    memoryReservationMib: definition.memoryReservation,
    vcpus: task.cpuUnits / 1024,
    cpuShares: definition.cpu,
  };
}

/** How an `awsx:ecr:Image` is built. */
export function imageBuild(build: GraphResource, programFolder: string): ImageBuild {
  const { context, dockerfile, ...inputs } = inputsOf(build, imageInputs);
  return {
    context: resolve(programFolder, context),
    // Relative to the program, not to the context (awsx, ecr.Image).
    dockerfile: dockerfile === undefined ? undefined : resolve(programFolder, dockerfile),
    target: inputs.target,
    args: inputs.args,
    platform: inputs.platform,
  };
}
