import type { EcsService } from "../graph/services.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { planStep, type TaskFacts } from "./plan.ts";
import { launch, stateOf, type RunningTask } from "./running-task.ts";
import type { ServiceSurroundings } from "./surroundings.ts";
import type { Task } from "./task.ts";

/**
 * How long ECS takes to notice that a task has ended. AWS names no figure ("seconds"); until then the load balancer goes on sending the
 * task its share, and clients get 502.
 */
const STOP_NOTICE_MILLISECONDS = 3000;

/** The scheduler of one ECS service: keeps the wanted number of healthy tasks, and moves from one revision to the next. */
export class ServiceScheduler {
  readonly #surroundings: ServiceSurroundings;
  readonly #tasks = new Map<string, RunningTask>();
  #revision: EcsService;
  #completed: EcsService | undefined;
  #breaker: CircuitBreaker;
  #stalled = false;
  #deploying = true;
  #closed = false;
  #onEmpty: () => void = () => undefined;

  constructor(declared: EcsService, surroundings: ServiceSurroundings) {
    this.#revision = declared;
    this.#breaker = breakerOf(declared);
    this.#surroundings = surroundings;
  }

  get name(): string {
    return this.#revision.name;
  }

  /** The tasks, for those who draw them or kill them. */
  get tasks(): readonly {
    readonly task: Task;
    readonly zone: string;
    readonly state: TaskFacts["state"];
  }[] {
    return [...this.#tasks.values()].map((running) => ({
      task: running.task,
      zone: running.zone,
      state: this.#state(running),
    }));
  }

  /** Starts the first deployment. */
  start(): void {
    for (const { targetGroupArn } of this.#revision.loadBalancers) {
      this.#surroundings.targetGroup(targetGroupArn)?.onStateChange((target, state) => {
        const running = this.#tasks.get(target.id);
        if (running === undefined) return;
        this.#tell(`target ${state}`, running);
        this.#reconcile();
      });
    }
    this.#tellDifferences();
    this.#reconcile();
  }

  /** Moves to a new revision, task by task, within the limits that the revision declares. */
  deploy(revision: EcsService): void {
    this.#revision = revision;
    this.#breaker = breakerOf(revision);
    this.#stalled = false;
    this.#deploying = true;
    this.#tell("deployment started");
    this.#tellDifferences();
    this.#reconcile();
  }

  /** Ends every task: SIGTERM, and SIGKILL after a grace that is short, since nobody is served any more. */
  async close(graceMilliseconds: number): Promise<void> {
    this.#closed = true;
    const tasks = [...this.#tasks.values()].map(({ task }) => task);
    if (tasks.length === 0) return;
    const ended = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const task of tasks) task.stop();
    const cancel = this.#surroundings.clock.after(graceMilliseconds, () => {
      for (const task of tasks) task.kill();
    });
    await ended;
    cancel();
  }

  #reconcile(): void {
    if (this.#closed) return;
    this.#countFailures();
    const step = planStep(
      {
        desired: this.#revision.desiredCount,
        minimumHealthyPercent: this.#revision.minimumHealthyPercent,
        maximumPercent: this.#revision.maximumPercent,
      },
      [...this.#tasks.values()].map((running) => this.#facts(running)),
    );
    for (const id of step.stop) this.#retire(id);
    if (!this.#stalled) for (let count = 0; count < step.start; count++) this.#launch();
    this.#checkSteady();
  }

  #launch(): void {
    const running: RunningTask = launch(
      this.#revision,
      [...this.#tasks.values()],
      this.#surroundings,
      {
        running: () => {
          this.#onRunning(running);
        },
        stopped: (reason) => {
          this.#onStopped(running, reason);
        },
      },
    );
    this.#tasks.set(running.task.id, running);
    this.#tell(`starting at ${running.task.address.host}`, running);
    running.task.start();
  }

  #onRunning(running: RunningTask): void {
    const { clock, targetGroup } = this.#surroundings;
    if (this.#closed || running.leaving) return;
    running.runningSince = clock.now();
    for (const { targetGroupArn, containerPort } of running.revision.loadBalancers) {
      const { task } = running;
      targetGroup(targetGroupArn)?.register(
        task.id,
        task.address.host,
        task.address.port(containerPort),
      );
    }
    // Failed checks begin to count when the grace is over.
    clock.after(running.revision.healthCheckGracePeriodSeconds * 1000, () => {
      this.#reconcile();
    });
    this.#reconcile();
  }

  #onStopped(running: RunningTask, reason: string): void {
    const { clock, metadata, targetGroup } = this.#surroundings;
    const { task } = running;
    metadata.forget(task.id);
    if (running.leaving || this.#closed) {
      this.#tell("ended", running);
      this.#forget(running);
      return;
    }
    this.#tell(`stopped: ${reason}`, running);
    clock.after(STOP_NOTICE_MILLISECONDS, () => {
      if (!this.#tasks.has(task.id)) return;
      for (const { targetGroupArn } of running.revision.loadBalancers) {
        targetGroup(targetGroupArn)?.deregister(task.id, () => undefined);
      }
      if (!running.everHealthy) this.#fail(running, [reason, ...task.lastLines].join("\n"));
      this.#forget(running);
    });
  }

  #forget(running: RunningTask): void {
    this.#tasks.delete(running.task.id);
    running.task.address.release();
    if (this.#tasks.size === 0) this.#onEmpty();
    this.#reconcile();
  }

  /** The way out of a task that is no longer wanted: deregistered first, and stopped only when the target groups have let it go. */
  #retire(id: string): void {
    const running = this.#tasks.get(id);
    if (running === undefined || running.leaving) return;
    running.leaving = true;
    const groups = running.revision.loadBalancers.flatMap(
      ({ targetGroupArn }) => this.#surroundings.targetGroup(targetGroupArn) ?? [],
    );
    const registered = groups.filter(({ targets }) => targets.some((target) => target.id === id));
    let draining = registered.length;
    const stop = (): void => {
      this.#tell("stopping", running);
      running.task.stop();
    };
    if (draining === 0) stop();
    for (const group of registered) {
      group.deregister(id, () => {
        if (--draining === 0) stop();
      });
    }
  }

  #facts(running: RunningTask): TaskFacts {
    return {
      id: running.task.id,
      current: running.revision === this.#revision,
      state: this.#state(running),
    };
  }

  #state(running: RunningTask): TaskFacts["state"] {
    const { clock, targetGroup } = this.#surroundings;
    return stateOf(running, targetGroup, clock.now());
  }

  /** A healthy task proves the revision; one that its health checks condemn counts against it, once. */
  #countFailures(): void {
    if (!this.#deploying) return;
    for (const running of this.#tasks.values()) {
      if (running.revision !== this.#revision) continue;
      const state = this.#state(running);
      if (state === "healthy") this.#breaker.healthy();
      if (state === "unhealthy") {
        this.#fail(running, ["its health checks failed", ...running.task.lastLines].join("\n"));
      }
    }
  }

  #fail(running: RunningTask, reason: string): void {
    if (!this.#deploying || running.revision !== this.#revision) return;
    if (!this.#breaker.failed(running.task.id)) return;
    const failed = `deployment failed after ${this.#breaker.failures} failures`;
    const before = this.#completed;
    if (
      this.#revision.circuitBreaker.rollback &&
      before !== undefined &&
      before !== this.#revision
    ) {
      this.#tell(`${failed}, rolling back: ${reason}`);
      this.#revision = before;
      this.#breaker = breakerOf(before);
      return;
    }
    this.#stalled = true;
    this.#tell(failed);
    this.#surroundings.events.stalled(this.name, reason);
  }

  #checkSteady(): void {
    if (!this.#deploying) return;
    const facts = [...this.#tasks.values()].map((running) => this.#facts(running));
    const steady =
      facts.length === this.#revision.desiredCount &&
      facts.every(({ current, state }) => current && state === "healthy");
    if (!steady) return;
    this.#completed = this.#revision;
    this.#deploying = false;
    this.#surroundings.events.steady(this.name);
  }

  /** What this machine does otherwise than AWS. */
  #tellDifferences(): void {
    const { strategy, task } = this.#revision;
    if (strategy !== "ROLLING") {
      this.#tell(
        `${strategy} is not modelled here: replicas are replaced as under ROLLING, and no traffic is shifted`,
      );
    }
    for (const difference of task.differences) this.#tell(difference);
  }

  #tell(text: string, running?: RunningTask): void {
    this.#surroundings.events.happened(
      this.name,
      text,
      running && { id: running.task.id, zone: running.zone },
    );
  }
}

function breakerOf({ desiredCount, circuitBreaker }: EcsService): CircuitBreaker {
  return new CircuitBreaker(desiredCount, circuitBreaker.enable);
}
