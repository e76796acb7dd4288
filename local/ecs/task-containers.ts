import type { Cancel } from "../clock.ts";
import type { Container, TaskDefinition } from "../graph/task-definition.ts";
import type { TaskAddress } from "./addresses.ts";
import { taskHealth, type HealthStatus } from "./container-health.ts";
import {
  hopeless,
  startable,
  stoppable,
  waitingFor,
  type ContainerState,
} from "./container-order.ts";
import { RunningContainer, type ContainerSurroundings } from "./running-container.ts";
import type { StopCode } from "./task-status.ts";

/** Where a task runs. */
export interface TaskPlace {
  readonly address: TaskAddress;
  readonly metadataAddress: string;
  /** By which its containers find AWS here. Default: none. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What containers need from the machine. */
export interface TaskContainersSurroundings extends Omit<ContainerSurroundings, "address"> {
  readonly region: string;
}

/** What containers tell their task. */
export interface TaskContainersEvents {
  /** The last one has started. */
  started(): void;
  /** The task must end. */
  failed(reason: string, stopCode: StopCode): void;
  /** One has ended, with the task or without it. */
  ended(reason: string): void;
  happened(text: string): void;
  line(container: string, text: string): void;
  healthChanged(): void;
}

/** The containers of one task, which start and end in the order that they declare. */
export class TaskContainers {
  readonly #definition: TaskDefinition;
  readonly #surroundings: TaskContainersSurroundings;
  readonly #events: TaskContainersEvents;
  readonly #states: Map<string, ContainerState>;
  readonly #running = new Map<string, RunningContainer>();
  readonly #exitCodes = new Map<string, number>();
  readonly #timers: Cancel[] = [];
  #whole = false;
  #stopping = false;

  constructor(
    definition: TaskDefinition,
    surroundings: TaskContainersSurroundings,
    events: TaskContainersEvents,
  ) {
    this.#definition = definition;
    this.#surroundings = surroundings;
    this.#events = events;
    this.#states = new Map(definition.containers.map(({ name }) => [name, "waiting"]));
  }

  get isEmpty(): boolean {
    return this.#running.size === 0;
  }

  get exitCodes(): ReadonlyMap<string, number> {
    return this.#exitCodes;
  }

  get processIds(): number[] {
    return [...this.#running.values()].flatMap(({ processId }) => processId ?? []);
  }

  /** Of the essential ones together. */
  get health(): HealthStatus {
    return taskHealth(
      this.#definition.containers
        .filter(({ essential }) => essential)
        .map(({ name }) => this.#healthOf(name)),
    );
  }

  /** Whether every essential one that has a health check passes it. */
  get pass(): boolean {
    return this.#definition.containers.every(
      ({ name, essential, healthCheck }) =>
        !essential || healthCheck === undefined || this.#healthOf(name) === "HEALTHY",
    );
  }

  /** Starts those that may start now, and the others when what they wait for has come so far. */
  start(place: TaskPlace): void {
    if (this.#stopping) return;
    const { containers } = this.#definition;
    let ready = startable(containers, this.#states);
    while (ready.length > 0) {
      for (const container of ready) this.#start(container, place);
      ready = startable(containers, this.#states);
    }
    if (this.#whole || [...this.#states.values()].includes("waiting")) return;
    this.#whole = true;
    this.#events.started();
  }

  /** SIGTERM to each when those that waited for it have ended, SIGKILL after its stop timeout; to be called again after each end. */
  stop(): void {
    this.#beginStop();
    for (const { name } of stoppable(this.#definition.containers, this.#states)) {
      this.#running.get(name)?.stop();
    }
  }

  /** SIGKILL to all, none of which starts again. */
  kill(): void {
    this.#beginStop();
    this.crash();
  }

  /** SIGKILL to all, which nobody has stopped. */
  crash(): void {
    for (const container of this.#running.values()) container.kill();
  }

  #beginStop(): void {
    this.#stopping = true;
    for (const cancel of this.#timers) cancel();
    for (const container of this.#running.values()) container.abandon();
  }

  #healthOf(name: string): HealthStatus {
    return this.#running.get(name)?.health ?? "UNKNOWN";
  }

  #start(container: Container, place: TaskPlace): void {
    const { name } = container;
    this.#states.set(name, "running");
    this.#running.set(
      name,
      new RunningContainer(
        container,
        this.#environment(container, place),
        { ...this.#surroundings, address: place.address },
        {
          line: (text) => {
            this.#events.line(name, text);
          },
          happened: (text) => {
            this.#events.happened(text);
          },
          healthChanged: (status) => {
            this.#states.set(name, status === "HEALTHY" ? "healthy" : "running");
            this.#events.healthChanged();
            this.start(place);
          },
          ended: (reason, exitCode) => {
            this.#ended(container, reason, exitCode, place);
          },
        },
      ),
    );
    this.#limitWaiting(container);
  }

  #environment(
    container: Container,
    { address, metadataAddress, variables }: TaskPlace,
  ): Record<string, string> {
    return {
      AWS_REGION: this.#surroundings.region,
      AWS_EXECUTION_ENV: `AWS_ECS_${this.#definition.launchType}`,
      ECS_CONTAINER_METADATA_URI_V4: metadataAddress,
      ...variables,
      ...container.environment,
      // The contract's default port is 8080; what is declared is moved as all ports of this task are.
      PORT: String(address.port(Number(container.environment["PORT"] ?? 8080))),
      HOST: address.host,
    };
  }

  /** Those that wait for more than the start of a container give up after its start timeout (API ContainerDefinition, startTimeout). */
  #limitWaiting({ name, startTimeoutSeconds }: Container): void {
    const waiting = (): Container | undefined =>
      waitingFor(name, this.#definition.containers, this.#states)[0];
    if (waiting() === undefined) return;
    this.#timers.push(
      this.#surroundings.clock.after(startTimeoutSeconds * 1000, () => {
        const given = waiting();
        if (given === undefined) return;
        this.#events.failed(
          `the container \`${given.name}\` waits for \`${name}\`, which has not come so far within its start timeout of ${startTimeoutSeconds} seconds`,
          "TaskFailedToStart",
        );
      }),
    );
  }

  #ended(
    container: Container,
    reason: string,
    exitCode: number | undefined,
    place: TaskPlace,
  ): void {
    this.#running.delete(container.name);
    if (exitCode !== undefined) this.#exitCodes.set(container.name, exitCode);
    this.#states.set(container.name, exitCode === 0 ? "succeeded" : "failed");
    if (this.#stopping) {
      this.#events.ended(reason);
      return;
    }
    // The end of an essential container is the end of the task.
    const cause = container.essential
      ? reason
      : hopeless(this.#definition.containers, this.#states);
    if (cause !== undefined) {
      const wasStarted = container.essential && exitCode !== undefined;
      this.#events.failed(cause, wasStarted ? "EssentialContainerExited" : "TaskFailedToStart");
      return;
    }
    if (exitCode !== 0) this.#events.happened(`${reason}; it is not essential`);
    this.start(place);
    this.#events.ended(reason);
  }
}
