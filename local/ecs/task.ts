import { spawn, type ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import { connect } from "node:net";
import { dirname, delimiter } from "node:path";
import { createInterface } from "node:readline";
import type { Cancel, Clock } from "../clock.ts";
import type { Container, TaskDefinition } from "../graph/task-definition.ts";
import type { TaskAddress } from "./addresses.ts";
import type { Reaper } from "./reaper.ts";

/** What a task tells its service. */
export interface TaskEvents {
  /** Every container runs; the task may be registered. */
  running(): void;
  /** The last process has ended. */
  stopped(reason: string): void;
  /** One line that a container has written. */
  line(container: string, text: string): void;
}

/** What a task needs from the machine. */
export interface TaskSurroundings {
  readonly clock: Clock;
  readonly reaper: Reaper;
  readonly address: TaskAddress;
  readonly region: string;
  readonly metadataAddress: string;
}

/**
 * A process counts as running when its port takes connections, as a container does when its image has started. One that opens none is taken
 * as running after this long, so that its health checks can fail, as on AWS.
 */
const PORT_DEADLINE_MILLISECONDS = 5000;
const PORT_POLL_MILLISECONDS = 20;

/**
 * Becomes the container's program only when the reaper knows of it: should this process die in between, the pipe closes, and the
 * container is never started.
 */
const GATE = 'read -r _ || exit 1; exec "$@" </dev/null';

/** What a shell ends with where there is no such program (POSIX, "Exit status for commands"). */
const NOT_FOUND = 127;

/** How many of its last lines tell why a task has ended. */
const LAST_LINES = 5;

/** One task: a process for each of its containers, each in a process group of its own. */
export class Task {
  readonly id: string;
  readonly definition: TaskDefinition;
  readonly address: TaskAddress;
  readonly #surroundings: TaskSurroundings;
  readonly #events: TaskEvents;
  readonly #processes = new Map<Container, ChildProcess>();
  readonly #lastLines: string[] = [];
  #cancelKill: Cancel = () => undefined;
  #ended = false;

  constructor(
    id: string,
    definition: TaskDefinition,
    surroundings: TaskSurroundings,
    events: TaskEvents,
  ) {
    this.id = id;
    this.definition = definition;
    this.address = surroundings.address;
    this.#surroundings = surroundings;
    this.#events = events;
  }

  /** What its containers wrote last. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** The processes that are alive. */
  get processIds(): number[] {
    return [...this.#processes.values()].flatMap(({ pid }) => pid ?? []);
  }

  start(): void {
    for (const container of this.definition.containers) this.#startContainer(container);
    const port = this.definition.containers.flatMap(({ ports }) => ports)[0];
    if (port === undefined) this.#events.running();
    else
      this.#awaitPort(
        this.address.port(port),
        this.#surroundings.clock.now() + PORT_DEADLINE_MILLISECONDS,
      );
  }

  /** SIGTERM, then SIGKILL after each container's stop timeout. */
  stop(): void {
    if (this.#ended) return;
    this.#cancelKill();
    this.#signal("SIGTERM");
    const longest = Math.max(
      ...this.definition.containers.map(({ stopTimeoutSeconds }) => stopTimeoutSeconds),
    );
    this.#cancelKill = this.#surroundings.clock.after(longest * 1000, () => {
      this.kill();
    });
  }

  /** SIGKILL to every process group. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  #startContainer(container: Container): void {
    const { address, metadataAddress, region, reaper } = this.#surroundings;
    const child = spawn("sh", ["-c", GATE, "sh", ...container.command], {
      cwd: container.folder,
      // The container's own environment and nothing of this shell's: what works only because of a variable here would fail on AWS.
      env: {
        PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
        AWS_REGION: region,
        AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
        ECS_CONTAINER_METADATA_URI_V4: metadataAddress,
        ...container.environment,
        // The contract's default port is 8080; what is declared is moved as all ports of this task are.
        PORT: String(address.port(Number(container.environment["PORT"] ?? 8080))),
        HOST: address.host,
      },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#processes.set(container, child);
    child.stdin.on("error", () => undefined);
    if (child.pid !== undefined) {
      reaper.watch(child.pid);
      child.stdin.end("go\n");
    }
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (text) => {
        this.#lastLines.push(text);
        if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
        this.#events.line(container.name, text);
      });
    }
    child.on("error", (error: NodeJS.ErrnoException) => {
      this.#containerEnded(
        container,
        error.code === "ENOENT" ? notFound(container) : String(error),
      );
    });
    // As in a container, what its first process has started ends with it.
    child.on("exit", () => {
      kill(child, "SIGKILL");
    });
    // `close` rather than `exit`: it comes after the last line of output.
    child.on("close", (code, signal) => {
      if (child.pid !== undefined) reaper.forget(child.pid);
      this.#containerEnded(
        container,
        code === NOT_FOUND
          ? notFound(container)
          : `the container \`${container.name}\` ended with ${signal ?? `exit code ${code ?? 0}`}`,
      );
    });
  }

  #containerEnded(container: Container, reason: string): void {
    if (!this.#processes.delete(container)) return;
    // The end of an essential container is the end of the task.
    if (container.essential && this.#processes.size > 0) this.stop();
    if (this.#processes.size > 0) return;
    this.#ended = true;
    this.#cancelKill();
    this.#events.stopped(reason);
  }

  #signal(signal: NodeJS.Signals): void {
    for (const child of this.#processes.values()) kill(child, signal);
  }

  #awaitPort(port: number, deadline: number): void {
    if (this.#ended) return;
    const { clock, address } = this.#surroundings;
    const socket = connect({ host: address.host, port });
    socket.once("connect", () => {
      socket.destroy();
      if (!this.#ended) this.#events.running();
    });
    socket.once("error", () => {
      socket.destroy();
      if (this.#ended) return;
      if (clock.now() >= deadline) this.#events.running();
      else {
        clock.after(PORT_POLL_MILLISECONDS, () => {
          this.#awaitPort(port, deadline);
        });
      }
    });
  }
}

/** Signals a process and all that it has started. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
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
