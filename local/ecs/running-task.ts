import { randomBytes } from "node:crypto";
import type { RunningTargetGroup } from "../balancer/target-group.ts";
import type { EcsService } from "../graph/services.ts";
import { chooseZone, type TaskFacts } from "./plan.ts";
import type { ServiceSurroundings } from "./surroundings.ts";
import { Task, type TaskEvents } from "./task.ts";

/** A task, and what its service remembers of it. */
export interface RunningTask {
  readonly task: Task;
  readonly revision: EcsService;
  readonly zone: string;
  runningSince: number | undefined;
  everHealthy: boolean;
  leaving: boolean;
}

/** Makes a task of a revision, in the zone that has the fewest; the caller starts it. */
export function launch(
  revision: EcsService,
  others: readonly RunningTask[],
  surroundings: ServiceSurroundings,
  told: Pick<TaskEvents, "running" | "stopped">,
): RunningTask {
  const { addresses, metadata, clock, reaper, region, events } = surroundings;
  const zone = chooseZone(
    revision.zones,
    others.filter(({ leaving }) => !leaving).map((other) => other.zone),
  );
  // Ids are 32 hexadecimal digits on AWS, too.
  const id = randomBytes(16).toString("hex");
  const { cluster, task: definition } = revision;
  const metadataAddress = metadata.address(id, {
    cluster,
    taskArn: taskArn(revision, id),
    family: definition.family,
    launchType: definition.launchType,
    zone,
  });
  const task = new Task(
    id,
    definition,
    {
      clock,
      reaper,
      address: addresses.take(revision.zones.indexOf(zone)),
      region,
      metadataAddress,
    },
    {
      ...told,
      happened: (text) => {
        events.happened(revision.name, text, { id, zone });
      },
      line: (_container, text) => {
        events.line(revision.name, id, text);
      },
    },
  );
  return { task, revision, zone, runningSince: undefined, everHealthy: false, leaving: false };
}

/** What the scheduler sees of a task; within the grace period failed health checks do not count. */
export function stateOf(
  running: RunningTask,
  targetGroup: (arn: string) => RunningTargetGroup | undefined,
  now: number,
): TaskFacts["state"] {
  if (running.leaving) return "leaving";
  if (running.runningSince === undefined) return "starting";
  const { loadBalancers, healthCheckGracePeriodSeconds } = running.revision;
  const states = loadBalancers.map(({ targetGroupArn }) =>
    targetGroup(targetGroupArn)?.targets.find((target) => target.id === running.task.id),
  );
  if (states.every((target) => target?.state === "healthy")) {
    running.everHealthy = true;
    return "healthy";
  }
  const graceOver = now - running.runningSince >= healthCheckGracePeriodSeconds * 1000;
  if (graceOver && states.some((target) => target?.state === "unhealthy")) return "unhealthy";
  return running.everHealthy ? "healthy" : "starting";
}

function taskArn({ arn, cluster }: EcsService, id: string): string {
  const [, , , region = "", account = ""] = arn.split(":");
  return `arn:aws:ecs:${region}:${account}:task/${cluster.split("/").at(-1) ?? cluster}/${id}`;
}
