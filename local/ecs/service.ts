import type { EcsService } from "../graph/services.ts";
import type { DeploymentSnapshot } from "../snapshot/snapshot.ts";
import { deploymentSnapshot } from "./deployment-snapshot.ts";
import { Deployments } from "./deployments.ts";
import { Reconciler } from "./reconciler.ts";
import { Rollout } from "./rollout.ts";
import type { ScheduledTask } from "./scheduled-task.ts";
import { ServiceTasks } from "./service-tasks.ts";
import type { ServiceSurroundings } from "./surroundings.ts";
import { taskView, type TaskView } from "./task-view.ts";

/** The scheduler of one ECS service: keeps the wanted number of healthy tasks, and moves from one revision to the next. */
export class ServiceScheduler {
  readonly name: string;
  readonly #surroundings: ServiceSurroundings;
  readonly #tasks: ServiceTasks;
  readonly #deployments: Deployments;
  readonly #reconciler: Reconciler;
  readonly #rollout: Rollout;
  readonly #observedGroups = new Set<string>();
  #desired: number;
  #closed = false;
  #begun = false;
  #reconciling = false;
  #again = false;

  constructor(declared: EcsService, surroundings: ServiceSurroundings) {
    this.name = declared.name;
    this.#surroundings = surroundings;
    this.#desired = declared.desiredCount;
    this.#deployments = new Deployments(declared, surroundings);
    const changed = this.#reconcile.bind(this);
    const tell = this.#tell.bind(this);
    this.#tasks = new ServiceTasks(surroundings, {
      tell,
      running: ({ deployment }) => {
        deployment.breaker.running();
        deployment.throttle.running();
      },
      died: (task, reason, stopCode) => {
        const { running, deployment } = task;
        // A container that has started and ended is not held back, only one that never came so far.
        if (stopCode === "TaskFailedToStart") deployment.throttle.failed(surroundings.clock.now());
        if (running.everHealthy) return;
        const failure =
          running.runningSince === undefined ? "not-running" : "exited-before-healthy";
        this.#rollout.fail(task, failure, reason);
      },
      changed,
    });
    this.#reconciler = new Reconciler(this.#tasks, this.#deployments, surroundings, {
      tell,
      changed,
    });
    const { events } = surroundings;
    this.#rollout = new Rollout(this.#tasks, this.#deployments, surroundings, {
      tell,
      changed,
      steady: events.steady.bind(events, this.name),
      stalled: events.stalled.bind(events, this.name),
      desiredCount: () => this.#desired,
    });
  }

  get desiredCount(): number {
    return this.#desired;
  }

  get runningCount(): number {
    return this.#tasks.all.filter(
      ({ running }) => running.runningSince !== undefined && !running.leaving,
    ).length;
  }

  /** Whether a deployment runs: nothing scales in then, and nothing is moved between zones. */
  get isDeploying(): boolean {
    return this.#deployments.primary.isInProgress;
  }

  /** Whether the first deployment has begun. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /** The tasks, for those who draw them or kill them. */
  get tasks(): readonly TaskView[] {
    return this.#tasks.all.map((task) => taskView(task, this.#tasks.state(task)));
  }

  /** The latest deployments, the newest first. */
  get deployments(): readonly DeploymentSnapshot[] {
    const counted = this.#tasks.all.map((task) => ({
      deployment: task.deployment,
      state: this.#tasks.state(task),
      isRunning: task.running.runningSince !== undefined,
    }));
    return this.#deployments.all.map((one) => deploymentSnapshot(one, this.#desired, counted));
  }

  /** Starts the first deployment; that of a revision which misses something waits for one that does not. */
  start(): void {
    this.#surroundings.lostZones.onChange((zone, lost) => {
      const there = this.#tasks.all.filter(({ running }) => running.zone === zone);
      if (lost) for (const task of there) this.#tasks.cutOff(task);
      this.#reconcile();
    });
    if (this.#deployments.primary.revision.missing === undefined) this.#begin();
  }

  /** Moves to a new revision as its strategy and its limits say. */
  deploy(revision: EcsService): void {
    // Else the tasks that have all of the traffic would be stopped as those of a deployment that came to nothing.
    if (this.#rollout.isBeyondReturn) this.#deployments.complete();
    this.#rollout.end();
    this.#reconciler.endRebalancing();
    const { completed, primary } = this.#deployments;
    const staying = this.#tasks.all.filter(
      ({ deployment, running }) => deployment === completed && !running.leaving,
    );
    const serving = completed === primary ? this.#desired : staying.length;
    if (!revision.keepsDesiredCount) this.#desired = revision.desiredCount;
    this.#deployments.begin(revision, this.#desired, serving);
    this.#tell("deployment started");
    this.#begin();
  }

  /** Scales the service; a deployment that runs goes on with both of its revisions. */
  setDesiredCount(count: number, reason: string): void {
    if (count === this.#desired) return;
    this.#tell(`desired count ${this.#desired} → ${count}: ${reason}`);
    const { completed, primary } = this.#deployments;
    if (completed !== undefined && completed !== primary)
      completed.wanted = Math.max(0, completed.wanted + count - this.#desired);
    this.#desired = count;
    this.#reconcile();
  }

  /** Stops a task as the StopTask API does: SIGTERM and deregistration together. */
  stopTask(id: string): void {
    this.#stopNow(id, "UserInitiated");
  }

  /** Two minutes' notice for a task on Spot: the same, by AWS. */
  interruptSpot(id: string): void {
    this.#stopNow(id, "SpotInterruption");
  }

  /** SIGKILL to the processes of a task, as if it had crashed. */
  killTask(id: string): void {
    this.#tasks.find(id)?.running.task.crash();
  }

  /** Ends every task: SIGTERM, and SIGKILL after a grace that is short, since nobody is served any more. */
  async close(graceMilliseconds: number): Promise<void> {
    this.#closed = true;
    this.#rollout.end();
    await this.#tasks.close(graceMilliseconds);
  }

  #stopNow(id: string, stopCode: "UserInitiated" | "SpotInterruption"): void {
    const task = this.#tasks.find(id);
    if (task === undefined) return;
    this.#tasks.stopNow(task, stopCode);
    this.#reconcile();
  }

  /** Begins the deployment of the primary revision. */
  #begin(): void {
    const { revision } = this.#deployments.primary;
    this.#begun = true;
    this.#observe();
    for (const difference of [...revision.differences, ...revision.task.differences])
      this.#tell(difference);
    this.#rollout.begin();
    this.#reconcile();
  }

  /** Does what is to be done now, until nothing is; what it starts and stops may call for more. */
  #reconcile(): void {
    this.#again = true;
    if (this.#reconciling || !this.#begun) return;
    this.#reconciling = true;
    while (this.#again && !this.#closed) {
      this.#again = false;
      this.#judge();
      this.#step();
    }
    this.#reconciling = false;
  }

  /** A task that becomes healthy proves its revision; one that its health checks condemn counts against it, once. */
  #judge(): void {
    for (const task of this.#tasks.all) {
      const { running, deployment } = task;
      const state = this.#tasks.state(task);
      if (state === "healthy" && !running.everHealthy) {
        running.everHealthy = true;
        deployment.breaker.healthy();
      }
      if (state === "unhealthy")
        this.#rollout.fail(task, "health-check", "its health checks failed");
    }
  }

  #step(): void {
    const { primary } = this.#deployments;
    if (this.#rollout.isShifting) {
      this.#reconciler.keepBoth(this.#desired, this.#rollout.stage);
      this.#rollout.look();
    } else if (primary.rolloutState === "FAILED" && primary.revision.strategy !== "ROLLING") {
      // Without a rollback the traffic stays where it is, and so do those who have it. AWS says no more than that the deployment has failed.
      this.#reconciler.keepBoth(this.#desired, "PRODUCTION_TRAFFIC_SHIFT");
    } else {
      this.#reconciler.roll(this.#desired);
      if (!this.#isSteady()) return;
      if (primary.isInProgress) this.#rollout.bake();
      else if (primary.rolloutState === "COMPLETED") this.#reconciler.rebalance(this.#desired);
    }
  }

  #isSteady(): boolean {
    const { primary } = this.#deployments;
    const tasks = this.#tasks.all;
    return (
      tasks.length === this.#desired &&
      tasks.every((task) => task.deployment === primary && this.#tasks.state(task) === "healthy")
    );
  }

  /** Hears of every change in the target groups that its tasks may be in. */
  #observe(): void {
    const { targetGroup } = this.#surroundings;
    for (const { targetGroupArn, shift } of this.#deployments.primary.revision.loadBalancers) {
      for (const arn of [targetGroupArn, shift?.alternateTargetGroupArn]) {
        if (arn === undefined || this.#observedGroups.has(arn)) continue;
        this.#observedGroups.add(arn);
        targetGroup(arn)?.onStateChange((target, state) => {
          const task = this.#tasks.find(target.id);
          if (task === undefined) return;
          this.#tell(`target ${state}`, task);
          this.#reconcile();
        });
      }
    }
  }

  #tell(text: string, task?: ScheduledTask): void {
    this.#surroundings.events.happened(
      this.name,
      text,
      task && { id: task.running.task.id, zone: task.running.zone },
    );
  }
}
