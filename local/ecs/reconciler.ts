import type { Deployment } from "./deployment.ts";
import type { Deployments } from "./deployments.ts";
import { boundsOf, planStep, type Limits, type Step, type TaskFacts } from "./plan.ts";
import { zoneToFill } from "./rebalancing.ts";
import type { ScheduledTask } from "./scheduled-task.ts";
import type { ServiceTasks } from "./service-tasks.ts";
import type { LifecycleStage } from "./shift-stages.ts";
import { inStopOrder } from "./stop-order.ts";
import type { ServiceSurroundings } from "./surroundings.ts";

/** What a reconciler tells its scheduler. */
export interface ReconcilerEvents {
  tell(text: string): void;
  /** It can go on now where it had to wait. */
  changed(): void;
}

/** Starts and stops the tasks of a service, until they are those that its deployments want. */
export class Reconciler {
  readonly #tasks: ServiceTasks;
  readonly #deployments: Deployments;
  readonly #surroundings: ServiceSurroundings;
  readonly #events: ReconcilerEvents;
  readonly #throttled = new Set<Deployment>();
  #stuck: Deployment | undefined;
  /** The task that rebalancing has started and that is not healthy yet. */
  #moving: ScheduledTask | undefined;

  constructor(
    tasks: ServiceTasks,
    deployments: Deployments,
    surroundings: ServiceSurroundings,
    events: ReconcilerEvents,
  ) {
    this.#tasks = tasks;
    this.#deployments = deployments;
    this.#surroundings = surroundings;
    this.#events = events;
  }

  /** A step of a rolling deployment, or of a service in steady state. */
  roll(desired: number): void {
    const { primary, others } = this.#deployments;
    const oldDesired = others.reduce((sum, { wanted }) => sum + wanted, 0);
    const limits = { ...limitsOf(primary, desired), oldDesired };
    // A task that is to change zones is one too many on purpose, until it can take over.
    if (this.#moving !== undefined && this.#tasks.state(this.#moving) !== "starting")
      this.#moving = undefined;
    const tasks = this.#tasks.all.filter((task) => task !== this.#moving);
    const step = planStep(limits, this.#factsOf(tasks, primary));
    for (const task of this.#stopped(step)) {
      const { deployment } = task;
      // It makes room for the new revision; an unhealthy one is replaced.
      if (deployment !== primary && this.#tasks.state(task) !== "unhealthy")
        deployment.wanted = Math.max(0, deployment.wanted - 1);
      this.#tasks.retire(task);
    }
    const kept = others.find(({ wanted }) => wanted > 0);
    if (kept !== undefined) this.#launch(kept, step.startOld);
    this.#launch(primary, step.start);
    if (step.stuck) this.#tellStuck(limits);
  }

  /**
   * While traffic is shifted, both revisions are kept at the full count, each within its own limits; others go.
   *
   * @param stage undefined before the first one.
   */
  keepBoth(desired: number, stage: LifecycleStage | undefined): void {
    const { all, primary, completed } = this.#deployments;
    const isWaiting = stage === undefined || stage === "RECONCILE_SERVICE";
    for (const deployment of all) {
      const isKept =
        (deployment === primary && !isWaiting) ||
        (deployment === completed && stage !== "CLEAN_UP");
      const tasks = this.#factsOf(this.#tasks.of(deployment), deployment);
      const step = planStep(limitsOf(deployment, isKept ? desired : 0), tasks);
      for (const task of this.#stopped(step)) this.#tasks.retire(task);
      this.#launch(deployment, step.start);
    }
  }

  /** Evens out the tasks over the zones, one at a time; how soon AWS looks is not known. */
  rebalance(desired: number): void {
    const { primary } = this.#deployments;
    const { revision, throttle } = primary;
    const { clock, lostZones } = this.#surroundings;
    const occupied = this.#tasks.all.map(({ running }) => running.zone);
    const { upper } = boundsOf(limitsOf(primary, desired));
    const hasRoom = occupied.length < upper && throttle.remaining(clock.now()) === 0;
    if (!revision.rebalancesZones || !hasRoom) return;
    const zones = revision.zones.filter((zone) => !lostZones.isLost(zone));
    const zone = zoneToFill({ zones, occupied, maximumPercent: revision.maximumPercent });
    if (zone === undefined) return;
    this.#events.tell(`rebalancing zones: one more in ${zone}, then one less where most are`);
    this.#moving = this.#tasks.launch(primary, zone);
  }

  /** A deployment ends rebalancing (ECS guide, "Balancing an Amazon ECS service across Availability Zones"). */
  endRebalancing(): void {
    this.#moving = undefined;
  }

  #stopped({ stop }: Step): ScheduledTask[] {
    return stop.flatMap((id) => this.#tasks.find(id) ?? []);
  }

  #factsOf(tasks: readonly ScheduledTask[], current: Deployment): TaskFacts[] {
    const placed = tasks.map((task) => ({
      id: task.running.task.id,
      zone: task.running.zone,
      current: task.deployment === current,
      state: this.#tasks.state(task),
    }));
    return inStopOrder(placed, this.#surroundings.random ?? Math.random);
  }

  #launch(deployment: Deployment, count: number): void {
    const { clock, lostZones } = this.#surroundings;
    if (count === 0 || deployment.rolloutState === "FAILED") return;
    // How soon AWS places nothing in a zone without power is not known.
    if (deployment.revision.zones.every((zone) => lostZones.isLost(zone))) return;
    const wait = deployment.throttle.remaining(clock.now());
    if (wait === 0) {
      for (let started = 0; started < count; started++) this.#tasks.launch(deployment);
      return;
    }
    if (this.#throttled.has(deployment)) return;
    this.#throttled.add(deployment);
    this.#events.tell(
      `is unable to start tasks that come to RUNNING: the next one starts in ${Math.ceil(wait / 60_000)} min`,
    );
    clock.after(wait, () => {
      this.#throttled.delete(deployment);
      this.#events.changed();
    });
  }

  /** Says it once. */
  #tellStuck({ desired, minimumHealthyPercent, maximumPercent }: Limits): void {
    const { primary } = this.#deployments;
    if (this.#stuck === primary) return;
    this.#stuck = primary;
    this.#events.tell(
      "was unable to stop or start tasks during a deployment because of the service deployment configuration:" +
        ` of ${desired} tasks ${minimumHealthyPercent} % stay healthy and at most ${maximumPercent} % exist`,
    );
  }
}

function limitsOf({ revision }: Deployment, desired: number): Limits {
  const { minimumHealthyPercent, maximumPercent } = revision;
  return { desired, minimumHealthyPercent, maximumPercent };
}
