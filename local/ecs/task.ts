import type { Cancel, Clock } from "../clock.ts";
import type { TaskDefinition } from "../graph/task-definition.ts";
import type { TaskAddress } from "./addresses.ts";
import type { HealthStatus } from "./container-health.ts";
import type { StartContainer } from "./container-runtime.ts";
import { awaitListening } from "./listening.ts";
import type { Reaper } from "./reaper.ts";
import { TaskContainers, type TaskPlace } from "./task-containers.ts";
import type { StopCode, TaskStatus } from "./task-status.ts";
import { LOCAL_TIMES, type TaskTimes } from "./task-times.ts";

/** What a task tells its service. */
export interface TaskEvents {
  /** Every container has started; the task may be registered. */
  running(): void;
  /** The last process has ended. */
  stopped(reason: string, stopCode: StopCode): void;
  /** Something happened that the task survives. */
  happened(text: string): void;
  /** One line that a container has written. */
  line(container: string, text: string): void;
  statusChanged?(status: TaskStatus): void;
  healthChanged?(status: HealthStatus): void;
}

/** What a task needs from the machine. */
export interface TaskSurroundings extends TaskPlace {
  readonly clock: Clock;
  readonly reaper: Reaper;
  readonly region: string;
  readonly times?: TaskTimes;
  /** Default: as a process of this machine. */
  readonly startContainer?: StartContainer;
  /** Calls back when there is room for the task, at once if there is, and says where; the task waits in PROVISIONING. */
  readonly provision?: (placed: (place: TaskPlace) => void) => Cancel;
}

/** How many of its last lines tell why a task has ended. */
const LAST_LINES = 5;

/** One task: a process for each of its containers. */
export class Task {
  readonly id: string;
  readonly definition: TaskDefinition;
  readonly #surroundings: TaskSurroundings;
  readonly #times: TaskTimes;
  readonly #events: TaskEvents;
  readonly #containers: TaskContainers;
  readonly #lastLines: string[] = [];
  #place: TaskPlace;
  #cancelStart: Cancel = () => undefined;
  #status: TaskStatus = "PROVISIONING";
  #health: HealthStatus = "UNKNOWN";
  /** Why it ends: the first cause, not the last process. */
  #reason: string | undefined;
  #stopCode: StopCode | undefined;

  constructor(
    id: string,
    definition: TaskDefinition,
    surroundings: TaskSurroundings,
    events: TaskEvents,
  ) {
    this.id = id;
    this.definition = definition;
    this.#place = surroundings;
    this.#surroundings = surroundings;
    this.#times = surroundings.times ?? LOCAL_TIMES;
    this.#events = events;
    this.#containers = new TaskContainers(
      definition,
      { ...surroundings, times: this.#times },
      {
        started: () => {
          this.#awaitFirstPort();
        },
        failed: (reason, stopCode) => {
          this.#reason = reason;
          this.stop(stopCode);
        },
        ended: (reason) => {
          if (this.#isStopping) this.#reason ??= reason;
          if (this.#isStopping) this.stop();
          else this.#endIfEmpty();
        },
        happened: (text) => {
          this.#events.happened(text);
        },
        line: (container, text) => {
          this.#lastLines.push(text);
          if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
          this.#events.line(container, text);
        },
        healthChanged: () => {
          this.#updateHealth();
        },
      },
    );
  }

  get address(): TaskAddress {
    return this.#place.address;
  }

  get lastStatus(): TaskStatus {
    return this.#status;
  }

  get healthStatus(): HealthStatus {
    return this.#health;
  }

  /** Whether every essential container that has a health check passes it. */
  get passesHealthChecks(): boolean {
    return this.#containers.pass;
  }

  get stopCode(): StopCode | undefined {
    return this.#stopCode;
  }

  /** How its containers have ended, by name. */
  get exitCodes(): ReadonlyMap<string, number> {
    return this.#containers.exitCodes;
  }

  /** What its containers wrote last. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** The processes that are alive. */
  get processIds(): number[] {
    return this.#containers.processIds;
  }

  /** Looks for a place, and starts there. */
  start(): void {
    const placed = (place: TaskPlace): void => {
      if (this.#isStopping) return;
      this.#place = place;
      this.#setStatus("PENDING");
      const seconds = this.#times.startSeconds[this.definition.launchType] ?? 0;
      if (seconds === 0) this.#containers.start(place);
      else {
        this.#cancelStart = this.#surroundings.clock.after(seconds * 1000, () => {
          this.#containers.start(place);
        });
      }
    };
    const { provision } = this.#surroundings;
    if (provision === undefined) {
      placed(this.#surroundings);
      return;
    }
    const cancel = provision(placed);
    if (this.#status === "PROVISIONING") this.#cancelStart = cancel;
  }

  /** It is being deregistered from its target groups. */
  deactivate(): void {
    if (this.#status === "RUNNING") this.#setStatus("DEACTIVATING");
  }

  /**
   * SIGTERM to each container when those that waited for it have ended, SIGKILL after its stop timeout.
   *
   * @param stopCode on whose account; the first one stays.
   */
  stop(stopCode: StopCode = "ServiceSchedulerInitiated"): void {
    if (this.#hasEnded) return;
    this.#beginStop(stopCode);
    this.#containers.stop();
    this.#endIfEmpty();
  }

  /** SIGKILL to every process. */
  kill(): void {
    if (this.#hasEnded) return;
    this.#beginStop("UserInitiated");
    this.#containers.kill();
    this.#endIfEmpty();
  }

  /** SIGKILL to every process, as if it had crashed: nobody has stopped the task. */
  crash(): void {
    this.#containers.crash();
  }

  get #isStopping(): boolean {
    return this.#stopCode !== undefined;
  }

  get #hasEnded(): boolean {
    return this.#status === "STOPPED";
  }

  #beginStop(stopCode: StopCode): void {
    if (this.#isStopping) return;
    this.#stopCode = stopCode;
    this.#cancelStart();
    this.#setStatus("STOPPING");
  }

  #setStatus(status: TaskStatus): void {
    this.#status = status;
    this.#events.statusChanged?.(status);
  }

  #updateHealth(): void {
    const status = this.#containers.health;
    if (status === this.#health) return;
    this.#health = status;
    this.#events.healthChanged?.(status);
  }

  /** The task ends with its last process. */
  #endIfEmpty(): void {
    if (this.#hasEnded || !this.#containers.isEmpty) return;
    this.#beginStop("EssentialContainerExited");
    this.#setStatus("DEPROVISIONING");
    this.#setStatus("STOPPED");
    this.#events.stopped(
      this.#reason ?? "all of its containers have ended",
      this.#stopCode ?? "EssentialContainerExited",
    );
  }

  /** The port of what the task is about: of an essential container. */
  #awaitFirstPort(): void {
    const { containers } = this.definition;
    const port = containers.filter(({ essential }) => essential).flatMap(({ ports }) => ports)[0];
    const running = (): void => {
      this.#setStatus("ACTIVATING");
      this.#setStatus("RUNNING");
      this.#events.running();
    };
    if (port === undefined) {
      running();
      return;
    }
    const { clock } = this.#surroundings;
    awaitListening(
      this.address.host,
      this.address.port(port),
      { clock, speed: this.#times.speed, over: () => this.#isStopping },
      running,
    );
  }
}
