import type * as pulumi from "@pulumi/pulumi";
import { agentVolumes, type AgentVolume } from "./execute-command.ts";
import {
  COLLECTOR,
  COLLECTOR_CPU_SHARE,
  COLLECTOR_MEMORY,
  COLLECTOR_PORTS,
} from "../observability/collector.ts";
import type { TimeSettings } from "../deployment/deployment-times.ts";
import type { Sidecar } from "./sidecar.ts";
import { checkSidecars } from "./sidecar-check.ts";
import type { Reservation } from "./sidecar-shares.ts";
import { checkSidecarStop } from "./sidecar-stop.ts";
import {
  checkTargetOptimizer,
  TARGET_CONTROL_AGENT,
  TARGET_CONTROL_CPU_SHARE,
  TARGET_CONTROL_DATA_PORT,
  TARGET_CONTROL_PORT,
} from "./target-optimizer.ts";
import { collectorImage, type TelemetryArguments } from "../observability/telemetry-args.ts";
import { ArgumentError, check, wholeNumberBetween } from "../validation.ts";
import type { Volume } from "./volume.ts";
import { checkVolumes } from "./volume-check.ts";

/** The arguments that say what a replica has beside its server. */
export interface TaskArguments {
  /**
   * Containers beside the server in every replica, eight at most beside the collector; they share its processor and memory.
   * Default: none.
   */
  sidecars?: Sidecar[];
  /**
   * Files that all replicas share, and that outlive them.
   * Default: none, a replica keeps nothing.
   */
  volumes?: Volume[];
  /**
   * The disk of each replica on Fargate, in GiB, 21 to 200; images lie there too. About 0.08 USD a month for each GiB above 20, and replica.
   * Default: 20, which AWS gives for nothing.
   */
  ephemeralStorageGib?: pulumi.Input<number>;
  /**
   * The image of AWS's target control agent, with its digest; it turns on the load balancer's target optimizer, which sends a replica at most
   * `maxOngoingRequests` (1 to 1000) at once and answers 503 itself where all replicas are full. Turning it on or off replaces the target group: callers get
   * 503 until new replicas are healthy.
   * Default: none, the replica refuses what is above `maxOngoingRequests`.
   */
  targetOptimizerImage?: pulumi.Input<string>;
}

/** What these arguments are checked against. */
interface Surroundings extends Pick<TimeSettings, "fargateSpotWeight" | "instanceCapacity"> {
  readonly port: pulumi.Input<number>;
  readonly cpu: pulumi.Input<number>;
  readonly memory: pulumi.Input<number>;
  readonly maxOngoingRequests: pulumi.Input<number>;
  /** The argument that puts replicas on instances; undefined on Fargate. */
  readonly instancesArgument: string | undefined;
}

/** A container of the component's own, as far as others must leave it what it takes. */
interface OwnContainer extends Reservation {
  readonly name: string;
  readonly ports: readonly number[];
}

const AGENT: OwnContainer = {
  name: TARGET_CONTROL_AGENT,
  holder: "the target control agent",
  ports: [TARGET_CONTROL_DATA_PORT, TARGET_CONTROL_PORT],
  cpuShare: TARGET_CONTROL_CPU_SHARE,
  memory: 0,
  otherwise: "leave `targetOptimizerImage` out",
};

const TRACES: OwnContainer = {
  name: COLLECTOR,
  holder: "the collector",
  ports: COLLECTOR_PORTS,
  cpuShare: COLLECTOR_CPU_SHARE,
  memory: COLLECTOR_MEMORY,
  otherwise: "set `traceSamplePercent` to 0",
};

/** The containers that the component makes beside server and sidecars. */
function ownContainers(args: TaskArguments & TelemetryArguments): OwnContainer[] {
  return [
    ...(args.targetOptimizerImage === undefined ? [] : [AGENT]),
    ...(collectorImage(args) === undefined ? [] : [TRACES]),
  ];
}

/** What the containers beside the server take of a replica's memory, in MiB. */
export function reservedMemory(args: TaskArguments & TelemetryArguments): pulumi.Input<number>[] {
  return [
    ...(args.sidecars ?? []).map(
      ({ memory, memoryReservation }) => memory ?? memoryReservation ?? 0,
    ),
    ...ownContainers(args).map(({ memory }) => memory),
  ];
}

/** The sizes of a replica's disk on Fargate, in GiB (API EphemeralStorage). */
const DISK = { least: 21, most: 200 };

/** Refuses sidecars, volumes, disks and agents that AWS would refuse, or accept and break on. */
export function checkTaskArguments(
  component: string,
  args: TaskArguments & TelemetryArguments,
  surroundings: Surroundings,
): void {
  const { port, instancesArgument } = surroundings;
  const { ephemeralStorageGib, sidecars = [], targetOptimizerImage, volumes = [] } = args;
  checkVolumes(component, volumes);
  checkTargetOptimizer(component, targetOptimizerImage, surroundings.maxOngoingRequests);
  const own = ownContainers(args);
  check(port, (server) => {
    const taker = own.find(({ ports }) => ports.includes(server));
    if (taker === undefined) return;
    throw new ArgumentError(
      component,
      `\`port\` is ${server}, on which ${taker.holder} listens: the containers of a replica share one network. Give another port.`,
    );
  });
  checkSidecars(component, sidecars, {
    ...surroundings,
    ports: [
      { port, holder: "the server" },
      ...own.flatMap(({ holder, ports }) => ports.map((number) => ({ port: number, holder }))),
    ],
    containerNames: own.map(({ name }) => name),
    volumeNames: volumes.map(({ name }) => name),
    reserved: own,
  });
  checkSidecarStop(component, sidecars, surroundings);
  check(
    ephemeralStorageGib,
    wholeNumberBetween(component, "ephemeralStorageGib", DISK.least, DISK.most, "GiB"),
  );
  if (ephemeralStorageGib === undefined || instancesArgument === undefined) return;
  throw new ArgumentError(
    component,
    `\`ephemeralStorageGib\` is given beside \`${instancesArgument}\`: a replica has a disk of its own on Fargate alone. Leave it out, and set` +
      " `volumeSizeGib` of the capacity.",
  );
}

/** The volumes of the SSM agents: one agent in each container, and it must have where to write. */
export function executeCommandVolumes(args: TaskArguments & TelemetryArguments): AgentVolume[] {
  const { sidecars = [] } = args;
  return [
    ...agentVolumes(),
    ...sidecars
      .filter(({ readonlyRootFilesystem }) => readonlyRootFilesystem ?? true)
      .flatMap(({ name }) => agentVolumes(name)),
    ...ownContainers(args).flatMap(({ name }) => agentVolumes(name)),
  ];
}

/** The names of the volumes that some container writes to. */
export function writtenVolumes(args: TaskArguments): Set<string> {
  const { sidecars = [], volumes = [] } = args;
  return new Set([
    ...volumes.filter(({ readOnly }) => readOnly !== true).map(({ name }) => name),
    ...sidecars
      .flatMap(({ mountPoints = [] }) => mountPoints)
      .filter(({ readOnly }) => readOnly !== true)
      .map(({ volume }) => volume),
  ]);
}
