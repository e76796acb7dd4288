import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A program under a benchmark, in a process of its own. */
export interface BenchProcess {
  readonly origin: string;
  readonly pid: number;
  /** What the process itself has used of processors, in microseconds; its children are not part of that. */
  cpuMicroseconds(): number;
  end(): Promise<void>;
}

/** How to start a program that listens. */
export interface BenchProgram {
  readonly command: string;
  /** The words behind it. */
  readonly words: readonly string[];
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it writes goes there, as a container's goes to the log driver. */
  readonly logFile: string;
  /** Where it answers once it is ready, with whatever status below 500. Default `/`. */
  readonly readyPath?: string;
  readonly startSeconds?: number;
}

const START_SECONDS = 30;

/** @returns a port of the loopback interface that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** @throws {Error} where it ends, or is not ready in time; its process is ended then. */
export async function startProgram(program: BenchProgram): Promise<BenchProcess> {
  const { command, words, port, environment, logFile, readyPath = "/" } = program;
  const file = openSync(logFile, "w");
  const child = spawn(command, words, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", file, file],
  });
  closeSync(file);
  const exited = once(child, "exit").catch(() => undefined);
  const { pid } = child;
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && pid !== undefined) {
      child.kill("SIGTERM");
      if ((await Promise.race([exited, delay(2000, "late", { ref: false })])) === "late")
        child.kill("SIGKILL");
    }
    await exited;
  };
  const origin = `http://127.0.0.1:${port}`;
  const started = performance.now();
  while (!(await answers(origin + readyPath))) {
    const isLate = performance.now() - started > (program.startSeconds ?? START_SECONDS) * 1000;
    if (!isLate && child.exitCode === null && pid !== undefined) {
      await delay(50);
      continue;
    }
    await end();
    throw new Error(`\`${command}\` ${isLate ? "is not ready in time" : "has ended"}: ${logFile}`);
  }
  return {
    origin,
    pid: pid ?? 0,
    cpuMicroseconds: () => (pid === undefined ? 0 : cpuMicroseconds(pid)),
    end,
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}

/**
 * What a process has used of processors: the first number of `schedstat` is the time of one thread, in nanoseconds (kernel documentation,
 * "sched-stats").
 *
 * @throws {Error} on systems that do not tell.
 */
export function cpuMicroseconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [used = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    nanoseconds += Number(used);
  }
  return nanoseconds / 1000;
}
