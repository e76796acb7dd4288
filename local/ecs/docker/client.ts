import type { ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { exitCodeOf, signalGroup, startProcess } from "../process.ts";
import type { Reaper } from "../reaper.ts";

/** What a command of the Docker client came to. */
export interface DockerAnswer {
  readonly exitCode: number;
  readonly output: string;
  /** The last lines of all that it has written. */
  readonly lastLines: readonly string[];
}

/** How many lines tell why a command has failed. */
const LAST_LINES = 10;

/**
 * Starts the Docker client, which keeps this shell's environment: that says which engine it talks to.
 *
 * @param passed what `--env NAME` takes its values from.
 */
export function startDocker(
  words: readonly string[],
  reaper: Reaper,
  passed: Readonly<Record<string, string>> = {},
): ChildProcessByStdio<Writable, Readable, Readable> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return startProcess(
    {
      command: ["docker", ...words],
      folder: process.cwd(),
      environment: { ...Object.fromEntries(own), ...passed },
    },
    reaper,
  );
}

/** Runs the Docker client to its end. */
export function docker(
  words: readonly string[],
  reaper: Reaper,
  given: {
    readonly passed?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<DockerAnswer> {
  const child = startDocker(words, reaper, given.passed);
  const output: string[] = [];
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      if (stream === child.stdout) output.push(line);
      lines.push(line);
      if (lines.length > LAST_LINES) lines.shift();
    });
  }
  const abort = (): void => {
    signalGroup(child.pid, "SIGKILL");
  };
  given.signal?.addEventListener("abort", abort);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      given.signal?.removeEventListener("abort", abort);
      resolve({
        exitCode: exitCodeOf(code, signal),
        output: output.join("\n"),
        lastLines: lines.filter((line) => line.trim() !== ""),
      });
    });
  });
}
