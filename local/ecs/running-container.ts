import type { Container } from "../graph/task-definition.ts";
import type { HealthStatus } from "./container-health.ts";
import { ContainerProcess, type ContainerEvents } from "./container-process.ts";
import type { StartContainer, StartedContainer, StartSurroundings } from "./container-runtime.ts";
import { HealthMonitor } from "./health-monitor.ts";
import { restarts } from "./restart-policy.ts";
import type { TaskTimes } from "./task-times.ts";

/** What a container tells its task, restarts left out: those it survives. */
export interface RunningContainerEvents extends ContainerEvents {
  healthChanged(status: HealthStatus): void;
  /** Something happened that the container survives. */
  happened(text: string): void;
}

/** What a container needs from the machine. */
export interface ContainerSurroundings extends StartSurroundings {
  readonly times: TaskTimes;
  /** Default: as a process of this machine. */
  readonly startContainer?: StartContainer;
}

const startProcess: StartContainer = (...given) => new ContainerProcess(...given);

/** A container: what runs it, its health checks, and its restarts in place. */
export class RunningContainer {
  readonly #container: Container;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #surroundings: ContainerSurroundings;
  readonly #events: RunningContainerEvents;
  #started: StartedContainer;
  #monitor: HealthMonitor | undefined;
  #startedAt = 0;
  #stopping = false;

  /** Starts it. */
  constructor(
    container: Container,
    environment: Readonly<Record<string, string>>,
    surroundings: ContainerSurroundings,
    events: RunningContainerEvents,
  ) {
    this.#container = container;
    this.#environment = environment;
    this.#surroundings = surroundings;
    this.#events = events;
    this.#started = this.#start();
  }

  get processId(): number | undefined {
    return this.#started.processId;
  }

  get health(): HealthStatus {
    return this.#monitor?.status ?? "UNKNOWN";
  }

  /** SIGTERM, and SIGKILL after the container's stop timeout; once. */
  stop(): void {
    this.#stopping = true;
    // Its health is nobody's concern any more.
    this.#monitor?.stop();
    this.#started.stop();
  }

  /** SIGKILL. A restart policy counts it as any other end, unless the task stops. */
  kill(): void {
    this.#started.kill();
  }

  /** No restart any more. */
  abandon(): void {
    this.#stopping = true;
  }

  #start(): StartedContainer {
    const { clock, startContainer = startProcess } = this.#surroundings;
    this.#startedAt = clock.now();
    this.#monitor = this.#monitored();
    return startContainer(this.#container, this.#environment, this.#surroundings, {
      line: (text) => {
        this.#events.line(text);
      },
      ended: (reason, exitCode) => {
        this.#ended(reason, exitCode);
      },
    });
  }

  #monitored(): HealthMonitor | undefined {
    const { healthCheck, name } = this.#container;
    if (healthCheck === undefined) return undefined;
    const { clock, times } = this.#surroundings;
    return new HealthMonitor(
      healthCheck,
      { clock, speed: times.speed, eager: times.eagerHealthChecks },
      () => this.#started.check(healthCheck.command),
      (status, reason) => {
        if (status === "UNHEALTHY") {
          this.#events.happened(
            `the container \`${name}\` is UNHEALTHY; failed health checks in a row: ${healthCheck.retries}, the last with ${reason}`,
          );
        }
        this.#events.healthChanged(status);
      },
    );
  }

  #ended(reason: string, exitCode: number | undefined): void {
    this.#monitor?.stop();
    const ranSeconds = (this.#surroundings.clock.now() - this.#startedAt) / 1000;
    if (
      this.#stopping ||
      exitCode === undefined ||
      !restarts(this.#container.restartPolicy, { exitCode, ranSeconds })
    ) {
      this.#events.ended(reason, exitCode);
      return;
    }
    this.#events.happened(`${reason}; its restart policy starts it again`);
    this.#started = this.#start();
    this.#events.healthChanged("UNKNOWN");
  }
}
