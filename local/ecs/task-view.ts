import type { TaskSnapshot } from "../snapshot/snapshot.ts";
import type { TaskFacts } from "./plan.ts";
import type { RunningTask } from "./running-task.ts";
import type { ScheduledTask } from "./scheduled-task.ts";

/** A task as its service sees it, for those who draw it or kill it. */
export interface TaskView extends Pick<
  TaskSnapshot,
  "revision" | "zone" | "lastStatus" | "healthStatus" | "startedAt"
> {
  readonly task: RunningTask["task"];
  readonly running: RunningTask;
  readonly state: TaskFacts["state"];
}

export function taskView(task: ScheduledTask, state: TaskFacts["state"]): TaskView {
  const { running, deployment } = task;
  return {
    task: running.task,
    running,
    zone: running.zone,
    state,
    revision: deployment.number,
    lastStatus: lastStatusOf(task),
    healthStatus: running.task.healthStatus,
    startedAt: running.runningSince,
  };
}

function lastStatusOf({ running, cutOff }: ScheduledTask): TaskSnapshot["lastStatus"] {
  const { lastStatus } = running.task;
  // Nobody has told ECS that the task has ended.
  if (cutOff && running.runningSince !== undefined)
    return running.leaving ? "DEACTIVATING" : "RUNNING";
  return lastStatus === "DEPROVISIONING" ? "STOPPING" : lastStatus;
}
