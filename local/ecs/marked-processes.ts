import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** What starts while others are ended is found the next time; a program that goes on starting others is none that this waits for. */
const MOST_ROUNDS = 5;

/**
 * SIGKILL to every process that has a mark in its environment: what a container has started, and moved to process groups of its own. In a container all of it
 * ends with the first process, since that is the end of its process namespace.
 */
export async function killMarked(mark: string): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = await (process.platform === "linux" ? fromProc(mark) : fromPs(mark));
    if (found.length === 0) return;
    for (const id of found) {
      try {
        process.kill(id, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
  }
}

async function fromProc(mark: string): Promise<number[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      try {
        return (await readFile(`/proc/${name}/environ`, "latin1")).includes(mark)
          ? [Number(name)]
          : [];
      } catch {
        // It has ended meanwhile, or belongs to somebody else.
        return [];
      }
    }),
  );
  return found.flat();
}

/** `ps -E` shows environments on macOS, of one's own processes. */
async function fromPs(mark: string): Promise<number[]> {
  try {
    const words = ["-E", "-ww", "-x", "-o", "pid=,command="];
    const { stdout } = await promisify(execFile)("ps", words, { maxBuffer: 64 * 1024 * 1024 });
    return stdout
      .split("\n")
      .filter((line) => line.includes(mark))
      .map((line) => Number.parseInt(line, 10));
  } catch {
    return [];
  }
}
