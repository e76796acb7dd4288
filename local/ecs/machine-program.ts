import type { ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { exitCodeOf, signalGroup, startProcess } from "./process.ts";
import type { Reaper } from "./reaper.ts";

/** What a program of this machine came to. */
export interface ProgramAnswer {
  readonly exitCode: number;
  readonly output: string;
  /** The last lines of all that it has written. */
  readonly lastLines: readonly string[];
}

/** What a shell ends with where there is no such program (POSIX, "Exit status for commands"). */
export const NOT_FOUND = 127;

/** How many lines tell why a program has failed. */
const LAST_LINES = 10;

/** Where a program runs. */
export interface ProgramSurroundings {
  readonly reaper: Reaper;
  /** Variables beside this shell's; undefined ones are left out. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Default: this process's own. */
  readonly folder?: string;
}

/** Starts a program of this machine, which keeps this shell's environment: that says how it is set up. */
export function startProgram(
  command: readonly string[],
  { reaper, variables, folder = process.cwd() }: ProgramSurroundings,
): ChildProcessByStdio<Writable, Readable, Readable> {
  const known = Object.entries({ ...process.env, ...variables }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return startProcess({ command, folder, environment: Object.fromEntries(known) }, reaper);
}

/** Runs a program of this machine to its end. */
export function runProgram(
  command: readonly string[],
  given: ProgramSurroundings & { readonly signal?: AbortSignal | undefined },
): Promise<ProgramAnswer> {
  const child = startProgram(command, given);
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
