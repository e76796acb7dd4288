import type { HealthStatus } from "../../../local/ecs/container-health.ts";
import { Task, type TaskEvents } from "../../../local/ecs/task.ts";
import type { StopCode, TaskStatus } from "../../../local/ecs/task-status.ts";
import type { Container } from "../../../local/graph/task-definition.ts";
import { container } from "../containers.ts";
import type { VirtualClock } from "../virtual-clock.ts";

/** What becomes of the tasks of a revision. */
export interface Behaviour {
  /** Whether it comes to RUNNING. */
  readonly starts: boolean;
  /** How long after RUNNING it exits; undefined: never. */
  readonly exitsAfterSeconds: number | undefined;
  /** Whether it passes the load balancer's checks. */
  readonly passes: boolean;
}

export const GOOD: Behaviour = { starts: true, exitsAfterSeconds: undefined, passes: true };

/** How long a task takes to RUNNING, and from SIGTERM to its end. */
export const START_SECONDS = 10;
export const STOP_SECONDS = 2;

/** A task without processes, on the test's clock. */
export class FakeTask extends Task {
  readonly #clock: VirtualClock;
  readonly #behaviour: () => Behaviour;
  readonly #told: Pick<TaskEvents, "running" | "stopped" | "healthChanged">;
  readonly #log: (text: string) => void;
  #status: TaskStatus = "PENDING";
  #health: HealthStatus = "UNKNOWN";
  #alive = true;

  constructor(
    id: string,
    given: {
      readonly clock: VirtualClock;
      readonly behaviour: () => Behaviour;
      readonly containers: readonly Container[];
      readonly log: (text: string) => void;
    },
    told: Pick<TaskEvents, "running" | "stopped" | "healthChanged">,
  ) {
    super(
      id,
      {
        arn: "arn",
        family: "family",
        launchType: "FARGATE",
        resources: { cpuUnits: 256, memoryMib: 512, gpus: 0 },
        containers: given.containers,
        optimizer: undefined,
        differences: [],
      },
      {
        clock: given.clock,
        reaper: { watch: () => undefined, forget: () => undefined, close: () => undefined },
        region: "us-east-1",
        address: { host: id, port: (declared) => declared, release: () => undefined },
        metadataAddress: "",
      },
      { happened: () => undefined, line: () => undefined, ...told },
    );
    this.#clock = given.clock;
    this.#behaviour = given.behaviour;
    this.#log = given.log;
    this.#told = told;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** Whether it answers a check of the load balancer. */
  get passes(): boolean {
    return this.#alive && this.#status === "RUNNING" && this.#behaviour().passes;
  }

  override get lastStatus(): TaskStatus {
    return this.#status;
  }

  override get healthStatus(): HealthStatus {
    return this.#health;
  }

  override get passesHealthChecks(): boolean {
    const isChecked = this.definition.containers.some(
      ({ healthCheck }) => healthCheck !== undefined,
    );
    return !isChecked || this.#health === "HEALTHY";
  }

  /** What its containers' checks come to. */
  judge(health: HealthStatus): void {
    this.#health = health;
    this.#told.healthChanged?.(health);
  }

  override start(): void {
    this.#log("starts");
    this.#clock.after(START_SECONDS * 1000, () => {
      if (!this.#alive || this.#status !== "PENDING") return;
      const { starts, exitsAfterSeconds } = this.#behaviour();
      if (!starts) {
        this.#end("cannot pull", "TaskFailedToStart");
        return;
      }
      this.#status = "RUNNING";
      this.#told.running();
      if (exitsAfterSeconds === undefined) return;
      this.#clock.after(exitsAfterSeconds * 1000, () => {
        this.#end("exit code 1", "EssentialContainerExited");
      });
    });
  }

  override deactivate(): void {
    this.#log("deactivates");
    this.#status = "DEACTIVATING";
  }

  override stop(stopCode: StopCode = "ServiceSchedulerInitiated"): void {
    this.#log(`SIGTERM ${stopCode}`);
    this.#status = "STOPPING";
    this.#clock.after(STOP_SECONDS * 1000, () => {
      this.#end("exit code 0", stopCode);
    });
  }

  override kill(): void {
    this.#end("SIGKILL", "UserInitiated");
  }

  override crash(): void {
    this.#end("SIGKILL", "EssentialContainerExited");
  }

  #end(reason: string, stopCode: StopCode): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#status = "STOPPED";
    this.#log(`ends: ${reason}`);
    this.#told.stopped(reason, stopCode);
  }
}

/** A container whose health ECS asks for. */
export const CHECKED = container("server", {
  healthCheck: { command: ["CMD", "true"], interval: 30, timeout: 5, retries: 3, startPeriod: 0 },
});
