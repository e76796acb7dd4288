/** Where a task is in its life (ECS guide, "Amazon ECS task lifecycle"). */
export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED";

/** Why a task has stopped, in ECS's words (API Task, stopCode). */
export type StopCode =
  | "EssentialContainerExited"
  | "TaskFailedToStart"
  | "ServiceSchedulerInitiated"
  | "UserInitiated"
  | "SpotInterruption"
  | "TerminationNotice";
