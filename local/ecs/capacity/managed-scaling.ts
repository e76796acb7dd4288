import type { InstanceSize, ManagedScaling } from "../../graph/capacity-providers.ts";
import type { TaskResources } from "../../graph/task-resources.ts";
import { fits } from "./placement.ts";

/** The metric of a capacity provider, in percent (blog "Deep Dive on Amazon ECS Cluster Auto Scaling"). */
export function capacityProviderReservation(needed: number, running: number): number {
  if (running === 0) return needed === 0 ? 100 : 200;
  return (needed / running) * 100;
}

/** How many instances a group should have; its own minimum and maximum come after that. */
export function wantedInstances(needed: number, running: number, scaling: ManagedScaling): number {
  // From nothing there is no ratio to go by: ECS always starts two.
  if (running === 0) return needed === 0 ? 0 : 2;
  const exact = Math.ceil((needed * 100) / scaling.targetCapacity);
  if (exact <= running) return exact;
  const step = Math.min(
    Math.max(exact - running, scaling.minimumScalingStepSize),
    scaling.maximumScalingStepSize,
  );
  return running + step;
}

/** How many instances may go in one minute: less than half of the group. */
export function scaleInStep(running: number): number {
  return Math.max(1, Math.ceil(running / 2) - 1);
}

/** How many instances of one size hold these tasks, the greatest first, each where it first fits. */
export function packedInstances(tasks: readonly TaskResources[], size: InstanceSize): number {
  const rooms: InstanceSize[] = [];
  const sorted = tasks.toSorted(
    (left, right) =>
      right.gpus - left.gpus || right.memoryMib - left.memoryMib || right.cpuUnits - left.cpuUnits,
  );
  for (const task of sorted) {
    // No instance will ever hold it, and none is started for it.
    if (!fits(task, size)) continue;
    const index = rooms.findIndex((room) => fits(task, room));
    const room = rooms[index] ?? size;
    const left = {
      cpuUnits: room.cpuUnits - task.cpuUnits,
      memoryMib: room.memoryMib - task.memoryMib,
      gpus: room.gpus - task.gpus,
      tasks: room.tasks - 1,
    };
    if (index === -1) rooms.push(left);
    else rooms[index] = left;
  }
  return rooms.length;
}
