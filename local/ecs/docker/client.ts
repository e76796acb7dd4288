import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { runProgram, startProgram, type ProgramAnswer } from "../machine-program.ts";
import type { Reaper } from "../reaper.ts";

/** What a command of the Docker client came to. */
export type DockerAnswer = ProgramAnswer;

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
  return startProgram(["docker", ...words], { reaper, variables: passed });
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
  const { passed = {}, signal } = given;
  return runProgram(["docker", ...words], { reaper, variables: passed, signal });
}
