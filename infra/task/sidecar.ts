import * as pulumi from "@pulumi/pulumi";
import { agentMountPoints } from "./execute-command.ts";
import type { ContainerArgs } from "./task.ts";

/** What a sidecar must have come to before the server starts (API ContainerDependency). */
export const ContainerCondition = {
  /** It has started. */
  Start: "START",
  /** Its health check has passed. */
  Healthy: "HEALTHY",
  /** It has ended without an error: for what prepares something. */
  Success: "SUCCESS",
  /** It has ended. */
  Complete: "COMPLETE",
} as const;
export type ContainerCondition = (typeof ContainerCondition)[keyof typeof ContainerCondition];

/** A volume of the service that a sidecar sees. */
export interface MountPoint {
  /** The name of the volume, one of `volumes`. */
  volume: string;
  /** Where the sidecar sees it. */
  containerPath: pulumi.Input<string>;
  /**
   * Whether the sidecar may only read it.
   * Default: false.
   */
  readOnly?: boolean;
}

/**
 * A container beside the server in every replica. All containers of a replica share one network, so that they reach each other at 127.0.0.1 and need
 * ports of their own, and the rights of the task's role. A sidecar has no Linux capabilities: give `user` to an image that would change its user itself.
 */
export interface Sidecar {
  /** Its name among the replica's containers, and in the names of its log streams: letters, digits, hyphens and underscores. */
  name: string;
  /**
   * Its image, best with its digest: `repository@sha256:…`.
   * Default: the service's own, so that one image can bring several processes.
   */
  image?: pulumi.Input<string>;
  /**
   * Its command.
   * Default: the image's own; required without `image`.
   */
  command?: pulumi.Input<pulumi.Input<string>[]>;
  /** Environment variables; those of the server are not among them. Not for secrets. */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Environment variables whose values are secrets: the ARN of a Secrets Manager secret or an SSM parameter for each. */
  secrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Whether the replica ends when the sidecar ends.
   * Default: false, its end costs no call.
   */
  essential?: boolean;
  /**
   * The share of the replica's processor that is its own while the server wants all of it, in vCPU. The server has the rest.
   * Default: 0, what the server leaves.
   */
  cpu?: pulumi.Input<number>;
  /**
   * The most memory that it may take, in MiB, 6 or more; beyond that it is killed.
   * Default: none but the replica's memory.
   */
  memory?: pulumi.Input<number>;
  /**
   * The memory that is kept for it, in MiB, 6 or more, below `memory`.
   * Default: none.
   */
  memoryReservation?: pulumi.Input<number>;
  /**
   * The command of its health check, as ECS takes it: `["CMD", …]`; it runs every 10 seconds.
   * Default: none.
   */
  healthCheckCommand?: pulumi.Input<pulumi.Input<string>[]>;
  /** The ports that it listens on, so that two containers with one port are refused at preview. The load balancer reaches none of them. */
  ports?: pulumi.Input<pulumi.Input<number>[]>;
  /**
   * What the sidecar must have come to before the server starts. The server waits for each of its sidecars, and ends before them.
   * Default: `START`.
   */
  serverWaitsFor?: ContainerCondition;
  /**
   * How long it may take to end after SIGTERM, in seconds, 1 to 120; it gets SIGTERM when the server has ended.
   * Default: 30, ECS's own.
   */
  stopTimeoutSeconds?: pulumi.Input<number>;
  /**
   * The user that it runs as, `uid` or `uid:gid`, or their names in the image.
   * Default: the image's own.
   */
  user?: pulumi.Input<string>;
  /**
   * Whether its file system is read-only, with 64 MiB at `/tmp` to write in, as that of the server.
   * Default: true.
   */
  readonlyRootFilesystem?: boolean;
  /** Volumes of the service that it sees. */
  mountPoints?: MountPoint[];
}

/** A container beside the server; all of it known. */
export interface SidecarContainer extends ContainerArgs {
  readonly serverWaitsFor: ContainerCondition;
}

/** What sidecars take from the service that they belong to. */
export interface SidecarDefaults {
  readonly image: pulumi.Input<string>;
  /** How long failures of a health check do not count, in seconds. */
  readonly startPeriod: pulumi.Input<number>;
  readonly enableExecuteCommand: boolean;
}

/** ECS's own. */
const DEFAULT_STOP_TIMEOUT = 30;

/** How often ECS asks a sidecar for its health, in seconds: a server that waits for it waits for the first time. */
const HEALTH_CHECK_INTERVAL = 10;

/** CPU units of a vCPU. */
const CPU_UNITS = 1024;

/** The containers of sidecars. */
export function sidecarContainers(
  sidecars: readonly Sidecar[],
  defaults: SidecarDefaults,
): pulumi.Output<SidecarContainer[]> {
  return pulumi.all(sidecars.map((sidecar) => sidecarContainer(sidecar, defaults)));
}

function sidecarContainer(
  sidecar: Sidecar,
  defaults: SidecarDefaults,
): pulumi.Output<SidecarContainer> {
  const { name } = sidecar;
  const readonlyRootFilesystem = sidecar.readonlyRootFilesystem ?? true;
  return pulumi
    .output({
      ...sidecar,
      image: sidecar.image ?? defaults.image,
      mountPoints: sidecar.mountPoints ?? [],
      startPeriod: defaults.startPeriod,
    })
    .apply(({ healthCheckCommand: command, startPeriod, ...known }) => ({
      name,
      image: known.image,
      command: known.command,
      essential: known.essential ?? false,
      cpu: cpuUnits(known.cpu),
      memory: known.memory,
      memoryReservation: known.memoryReservation,
      ports: known.ports ?? [],
      environment: known.environment ?? {},
      secrets: known.secrets ?? {},
      healthCheck:
        command === undefined
          ? undefined
          : { command, interval: HEALTH_CHECK_INTERVAL, startPeriod },
      dependsOn: [],
      serverWaitsFor: known.serverWaitsFor ?? ContainerCondition.Start,
      stopTimeout: known.stopTimeoutSeconds ?? DEFAULT_STOP_TIMEOUT,
      user: known.user,
      readonlyRootFilesystem,
      mountPoints: [
        ...known.mountPoints.map(({ volume, containerPath, readOnly }) => ({
          containerPath,
          readOnly: readOnly ?? false,
          sourceVolume: volume,
        })),
        ...(defaults.enableExecuteCommand && readonlyRootFilesystem ? agentMountPoints(name) : []),
      ],
    }));
}

/** A share of the processor as ECS takes it. */
export function cpuUnits(cpu: number | undefined): number {
  return Math.round((cpu ?? 0) * CPU_UNITS);
}

/** What a container says that it needs. */
interface Claim {
  readonly cpu: number;
  readonly memory?: number | undefined;
  readonly memoryReservation?: number | undefined;
}

/** What a task has left for the server, in CPU units and MiB. */
export function leftOver(
  task: { readonly cpu: number; readonly memory: number },
  sidecars: readonly Claim[],
): { cpu: number; memory: number } {
  return {
    cpu: sidecars.reduce((left, { cpu }) => left - cpu, task.cpu),
    memory: sidecars.reduce(
      (left, { memory, memoryReservation }) => left - (memory ?? memoryReservation ?? 0),
      task.memory,
    ),
  };
}

/**
 * All containers of a task: the server, then its sidecars in an order of their own, whatever the program's. Beside others the server needs CPU units, or it
 * would count as the least of them; and it waits for them, so that at the end they outlive it.
 *
 * @param taskCpu of the whole task, in CPU units.
 */
export function taskContainers(
  server: ContainerArgs,
  sidecars: readonly SidecarContainer[],
  taskCpu: number,
): ContainerArgs[] {
  if (sidecars.length === 0) return [server];
  const { cpu } = leftOver({ cpu: taskCpu, memory: 0 }, sidecars);
  const dependsOn = sidecars.map(({ name, serverWaitsFor }) => ({
    condition: serverWaitsFor,
    containerName: name,
  }));
  return [
    { ...server, cpu, dependsOn },
    ...[...sidecars].sort((left, right) => (left.name < right.name ? -1 : 1)),
  ];
}
