import { spawn } from "node:child_process";
import type { Clock } from "../../runtime/telemetry/clock.ts";
import type { ServerCommand } from "./command.ts";
import { createLineWriter } from "./line-writer.ts";
import { splitLines } from "./lines.ts";
import { endGroup, signalGroup, watchGroup } from "./process-groups.ts";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not even be started. */
  readonly error?: Error;
}

/** What a process does. */
export interface ProcessEvents {
  /** A line on standard output, and its bytes in UTF-8, where they are at hand. */
  readonly line: (text: string, bytes?: Buffer) => void;
  /** A line on standard output is too long; no line follows. */
  readonly lineTooLong: () => void;
  /** It reads slower than it is written to: lines wait from now on. */
  readonly blocked: () => void;
  /** It has read; `blocked` follows where lines still wait. */
  readonly drained: () => void;
  /** A line on standard error. */
  readonly errorLine: (text: string) => void;
  /** It has ended, and everything that it wrote has been told. Called once, and never before `start` has returned. */
  readonly exited: (exit: Exit) => void;
}

/** A process that speaks by lines. */
export interface LineProcess {
  readonly id: number | undefined;
  readonly write: (line: string) => void;
  /** What it has been written and not read, in bytes. */
  readonly waitingBytes: () => number;
  endInput(): void;
  /** Signals it, and all that it has started. */
  signal(signal: "SIGTERM" | "SIGKILL"): void;
}

/** Starts a process; a test starts one that is none. */
export type StartProcess = (events: ProcessEvents) => LineProcess;

/** Longer lines of standard error are cut, in bytes. */
const LONGEST_ERROR_LINE = 64 * 1024;

/** How long what an ended process wrote may take to arrive, in milliseconds: something that it started may hold its pipes open. */
const LAST_WORDS_MILLISECONDS = 100;

/** How long a process that has closed its standard output may go on, in milliseconds: it can answer nobody. */
const SILENT_MILLISECONDS = 1000;

/** Starts a program without a shell, in a process group of its own. */
export function processStarter(
  { file, words }: ServerCommand,
  options: {
    readonly environment: Readonly<Record<string, string>>;
    readonly mostLineBytes: number;
    readonly clock: Clock;
  },
): StartProcess {
  const { environment, mostLineBytes, clock } = options;
  return (events) => {
    const child = spawn(file, words, {
      env: environment,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid !== undefined) watchGroup(pid);

    // EPIPE says what the exit says, too.
    child.stdin.on("error", () => undefined);
    const writer = createLineWriter(child.stdin, events);
    const { line, lineTooLong: tooLong } = events;
    child.stdout.on("data", splitLines({ mostBytes: mostLineBytes, line, tooLong }));
    child.stderr.on("data", splitLines({ mostBytes: LONGEST_ERROR_LINE, line: events.errorLine }));

    let isOver = false;
    const over = (exit: Exit): void => {
      if (isOver) return;
      isOver = true;
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      events.exited(exit);
    };
    child.stdout.on("end", () => {
      if (pid === undefined) return;
      clock.after(SILENT_MILLISECONDS, () => {
        if (child.exitCode === null && child.signalCode === null) signalGroup(pid, "SIGKILL");
      });
    });
    child.on("error", (error) => {
      if (pid === undefined) over({ code: null, signal: null, error });
    });
    child.on("exit", (code, signal) => {
      if (pid !== undefined) endGroup(pid);
      clock.after(LAST_WORDS_MILLISECONDS, () => {
        over({ code, signal });
      });
    });
    child.on("close", (code, signal) => {
      over({ code, signal });
    });

    return {
      id: pid,
      write: writer.write,
      waitingBytes: writer.waitingBytes,
      endInput: writer.end,
      signal: (signal) => {
        if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
        signalGroup(pid, signal);
      },
    };
  };
}
