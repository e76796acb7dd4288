import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Cancel, Clock } from "../clock.ts";
import type { Container } from "../graph/task-definition.ts";
import type { StartedContainer, StartSurroundings } from "./container-runtime.ts";
import { healthProbe } from "./health-command.ts";
import type { Probe } from "./health-monitor.ts";
import { killMarked } from "./marked-processes.ts";
import { exitCodeOf, signalGroup, startProcess } from "./process.ts";

/** What a container tells its task. */
export interface ContainerEvents {
  /** One line that it has written. */
  line(text: string): void;
  /** It has ended, and all that it wrote has been told. The exit code is undefined where it could not be started. */
  ended(reason: string, exitCode: number | undefined): void;
}

/** What a shell ends with where there is no such program (POSIX, "Exit status for commands"). */
const NOT_FOUND = 127;

/** The process of one container, in a process group of its own. */
export class ContainerProcess implements StartedContainer {
  readonly container: Container;
  readonly #clock: Clock;
  readonly #child: ChildProcess;
  readonly #check: (declared: readonly string[]) => Probe;
  #cancelKill: Cancel | undefined;
  #ended = false;

  /** @param environment what the machine gives it beside its own. */
  constructor(
    container: Container,
    environment: Readonly<Record<string, string>>,
    surroundings: StartSurroundings,
    events: ContainerEvents,
  ) {
    const { clock, reaper } = surroundings;
    this.container = container;
    this.#clock = clock;
    this.#check = (declared) => healthProbe(container, declared, environment, surroundings);
    const { command, folder, programFolders = [] } = container;
    const mark = reaper.mark && `${reaper.mark}/${randomUUID()}`;
    const child = startProcess({ command, folder, environment, programFolders, mark }, reaper);
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (text) => {
        events.line(text);
      });
    }
    const end = (reason: string, exitCode: number | undefined): void => {
      if (this.#ended) return;
      this.#ended = true;
      this.#cancelKill?.();
      events.ended(reason, exitCode);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      end(error.code === "ENOENT" ? notFound(container) : String(error), undefined);
    });
    // As in a container, what its first process has started ends with it.
    child.on("exit", () => {
      this.kill();
      if (mark !== undefined) void killMarked(mark);
    });
    // `close` rather than `exit`: it comes after the last line of output.
    child.on("close", (code, signal) => {
      const exitCode = exitCodeOf(code, signal);
      if (code === NOT_FOUND) end(notFound(container), undefined);
      else
        end(`the container \`${container.name}\` ended with ${told(exitCode, signal)}`, exitCode);
    });
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  /** SIGTERM, and SIGKILL after the container's stop timeout; once. */
  stop(): void {
    if (this.#cancelKill !== undefined || this.#ended) return;
    signalGroup(this.processId, "SIGTERM");
    this.#cancelKill = this.#clock.after(this.container.stopTimeoutSeconds * 1000, () => {
      this.kill();
    });
  }

  /** SIGKILL to the process group. */
  kill(): void {
    signalGroup(this.processId, "SIGKILL");
  }

  check(declared: readonly string[]): Probe {
    return this.#check(declared);
  }
}

function told(exitCode: number, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${exitCode}` : `${signal} (exit code ${exitCode})`;
}

function notFound(container: Container): string {
  const [program = ""] = container.command;
  return isFolder(container.folder)
    ? `the container \`${container.name}\` runs \`${program}\`, which is not installed on this machine (looked for on the PATH)`
    : `the folder \`${container.folder}\` that the image of \`${container.name}\` is built from does not exist`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
