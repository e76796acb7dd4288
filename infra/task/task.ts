import * as pulumi from "@pulumi/pulumi";
import { ArgumentError } from "../validation.ts";

/** The processors tasks run on. */
export const CpuArchitecture = {
  /** Intel and AMD: what most images are built for. */
  X86_64: "X86_64",
  /** AWS Graviton: about a fifth cheaper; building the image elsewhere needs emulation. */
  Arm64: "ARM64",
} as const;
export type CpuArchitecture = (typeof CpuArchitecture)[keyof typeof CpuArchitecture];

/** A volume of the task, and where a container sees it. */
export interface ContainerMountPoint {
  readonly sourceVolume: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
}

/** What another container must have come to before a container starts, and in the other order at the end. */
export interface ContainerDependency {
  readonly containerName: string;
  readonly condition: string;
}

/** The health check of a container itself; times in seconds. */
export interface ContainerHealthCheck {
  readonly command: readonly string[];
  readonly interval: number;
  /** How long failures do not count. */
  readonly startPeriod: number;
}

/** Everything that decides on a container definition; all of it known. */
export interface ContainerArgs {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[] | undefined;
  /** Whether its end ends the task. */
  readonly essential: boolean;
  /** Its share of the task's processor while others want it too, in CPU units. */
  readonly cpu: number;
  /** The most memory that it may take, in MiB. */
  readonly memory?: number | undefined;
  /** The memory that is kept for it, in MiB. */
  readonly memoryReservation?: number | undefined;
  /** GPUs that ECS counts, and gives to this container. */
  readonly resourceRequirements?: readonly { readonly type: "GPU"; readonly value: string }[];
  readonly ports: readonly number[];
  readonly environment: Readonly<Record<string, string>>;
  /** Environment variable to `valueFrom`. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly healthCheck: ContainerHealthCheck | undefined;
  readonly dependsOn: readonly ContainerDependency[];
  readonly stopTimeout: number;
  /** User and group; the image's own where there is none. */
  readonly user?: string | undefined;
  readonly readonlyRootFilesystem: boolean;
  readonly mountPoints: readonly ContainerMountPoint[];
}

/** Where containers write their logs. */
export interface ContainerLogs {
  readonly logGroupName: string;
  readonly region: string;
  readonly streamPrefix: string;
}

/** The name of the one container that serves. */
export const CONTAINER_NAME = "server";

/** The scratch space of a container whose root file system is read-only, in MiB; it counts as the task's memory. */
const TMPFS_MEBIBYTES = 64;

/**
 * The JSON of the container definitions, canonical: keys and lists in one order, and AWS's own defaults written out, so that what AWS
 * stores equals what is declared and no preview shows a change (pulumi-aws#1738, #4576).
 */
export function containerDefinitions(
  containers: readonly ContainerArgs[],
  logs: ContainerLogs,
): string {
  return JSON.stringify(containers.map((container) => containerDefinition(container, logs)));
}

function containerDefinition(args: ContainerArgs, logs: ContainerLogs): unknown {
  return {
    name: args.name,
    image: args.image,
    ...(args.command === undefined ? {} : { command: args.command }),
    essential: args.essential,
    environment: byName(args.environment).map(([name, value]) => ({ name, value })),
    secrets: byName(args.secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    portMappings: [...args.ports]
      .sort((left, right) => left - right)
      .map((port) => ({ containerPort: port, hostPort: port, protocol: "tcp" })),
    ...(args.healthCheck === undefined
      ? {}
      : { healthCheck: { timeout: 5, retries: 3, ...args.healthCheck } }),
    ...(args.dependsOn.length === 0
      ? {}
      : { dependsOn: sortedBy(args.dependsOn, ({ containerName }) => containerName) }),
    stopTimeout: args.stopTimeout,
    ...(args.user === undefined ? {} : { user: args.user }),
    readonlyRootFilesystem: args.readonlyRootFilesystem,
    linuxParameters: {
      capabilities: { add: [], drop: ["ALL"] },
      initProcessEnabled: true,
      ...(args.readonlyRootFilesystem
        ? { tmpfs: [{ containerPath: "/tmp", mountOptions: [], size: TMPFS_MEBIBYTES }] }
        : {}),
    },
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": logs.logGroupName,
        "awslogs-region": logs.region,
        "awslogs-stream-prefix": logs.streamPrefix,
        "max-buffer-size": "25m",
        // A server must not stand still because CloudWatch does.
        mode: "non-blocking",
      },
    },
    cpu: args.cpu,
    ...(args.memory === undefined ? {} : { memory: args.memory }),
    ...(args.memoryReservation === undefined ? {} : { memoryReservation: args.memoryReservation }),
    ...(args.resourceRequirements === undefined || args.resourceRequirements.length === 0
      ? {}
      : { resourceRequirements: args.resourceRequirements }),
    mountPoints: sortedBy(args.mountPoints, ({ containerPath }) => containerPath),
    systemControls: [],
    volumesFrom: [],
  };
}

/** In the order of UTF-16, which is the same on every machine. */
function sortedBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}

function byName(record: Readonly<Record<string, string>>): [string, string][] {
  return sortedBy(Object.entries(record), ([name]) => name);
}

/** Asks the container's own server; Node is in the bundled image, a shell is not. */
export function nodeHealthCheck(port: number): string[] {
  return [
    "CMD",
    "node",
    "-e",
    `fetch("http://127.0.0.1:${port}/healthz").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`,
  ];
}

/** Fargate's table of task sizes: CPU units to least, most and step of memory in MiB (ECS guide, "task size"). */
const FARGATE_SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, steps(1024, 4096, 1024)],
  [1024, steps(2048, 8192, 1024)],
  [2048, steps(4096, 16_384, 1024)],
  [4096, steps(8192, 30_720, 1024)],
  [8192, steps(16_384, 61_440, 4096)],
  [16_384, steps(32_768, 122_880, 8192)],
]);

function steps(least: number, most: number, step: number): readonly number[] {
  return Array.from({ length: (most - least) / step + 1 }, (_, index) => least + index * step);
}

/** Refuses sizes that Fargate does not sell. */
export function checkFargateSize(component: string, cpu: number, memory: number): void {
  const sizes = FARGATE_SIZES.get(cpu * 1024);
  if (sizes === undefined) {
    const known = [...FARGATE_SIZES.keys()].map((units) => units / 1024).join(", ");
    throw new ArgumentError(component, `\`cpu\` is ${cpu} vCPU; Fargate offers ${known}.`);
  }
  if (!sizes.includes(memory)) {
    const [least, second] = sizes;
    const most = sizes.at(-1);
    const offered =
      sizes.length <= 4
        ? sizes.join(", ")
        : `${least ?? ""} to ${most ?? ""} in steps of ${(second ?? 0) - (least ?? 0)}`;
    throw new ArgumentError(
      component,
      `\`memory\` is ${memory} MiB; with ${cpu} vCPU Fargate offers ${offered}.`,
    );
  }
}

/** The family of a service's task definitions: AWS demands a name, and two stacks of one account must not share it. */
export function taskFamily(name: string): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}-${name}`.replaceAll(/[^\w-]/gu, "-");
}

/** Refuses health checks that ECS would not take. */
export function checkHealthCheckCommand(
  component: string,
  command: readonly string[],
  argument = "healthCheckCommand",
): void {
  const [kind = ""] = command;
  if (
    kind === "NONE"
      ? command.length === 1
      : ["CMD", "CMD-SHELL"].includes(kind) && command.length > 1
  )
    return;
  throw new ArgumentError(
    component,
    `\`${argument}\` is ${JSON.stringify(command)}; begin it with "CMD" and the words of a command, or "CMD-SHELL" and a line for` +
      ' the shell, or give ["NONE"].',
  );
}
