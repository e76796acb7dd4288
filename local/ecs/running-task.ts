import { randomBytes } from "node:crypto";
import type { Cancel } from "../clock.ts";
import type { EcsService } from "../graph/services.ts";
import { chooseZone } from "./plan.ts";
import type { ServiceSurroundings } from "./surroundings.ts";
import type { TaskPlace } from "./task-containers.ts";
import { Task, type TaskEvents } from "./task.ts";
import { UNKNOWN_USAGE, type MeasuredTask, type TaskUsage } from "./usage-meter.ts";

/** A task, and what its service remembers of it. */
export interface RunningTask {
  readonly task: Task;
  readonly revision: EcsService;
  /** As long as it waits for an instance, the one that it would be in if it had the choice. */
  readonly zone: string;
  /** What it runs on; a launch type where the service has no strategy. */
  readonly capacityProvider: string;
  readonly usage: TaskUsage;
  runningSince: number | undefined;
  everHealthy: boolean;
  leaving: boolean;
}

/**
 * Makes a task of a revision; the caller starts it.
 *
 * @param wantedZone default: the zone with the fewest of them, for each capacity provider.
 */
export function launch(
  revision: EcsService,
  others: readonly RunningTask[],
  surroundings: ServiceSurroundings,
  told: Pick<TaskEvents, "running" | "stopped" | "healthChanged">,
  wantedZone?: string,
): RunningTask {
  const { addresses, metadata, capacity, events, standIns, usage } = surroundings;
  // Ids are 32 hexadecimal digits on AWS, too.
  const id = randomBytes(16).toString("hex");
  const { arn, cluster, name, task: definition } = revision;
  const staying = others.filter(({ leaving }) => !leaving);
  const capacityProvider =
    capacity?.providerOfNext(
      arn,
      staying.map((other) => other.capacityProvider),
    ) ?? definition.launchType;

  const zones = possibleZones(revision, surroundings, wantedZone);
  const beside = staying.filter((other) => other.capacityProvider === capacityProvider);
  let zone = chooseZone(
    zones,
    beside.map((other) => other.zone),
  );
  const variables = standIns?.variables({ service: arn, taskId: id, roleArn: definition.roleArn });
  const placeIn = (chosen: string): TaskPlace => ({
    address: addresses.take(revision.zones.indexOf(chosen)),
    metadataAddress: metadata.address(id, {
      cluster,
      taskArn: taskArn(revision, id),
      family: definition.family,
      launchType: definition.launchType,
      zone: chosen,
    }),
    ...(variables && { variables }),
  });
  let place = placeIn(zone);
  const provision = (placed: (place: TaskPlace) => void): Cancel => {
    const request = { id, service: arn, resources: definition.resources, zones };
    const onPlaced = (chosen: string): void => {
      if (chosen !== zone) {
        place.address.release();
        zone = chosen;
        place = placeIn(zone);
      }
      placed(place);
    };
    const cancel = capacity?.request(capacityProvider, request, onPlaced);
    if (cancel === undefined) placed(place);
    return cancel ?? (() => undefined);
  };

  const task = new Task(
    id,
    definition,
    { ...surroundings, ...place, provision },
    {
      ...told,
      running: () => {
        usage?.watch(measured(revision, task));
        told.running();
      },
      stopped: (reason, stopCode) => {
        usage?.forget(id);
        capacity?.release(id);
        told.stopped(reason, stopCode);
      },
      happened: (text) => {
        events.happened(name, text, { id, zone });
      },
      line: (_container, text) => {
        events.line(name, id, text);
      },
    },
  );
  return {
    task,
    revision,
    get zone() {
      return zone;
    },
    capacityProvider,
    get usage() {
      return usage?.of(id) ?? UNKNOWN_USAGE;
    },
    runningSince: undefined,
    everHealthy: false,
    leaving: false,
  };
}

/** The zones that have power, or all where none has: a task is started all the same, and comes to nothing. */
function possibleZones(
  { zones }: EcsService,
  { lostZones }: ServiceSurroundings,
  wanted: string | undefined,
): readonly string[] {
  if (wanted !== undefined) return [wanted];
  const powered = zones.filter((zone) => !lostZones.isLost(zone));
  return powered.length > 0 ? powered : zones;
}

function measured({ arn }: EcsService, task: Task): MeasuredTask {
  const [, clusterName = "", serviceName = ""] = arn.split("/");
  return {
    id: task.id,
    get processIds() {
      return task.processIds;
    },
    resources: task.definition.resources,
    clusterName,
    serviceName,
  };
}

function taskArn({ arn, cluster }: EcsService, id: string): string {
  const [, , , region = "", account = ""] = arn.split(":");
  return `arn:aws:ecs:${region}:${account}:task/${cluster.split("/").at(-1) ?? cluster}/${id}`;
}
