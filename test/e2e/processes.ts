import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process of this machine, as far as tests look at it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly command: string;
}

/**
 * The live processes whose environment holds one of the given `NAME=value` entries. A parent's death does not hide them, as it would in
 * a search by parents.
 */
export function processesWith(entries: readonly string[]): ProcessFacts[] {
  return process.platform === "linux" ? fromProc(entries) : fromPs(entries);
}

/**
 * Waits until no such process is left; nothing tells of the end of a process that is not our child.
 *
 * @throws {Error} that names what was left; it is killed, so that one failure does not make others.
 */
export async function awaitNone(entries: readonly string[], seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const left = processesWith(entries);
    if (left.length === 0) return;
    if (performance.now() > deadline) {
      for (const { pid } of left) process.kill(pid, "SIGKILL");
      throw new Error(
        `After ${seconds} s these are left: ${left.map(({ pid, command }) => `${pid} (${command})`).join(", ")}`,
      );
    }
    await sleep(20);
  }
}

function fromProc(entries: readonly string[]): ProcessFacts[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/u.test(name)) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      if (!entries.some((entry) => environment.includes(entry))) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      return [{ pid: Number(name), command: command.replaceAll("\0", " ").trim() }];
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
      return [];
    }
  });
}

/** `ps -E` shows environments on macOS, of one's own processes. */
function fromPs(entries: readonly string[]): ProcessFacts[] {
  return execFileSync("ps", ["-E", "-ww", "-x", "-o", "pid=,command="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid = "", command = ""] = /^ *(\d+) (.*)$/u.exec(line) ?? [];
      return entries.some((entry) => ` ${command} `.includes(` ${entry} `))
        ? [{ pid: Number(pid), command }]
        : [];
    });
}
