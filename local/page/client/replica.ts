import type { TaskSnapshot } from "../../snapshot/snapshot.ts";

/** How a replica stands, in the one word that is drawn. */
export type ReplicaState =
  | "healthy"
  | "partly healthy"
  | "unhealthy"
  | "starting"
  | "draining"
  | "stopping"
  | "stopped"
  | "no power";

/** The word for what ECS and the nodes of the load balancer say of a task. */
export function replicaState(task: TaskSnapshot, lostZones: readonly string[]): ReplicaState {
  if (task.lastStatus === "STOPPED") return "stopped";
  // ECS goes on calling such a task RUNNING: nobody tells it otherwise.
  if (lostZones.includes(task.zone)) return "no power";
  if (task.lastStatus === "STOPPING" || task.lastStatus === "DEACTIVATING") {
    return task.targets.some(({ state }) => state === "draining") ? "draining" : "stopping";
  }
  if (task.lastStatus !== "RUNNING") return "starting";
  if (task.healthStatus === "UNHEALTHY") return "unhealthy";
  // A service without a target group has nobody else to say how it is.
  if (task.targets.length === 0) return "healthy";
  const states = task.targets.map(({ state }) => state);
  if (states.includes("draining")) return "draining";
  if (states.every((state) => state === "healthy")) return "healthy";
  if (states.includes("healthy")) return "partly healthy";
  return states.some((state) => state.startsWith("unhealthy")) ? "unhealthy" : "starting";
}

/** The requests that a replica has been given and has not answered yet, over all nodes. */
export function outstanding({ targets }: TaskSnapshot): number {
  return targets.reduce((sum, target) => sum + target.outstanding, 0);
}
