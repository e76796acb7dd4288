import type { Container } from "../../graph/task-definition.ts";

/** What a container gets from its run. */
export interface CreateOptions {
  readonly name: string;
  /** What all containers of the run are found by. */
  readonly label: string;
  readonly environmentFile: string;
  /** Names of variables that the client's own environment has. */
  readonly passed: readonly string[];
  /** How many processors the engine has: it refuses a limit above that. */
  readonly processors: number;
}

/** The words of `docker create` for a container as its task definition has it. */
export function createWords(container: Container, options: CreateOptions): string[] {
  const [program, ...leading] = container.settings?.entryPoint ?? [];
  return [
    "create",
    "--rm",
    ...["--name", options.name],
    ...["--label", options.label],
    // What it runs has been built or pulled before the first task.
    ...["--pull", "never"],
    // The address of its task is one of the machine's, and so are those of the stand-ins.
    ...["--network", "host"],
    // Its lines go to the attached client.
    ...["--log-driver", "none"],
    // ECS does not look at a health check of the image (ECS guide, "Determine Amazon ECS task health").
    "--no-healthcheck",
    ...["--env-file", options.environmentFile],
    ...options.passed.flatMap((name) => ["--env", name]),
    ...isolation(container),
    ...limits(container, options.processors),
    ...(program === undefined ? [] : ["--entrypoint", program]),
    container.image,
    ...leading,
    ...container.command,
  ];
}

function isolation({ settings }: Container): string[] {
  if (settings === undefined) return [];
  const { user, workingDirectory, linuxParameters, mountPoints } = settings;
  return [
    ...(user === undefined ? [] : ["--user", user]),
    ...(workingDirectory === undefined ? [] : ["--workdir", workingDirectory]),
    ...(settings.readonlyRootFilesystem ? ["--read-only"] : []),
    ...(linuxParameters?.initProcessEnabled === true ? ["--init"] : []),
    ...(linuxParameters?.capabilities?.drop ?? []).flatMap((name) => ["--cap-drop", name]),
    ...(linuxParameters?.capabilities?.add ?? []).flatMap((name) => ["--cap-add", name]),
    ...(linuxParameters?.tmpfs ?? []).flatMap(({ containerPath, size, mountOptions }) => [
      "--tmpfs",
      `${containerPath}:${[`size=${size}m`, ...mountOptions].join(",")}`,
    ]),
    // An empty one, which ends with the container.
    ...mountPoints.flatMap(({ containerPath }) => ["--volume", containerPath]),
  ];
}

function limits({ settings }: Container, processors: number): string[] {
  if (settings === undefined) return [];
  const { memoryMib, memoryReservationMib, vcpus, cpuShares } = settings;
  return [
    // Fargate has no swap: the limit of both together is that of the memory.
    ...(memoryMib > 0 ? ["--memory", `${memoryMib}m`, "--memory-swap", `${memoryMib}m`] : []),
    ...(memoryReservationMib === undefined
      ? []
      : ["--memory-reservation", `${memoryReservationMib}m`]),
    ...(vcpus > 0 ? ["--cpus", String(Math.min(vcpus, processors))] : []),
    ...(cpuShares > 0 ? ["--cpu-shares", String(cpuShares)] : []),
  ];
}
