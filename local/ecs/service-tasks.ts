import type { Deployment } from "./deployment.ts";
import { launch, type RunningTask } from "./running-task.ts";
import { observed, type ScheduledTask } from "./scheduled-task.ts";
import type { ServiceSurroundings } from "./surroundings.ts";
import type { TaskFacts } from "./plan.ts";
import { UNCHECKED_MILLISECONDS } from "./task-health.ts";
import type { StopCode } from "./task-status.ts";

/**
 * How long ECS takes to notice that a task has ended. AWS names no figure ("seconds"); until then the load balancer goes on sending the
 * task its share, and clients get 502.
 */
export const STOP_NOTICE_MILLISECONDS = 3000;

/** What the tasks of a service tell its scheduler. */
export interface ServiceTaskEvents {
  /** Something that a line says. */
  tell(text: string, task: ScheduledTask): void;
  /** A task has come to RUNNING. */
  running(task: ScheduledTask): void;
  /** A task that nobody had stopped has ended, and ECS has noticed. */
  died(task: ScheduledTask, reason: string, stopCode: StopCode): void;
  /** Something has changed that the scheduler may want to act on. */
  changed(): void;
}

/** The tasks of one service: started, registered, deregistered and stopped. */
export class ServiceTasks {
  readonly #surroundings: ServiceSurroundings;
  readonly #events: ServiceTaskEvents;
  readonly #tasks = new Map<string, ScheduledTask>();
  #closed = false;
  #onEmpty: () => void = () => undefined;

  constructor(surroundings: ServiceSurroundings, events: ServiceTaskEvents) {
    this.#surroundings = surroundings;
    this.#events = events;
  }

  get all(): readonly ScheduledTask[] {
    return [...this.#tasks.values()];
  }

  find(id: string): ScheduledTask | undefined {
    return this.#tasks.get(id);
  }

  of(deployment: Deployment): readonly ScheduledTask[] {
    return this.all.filter((task) => task.deployment === deployment);
  }

  state(task: ScheduledTask): TaskFacts["state"] {
    return observed(task, this.#surroundings);
  }

  /** @param zone where to; default: where the fewest are. */
  launch(deployment: Deployment, zone?: string): ScheduledTask {
    const { launchTask = launch } = this.#surroundings;
    const running: RunningTask = launchTask(
      deployment.revision,
      this.all.map((task) => task.running),
      this.#surroundings,
      {
        running: () => {
          this.#onRunning(task);
        },
        stopped: (reason, stopCode) => {
          this.#onStopped(task, reason, stopCode);
        },
        healthChanged: (status) => {
          // What nobody reports, as of a task that has died, changes nothing.
          if (status !== "UNKNOWN")
            this.#surroundings.names?.setHealth(running.task.id, status === "HEALTHY");
          this.#events.changed();
        },
      },
      zone,
    );
    const task: ScheduledTask = { running, deployment, cutOff: false, ended: false };
    this.#tasks.set(running.task.id, task);
    this.#events.tell(`starting at ${running.task.address.host}`, task);
    running.task.start();
    return task;
  }

  /** The scheduler's way: deregistered first, and stopped only when the target groups have let the task go. */
  retire(task: ScheduledTask): void {
    if (task.running.leaving) return;
    task.running.leaving = true;
    this.#deregister(task, () => {
      this.#stop(task, "ServiceSchedulerInitiated");
    });
  }

  /** SIGTERM at once, while the target groups still let the task go; so people see StopTask and Spot do it. */
  stopNow(task: ScheduledTask, stopCode: StopCode): void {
    if (task.running.leaving) return;
    task.running.leaving = true;
    this.#deregister(task, () => undefined);
    this.#stop(task, stopCode);
  }

  /** Its zone loses power: the processes end, and nobody hears of it. */
  cutOff(task: ScheduledTask): void {
    if (task.cutOff) return;
    task.cutOff = true;
    task.running.task.kill();
  }

  /** Ends every task: SIGTERM, and SIGKILL after a grace that is short, since nobody is served any more. */
  async close(graceMilliseconds: number): Promise<void> {
    this.#closed = true;
    for (const task of this.all) if (task.ended) this.#forget(task);
    if (this.#tasks.size === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    const tasks = this.all.map(({ running }) => running.task);
    for (const task of tasks) task.stop();
    const cancel = this.#surroundings.clock.after(graceMilliseconds, () => {
      for (const task of tasks) task.kill();
    });
    await emptied;
    cancel();
  }

  #onRunning(task: ScheduledTask): void {
    const { running, deployment } = task;
    const { clock, names, targetGroup } = this.#surroundings;
    if (this.#closed || running.leaving) return;
    running.runningSince = clock.now();
    for (const { targetGroupArn, containerPort } of deployment.targets) {
      const { id, address } = running.task;
      const port = address.port(containerPort);
      targetGroup(targetGroupArn)?.register(id, address.host, port, running.zone);
    }
    for (const registryArn of deployment.revision.registryArns) {
      const { id, address, passesHealthChecks } = running.task;
      names?.register(registryArn, { id, address, healthy: passesHealthChecks });
    }
    // Failed checks begin to count when the grace is over; a task without any is healthy after a while.
    const changed = (): void => {
      this.#events.changed();
    };
    clock.after(deployment.revision.healthCheckGracePeriodSeconds * 1000, changed);
    clock.after(UNCHECKED_MILLISECONDS, changed);
    this.#events.running(task);
    changed();
  }

  #onStopped(task: ScheduledTask, reason: string, stopCode: StopCode): void {
    const { clock, metadata, standIns } = this.#surroundings;
    const { running } = task;
    task.ended = true;
    metadata.forget(running.task.id);
    standIns?.forget(running.task.id);
    if (running.leaving || this.#closed) {
      this.#events.tell("ended", task);
      this.#forget(task);
      return;
    }
    // ECS learns of it by the target groups; where there are none, AWS does not say how soon it knows of a host that is gone.
    const isRegistered = running.runningSince !== undefined && task.deployment.targets.length > 0;
    if (task.cutOff && isRegistered) return;
    this.#events.tell(`stopped: ${reason}`, task);
    clock.after(STOP_NOTICE_MILLISECONDS, () => {
      if (!this.#tasks.has(running.task.id) || running.leaving) return;
      running.leaving = true;
      // First, so that a deployment that fails by it launches nothing more.
      this.#events.died(task, reason, stopCode);
      this.#deregister(task, () => undefined);
      this.#forget(task);
    });
  }

  #deregister(task: ScheduledTask, drained: () => void): void {
    const { id } = task.running.task;
    this.#surroundings.names?.deregister(id);
    const groups = task.deployment.targets.flatMap(({ targetGroupArn }) => {
      const group = this.#surroundings.targetGroup(targetGroupArn);
      return group?.targets.some((target) => target.id === id) === true ? [group] : [];
    });
    let draining = groups.length;
    if (draining > 0) task.running.task.deactivate();
    else drained();
    for (const group of groups) {
      group.deregister(id, () => {
        if (--draining === 0) drained();
      });
    }
  }

  #stop(task: ScheduledTask, stopCode: StopCode): void {
    if (task.ended) {
      this.#forget(task);
      return;
    }
    this.#events.tell("stopping", task);
    task.running.task.stop(stopCode);
  }

  #forget(task: ScheduledTask): void {
    if (!this.#tasks.delete(task.running.task.id)) return;
    task.running.task.address.release();
    if (this.#tasks.size === 0) this.#onEmpty();
    this.#events.changed();
  }
}
