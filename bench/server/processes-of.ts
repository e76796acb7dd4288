import { readdirSync, readFileSync } from "node:fs";
import { cpuMicroseconds } from "../processes.ts";

/** The processes of a server: by their ids, or all that have a variable such as `NAME=value` in their environment. */
export type ServerProcesses = readonly number[] | { readonly variable: string };

export function processesOf(processes: ServerProcesses): readonly number[] {
  return "variable" in processes ? processesWith(processes.variable) : processes;
}

/** What each has used of processors so far, in microseconds. */
export function cpuTimes(processes: ServerProcesses): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const pid of processesOf(processes)) {
    const time = unlessEnded(() => cpuMicroseconds(pid));
    if (time !== undefined) times.set(pid, time);
  }
  return times;
}

/** What was used between two readings, in microseconds. What a process used that has ended meanwhile is not known, and left out. */
export function cpuBetween(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): number {
  return [...after].reduce((sum, [pid, time]) => sum + time - (before.get(pid) ?? 0), 0);
}

/**
 * The processes whose environment holds a variable: those of a program that was started with it, and of all that it started, daemons included
 * (`/proc/<pid>/environ`, proc(5)).
 */
function processesWith(variable: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) =>
      unlessEnded(() =>
        readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(variable),
      ),
    );
}

/** @returns undefined where the process has ended, or is somebody else's. */
export function unlessEnded<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(code)) return undefined;
    throw error;
  }
}

/** Ends processes for good; those that have ended already are no failure. */
export function killAll(processes: readonly number[]): void {
  for (const pid of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
