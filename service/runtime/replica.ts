import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Environment } from "./environment.ts";

/** Which copy of a service this process is, as its log lines tell it. */
export interface Replica {
  readonly id: string;
  readonly zone: string;
}

const taskMetadata = z.object({ TaskARN: z.string(), AvailabilityZone: z.string().optional() });

/** The endpoint is local to the task; one that takes longer is not going to answer. */
const METADATA_DEADLINE_MILLISECONDS = 2000;

/**
 * Learns id and zone from the ECS task metadata endpoint (version 4). Outside ECS, or where the endpoint fails, the id is a random
 * one and the zone `unknown`: nothing but logs depends on them.
 */
export async function identifyReplica(environment: Environment): Promise<Replica> {
  const endpoint = environment["ECS_CONTAINER_METADATA_URI_V4"];
  if (endpoint !== undefined) {
    try {
      const response = await fetch(`${endpoint}/task`, {
        signal: AbortSignal.timeout(METADATA_DEADLINE_MILLISECONDS),
      });
      const task = taskMetadata.parse(await response.json());
      return {
        id: task.TaskARN.slice(task.TaskARN.lastIndexOf("/") + 1),
        zone: task.AvailabilityZone ?? "unknown",
      };
    } catch {
      // Serving matters more than naming: fall through.
    }
  }
  return { id: randomUUID(), zone: "unknown" };
}
