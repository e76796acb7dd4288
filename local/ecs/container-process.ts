import { spawn, type ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { createInterface } from "node:readline";
import type { Cancel, Clock } from "../clock.ts";
import type { Container } from "../graph/task-definition.ts";
import type { Reaper } from "./reaper.ts";

/** What a container tells its task. */
export interface ContainerEvents {
  /** One line that it has written. */
  line(text: string): void;
  /** It has ended, and all that it wrote has been told. */
  ended(reason: string, succeeded: boolean): void;
}

/**
 * Becomes the container's program only when the reaper knows of it: should this process die in between, the pipe closes, and the
 * container is never started.
 */
const GATE = 'read -r _ || exit 1; exec "$@" </dev/null';

/** What a shell ends with where there is no such program (POSIX, "Exit status for commands"). */
const NOT_FOUND = 127;

/** The process of one container, in a process group of its own. */
export class ContainerProcess {
  readonly container: Container;
  readonly #clock: Clock;
  readonly #child: ChildProcess;
  #cancelKill: Cancel | undefined;
  #ended = false;

  /** @param environment what the machine gives it beside its own. */
  constructor(
    container: Container,
    environment: Readonly<Record<string, string>>,
    surroundings: { readonly clock: Clock; readonly reaper: Reaper },
    events: ContainerEvents,
  ) {
    const { clock, reaper } = surroundings;
    this.container = container;
    this.#clock = clock;
    const child = spawn("sh", ["-c", GATE, "sh", ...container.command], {
      cwd: container.folder,
      // The container's own environment and nothing of this shell's: what works only because of a variable here would fail on AWS.
      env: {
        PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
        ...environment,
      },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    child.stdin.on("error", () => undefined);
    if (child.pid !== undefined) {
      reaper.watch(child.pid);
      child.stdin.end("go\n");
    }
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (text) => {
        events.line(text);
      });
    }
    const end = (reason: string, succeeded: boolean): void => {
      if (this.#ended) return;
      this.#ended = true;
      this.#cancelKill?.();
      events.ended(reason, succeeded);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      end(error.code === "ENOENT" ? notFound(container) : String(error), false);
    });
    // As in a container, what its first process has started ends with it.
    child.on("exit", () => {
      this.kill();
    });
    // `close` rather than `exit`: it comes after the last line of output.
    child.on("close", (code, signal) => {
      if (child.pid !== undefined) reaper.forget(child.pid);
      end(
        code === NOT_FOUND
          ? notFound(container)
          : `the container \`${container.name}\` ended with ${signal ?? `exit code ${code ?? 0}`}`,
        code === 0,
      );
    });
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  /** SIGTERM, and SIGKILL after the container's stop timeout; once. */
  stop(): void {
    if (this.#cancelKill !== undefined || this.#ended) return;
    this.#signal("SIGTERM");
    this.#cancelKill = this.#clock.after(this.container.stopTimeoutSeconds * 1000, () => {
      this.kill();
    });
  }

  /** SIGKILL to the process group. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  /** Signals the process and all that it has started. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has ended.
    }
  }
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
