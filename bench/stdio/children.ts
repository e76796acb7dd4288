import { readdirSync, readFileSync } from "node:fs";

/** @returns the ids of the processes that a process has started and that still run (`proc_pid_task` (5), "children"). */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")
      .split(" ")
      .filter((text) => text !== "")
      .map(Number),
  );
}
