import { spawn, type ChildProcessByStdio } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Reaper } from "./reaper.ts";

/** What to run. */
export interface ProcessOptions {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Folders whose programs come before all others. Default: none. */
  readonly programFolders?: readonly string[];
  /**
   * Stands at the end of its `PATH`, where no program is, and so in the environment of what it starts, whatever process group that goes to.
   * Default: none.
   */
  readonly mark?: string | undefined;
}

/**
 * Becomes the program only when the reaper knows of it: should this process die in between, the pipe closes, and the program is never
 * started.
 */
const GATE = 'read -r _ || exit 1; exec "$@" </dev/null';

/** Starts a program in a process group of its own, which ends with this process at the latest. */
export function startProcess(
  { command, folder, environment, programFolders = [], mark }: ProcessOptions,
  reaper: Reaper,
): ChildProcessByStdio<Writable, Readable, Readable> {
  const child = spawn("sh", ["-c", GATE, "sh", ...command], {
    cwd: folder,
    // The container's own environment and nothing of this shell's: what works only because of a variable here would fail on AWS.
    env: {
      ...environment,
      PATH: [
        ...programFolders,
        environment["PATH"] ??
          [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
        ...(mark === undefined ? [] : [mark]),
      ].join(delimiter),
    },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const { pid } = child;
  child.stdin.on("error", () => undefined);
  if (pid !== undefined) {
    reaper.watch(pid);
    child.stdin.end("go\n");
    child.on("close", () => {
      reaper.forget(pid);
    });
  }
  return child;
}

/** Signals a process and all that it has started. */
export function signalGroup(processId: number | undefined, signal: NodeJS.Signals): void {
  if (processId === undefined) return;
  try {
    process.kill(-processId, signal);
  } catch {
    // The group has ended.
  }
}

/** The exit code of a container whose process has ended: 128 and the number of the signal, if one has ended it. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return signal === null ? (code ?? 0) : 128 + constants.signals[signal];
}
