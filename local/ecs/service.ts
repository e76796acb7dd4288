import { randomBytes } from "node:crypto";
import type { RunningTargetGroup } from "../balancer/target-group.ts";
import type { Clock } from "../clock.ts";
import type { EcsService } from "../graph/stack.ts";
import type { AddressPool } from "./addresses.ts";
import type { MetadataEndpoint } from "./metadata.ts";
import { chooseZone, circuitBreakerThreshold, planStep, type TaskFacts } from "./plan.ts";
import type { Reaper } from "./reaper.ts";
import { Task } from "./task.ts";

/** What a service needs from the machine. */
export interface ServiceSurroundings {
  readonly clock: Clock;
  readonly reaper: Reaper;
  readonly addresses: AddressPool;
  readonly metadata: MetadataEndpoint;
  readonly region: string;
  readonly targetGroup: (arn: string) => RunningTargetGroup | undefined;
  readonly events: ServiceEvents;
}

/** What a service tells of itself. */
export interface ServiceEvents {
  /** Something happened to a task, or to the service as a whole. */
  happened(
    service: string,
    text: string,
    task?: { readonly id: string; readonly zone: string },
  ): void;
  /** A container has written a line. */
  line(service: string, task: string, text: string): void;
  /** Every wanted task is healthy, and no other runs. */
  steady(service: string): void;
  /** The first deployment failed: there is nothing to roll back to. */
  stalled(service: string, reason: string): void;
}

/**
 * How long ECS takes to notice that a task has ended. AWS names no figure ("seconds"); until then the load balancer goes on sending the
 * task its share, and clients get 502.
 */
const STOP_NOTICE_MILLISECONDS = 3000;

interface Running {
  readonly task: Task;
  readonly revision: EcsService;
  readonly zone: string;
  runningSince: number | undefined;
  everHealthy: boolean;
  leaving: boolean;
  /** Whether it has been counted as a failure of its deployment. */
  failed: boolean;
}

/** The scheduler of one ECS service: keeps the wanted number of healthy tasks, and moves from one revision to the next. */
export class ServiceScheduler {
  readonly #surroundings: ServiceSurroundings;
  readonly #tasks = new Map<string, Running>();
  #revision: EcsService;
  #completed: EcsService | undefined;
  #failures = 0;
  #stalled = false;
  #deploying = true;
  #closed = false;
  #onEmpty: () => void = () => undefined;

  constructor(declared: EcsService, surroundings: ServiceSurroundings) {
    this.#revision = declared;
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
    this.#reconcile();
  }

  /** Moves to a new revision, task by task, within the limits that the revision declares. */
  deploy(revision: EcsService): void {
    this.#revision = revision;
    this.#failures = 0;
    this.#stalled = false;
    this.#deploying = true;
    this.#tell("deployment started");
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
    const { addresses, metadata, clock, reaper, region, events } = this.#surroundings;
    const revision = this.#revision;
    const zone = chooseZone(
      revision.zones,
      [...this.#tasks.values()].filter(({ leaving }) => !leaving).map((running) => running.zone),
    );
    // Ids are 32 hexadecimal digits on AWS, too.
    const id = randomBytes(16).toString("hex");
    const address = addresses.take(revision.zones.indexOf(zone));
    const task = new Task(
      id,
      revision.task,
      {
        clock,
        reaper,
        address,
        region,
        metadataAddress: metadata.address(id, {
          cluster: revision.cluster,
          taskArn: taskArn(revision, id),
          family: revision.task.family,
          zone,
        }),
      },
      {
        running: () => {
          this.#onRunning(running);
        },
        stopped: (reason) => {
          this.#onStopped(running, reason);
        },
        line: (_container, text) => {
          events.line(revision.name, id, text);
        },
      },
    );
    const running: Running = {
      task,
      revision,
      zone,
      runningSince: undefined,
      everHealthy: false,
      leaving: false,
      failed: false,
    };
    this.#tasks.set(id, running);
    this.#tell(`starting at ${address.host}`, running);
    task.start();
  }

  #onRunning(running: Running): void {
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

  #onStopped(running: Running, reason: string): void {
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

  #forget(running: Running): void {
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

  #facts(running: Running): TaskFacts {
    return {
      id: running.task.id,
      current: running.revision === this.#revision,
      state: this.#state(running),
    };
  }

  #state(running: Running): TaskFacts["state"] {
    if (running.leaving) return "leaving";
    if (running.runningSince === undefined) return "starting";
    const states = running.revision.loadBalancers.map(({ targetGroupArn }) =>
      this.#surroundings
        .targetGroup(targetGroupArn)
        ?.targets.find((target) => target.id === running.task.id),
    );
    if (states.every((target) => target?.state === "healthy")) {
      running.everHealthy = true;
      return "healthy";
    }
    const graceOver =
      this.#surroundings.clock.now() - running.runningSince >=
      running.revision.healthCheckGracePeriodSeconds * 1000;
    if (graceOver && states.some((target) => target?.state === "unhealthy")) return "unhealthy";
    return running.everHealthy ? "healthy" : "starting";
  }

  /** A healthy task proves the revision; one that its health checks condemn counts against it, once. */
  #countFailures(): void {
    if (!this.#deploying) return;
    for (const running of this.#tasks.values()) {
      if (running.revision !== this.#revision) continue;
      const state = this.#state(running);
      if (state === "healthy") this.#failures = 0;
      if (state === "unhealthy") {
        this.#fail(running, ["its health checks failed", ...running.task.lastLines].join("\n"));
      }
    }
  }

  #fail(running: Running, reason: string): void {
    if (!this.#deploying || this.#stalled || running.failed || running.revision !== this.#revision)
      return;
    running.failed = true;
    this.#failures++;
    const { circuitBreaker, desiredCount } = this.#revision;
    if (!circuitBreaker.enable || this.#failures < circuitBreakerThreshold(desiredCount)) return;
    if (
      circuitBreaker.rollback &&
      this.#completed !== undefined &&
      this.#completed !== this.#revision
    ) {
      this.#tell(`deployment failed after ${this.#failures} failures, rolling back: ${reason}`);
      this.#revision = this.#completed;
      this.#failures = 0;
      return;
    }
    this.#stalled = true;
    this.#tell(`deployment failed after ${this.#failures} failures`);
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

  #tell(text: string, running?: Running): void {
    this.#surroundings.events.happened(
      this.name,
      text,
      running && { id: running.task.id, zone: running.zone },
    );
  }
}

function taskArn({ arn, cluster }: EcsService, id: string): string {
  const [, , , region = "", account = ""] = arn.split(":");
  return `arn:aws:ecs:${region}:${account}:task/${cluster.split("/").at(-1) ?? cluster}/${id}`;
}
