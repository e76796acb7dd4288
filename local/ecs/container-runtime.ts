import type { Clock } from "../clock.ts";
import type { Container } from "../graph/task-definition.ts";
import type { TaskAddress } from "./addresses.ts";
import type { ContainerEvents } from "./container-process.ts";
import type { Probe } from "./health-monitor.ts";
import type { Reaper } from "./reaper.ts";

/** What a container needs to start. */
export interface StartSurroundings {
  readonly clock: Clock;
  readonly reaper: Reaper;
  readonly address: TaskAddress;
}

/** One start of a container, until it ends. */
export interface StartedContainer {
  /** The process group whose use of the machine is measured; undefined where it is not known. */
  readonly processId: number | undefined;
  /** SIGTERM, and SIGKILL after the container's stop timeout; once. */
  stop(): void;
  /** SIGKILL. */
  kill(): void;
  /** Runs the command of a health check beside it. */
  check(declared: readonly string[]): Probe;
}

/**
 * Starts a container: as a process of this machine, or in a container engine. Nothing is told before it has returned.
 *
 * @param environment all of its variables.
 */
export type StartContainer = (
  container: Container,
  environment: Readonly<Record<string, string>>,
  surroundings: StartSurroundings,
  events: ContainerEvents,
) => StartedContainer;
