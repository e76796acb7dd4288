import { connect } from "node:net";
import type { Clock } from "../clock.ts";
import type { Container, TaskDefinition } from "../graph/task-definition.ts";
import type { TaskAddress } from "./addresses.ts";
import { hopeless, startable, stoppable, type ContainerState } from "./container-order.ts";
import { ContainerProcess } from "./container-process.ts";
import type { Reaper } from "./reaper.ts";

/** What a task tells its service. */
export interface TaskEvents {
  /** Every container has started; the task may be registered. */
  running(): void;
  /** The last process has ended. */
  stopped(reason: string): void;
  /** Something happened that the task survives. */
  happened(text: string): void;
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

/** How many of its last lines tell why a task has ended. */
const LAST_LINES = 5;

/** One task: a process for each of its containers. */
export class Task {
  readonly id: string;
  readonly definition: TaskDefinition;
  readonly address: TaskAddress;
  readonly #surroundings: TaskSurroundings;
  readonly #events: TaskEvents;
  readonly #states: Map<string, ContainerState>;
  readonly #processes = new Map<string, ContainerProcess>();
  readonly #lastLines: string[] = [];
  /** Why it ends: the first cause, not the last process. */
  #reason: string | undefined;
  #whole = false;
  #stopping = false;
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
    this.#states = new Map(definition.containers.map(({ name }) => [name, "waiting"]));
  }

  /** What its containers wrote last. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** The processes that are alive. */
  get processIds(): number[] {
    return [...this.#processes.values()].flatMap(({ processId }) => processId ?? []);
  }

  /** Starts the containers, each when those that it waits for have come so far. */
  start(): void {
    const { containers } = this.definition;
    let ready = startable(containers, this.#states);
    while (ready.length > 0) {
      for (const container of ready) this.#startContainer(container);
      ready = startable(containers, this.#states);
    }
    if (this.#whole || [...this.#states.values()].includes("waiting")) return;
    this.#whole = true;
    this.#awaitFirstPort();
  }

  /** SIGTERM to each container when those that waited for it have ended, SIGKILL after its stop timeout. */
  stop(): void {
    if (this.#ended) return;
    this.#stopping = true;
    for (const { name } of stoppable(this.definition.containers, this.#states))
      this.#processes.get(name)?.stop();
    this.#endIfEmpty();
  }

  /** SIGKILL to every process. */
  kill(): void {
    this.#stopping = true;
    for (const process of this.#processes.values()) process.kill();
  }

  #startContainer(container: Container): void {
    const { address, metadataAddress, region } = this.#surroundings;
    const environment = {
      AWS_REGION: region,
      AWS_EXECUTION_ENV: `AWS_ECS_${this.definition.launchType}`,
      ECS_CONTAINER_METADATA_URI_V4: metadataAddress,
      ...container.environment,
      // The contract's default port is 8080; what is declared is moved as all ports of this task are.
      PORT: String(address.port(Number(container.environment["PORT"] ?? 8080))),
      HOST: address.host,
    };
    this.#states.set(container.name, "running");
    this.#processes.set(
      container.name,
      new ContainerProcess(container, environment, this.#surroundings, {
        line: (text) => {
          this.#lastLines.push(text);
          if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
          this.#events.line(container.name, text);
        },
        ended: (reason, succeeded) => {
          this.#containerEnded(container, reason, succeeded);
        },
      }),
    );
  }

  #containerEnded(container: Container, reason: string, succeeded: boolean): void {
    this.#processes.delete(container.name);
    this.#states.set(container.name, succeeded ? "succeeded" : "failed");
    if (this.#stopping) {
      this.#reason ??= reason;
      this.stop();
      return;
    }
    // The end of an essential container is the end of the task.
    const cause = container.essential ? reason : hopeless(this.definition.containers, this.#states);
    if (cause !== undefined) {
      this.#reason = cause;
      this.stop();
      return;
    }
    if (!succeeded) this.#events.happened(`${reason}; it is not essential`);
    this.start();
    this.#endIfEmpty();
  }

  /** The task ends with its last process. */
  #endIfEmpty(): void {
    if (this.#ended || this.#processes.size > 0) return;
    this.#ended = true;
    this.#events.stopped(this.#reason ?? "all of its containers have ended");
  }

  /** The port of what the task is about: of an essential container. */
  #awaitFirstPort(): void {
    const { containers } = this.definition;
    const port = containers.filter(({ essential }) => essential).flatMap(({ ports }) => ports)[0];
    const deadline = this.#surroundings.clock.now() + PORT_DEADLINE_MILLISECONDS;
    if (port === undefined) this.#events.running();
    else this.#awaitPort(this.address.port(port), deadline);
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
