import * as pulumi from "@pulumi/pulumi";
import { ArgumentError } from "./validation.ts";

/** The processors tasks run on. */
export const CpuArchitecture = {
  /** Intel and AMD: what most images are built for. */
  X86_64: "X86_64",
  /** AWS Graviton: about a fifth cheaper; building the image elsewhere needs emulation. */
  Arm64: "ARM64",
} as const;
export type CpuArchitecture = (typeof CpuArchitecture)[keyof typeof CpuArchitecture];

/** Everything that decides on a container definition; all of it known. */
export interface ContainerArgs {
  readonly image: string;
  readonly command: readonly string[] | undefined;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Environment variable to `valueFrom`. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly healthCheckCommand: readonly string[] | undefined;
  /** How long failures of that check do not count, in seconds. */
  readonly startPeriod: number;
  readonly stopTimeout: number;
  /** Writable places in the read-only root, each a volume of the task. */
  readonly volumes: readonly { readonly name: string; readonly containerPath: string }[];
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
export function containerDefinitions(args: ContainerArgs): string {
  return JSON.stringify([
    {
      name: CONTAINER_NAME,
      image: args.image,
      ...(args.command === undefined ? {} : { command: args.command }),
      essential: true,
      environment: byName(args.environment).map(([name, value]) => ({ name, value })),
      secrets: byName(args.secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
      portMappings: [{ containerPort: args.port, hostPort: args.port, protocol: "tcp" }],
      ...(args.healthCheckCommand === undefined
        ? {}
        : {
            healthCheck: {
              command: args.healthCheckCommand,
              interval: 30,
              timeout: 5,
              retries: 3,
              startPeriod: args.startPeriod,
            },
          }),
      stopTimeout: args.stopTimeout,
      readonlyRootFilesystem: true,
      linuxParameters: {
        capabilities: { add: [], drop: ["ALL"] },
        initProcessEnabled: true,
        tmpfs: [{ containerPath: "/tmp", mountOptions: [], size: TMPFS_MEBIBYTES }],
      },
      logConfiguration: {
        logDriver: "awslogs",
        options: {
          "awslogs-group": args.logGroupName,
          "awslogs-region": args.region,
          "awslogs-stream-prefix": args.streamPrefix,
          "max-buffer-size": "25m",
          // A server must not stand still because CloudWatch does.
          mode: "non-blocking",
        },
      },
      cpu: 0,
      mountPoints: args.volumes.map(({ name, containerPath }) => ({
        containerPath,
        readOnly: false,
        sourceVolume: name,
      })),
      systemControls: [],
      volumesFrom: [],
    },
  ]);
}

function byName(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
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
export function checkHealthCheckCommand(component: string, command: readonly string[]): void {
  const [kind = ""] = command;
  if (
    kind === "NONE"
      ? command.length === 1
      : ["CMD", "CMD-SHELL"].includes(kind) && command.length > 1
  )
    return;
  throw new ArgumentError(
    component,
    `\`healthCheckCommand\` is ${JSON.stringify(command)}; begin it with "CMD" and the words of a command, or "CMD-SHELL" and a line for` +
      ' the shell, or give ["NONE"].',
  );
}
