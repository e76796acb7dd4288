import type { TaskFailure } from "./circuit-breaker.ts";
import { AlarmWatch } from "./deployment-alarms.ts";
import type { Deployments } from "./deployments.ts";
import type { ScheduledTask } from "./scheduled-task.ts";
import type { ServiceTasks } from "./service-tasks.ts";
import { shiftSteps, type LifecycleStage } from "./shift-stages.ts";
import type { ServiceSurroundings } from "./surroundings.ts";
import { TrafficShift } from "./traffic-shift.ts";

/** What a rollout tells its scheduler, and asks of it. */
export interface RolloutEvents {
  tell(text: string): void;
  /** Something is to be done now that was not before. */
  changed(): void;
  steady(): void;
  /** @param failure why the deployment failed, as what follows "failed". */
  stalled(failure: string): void;
  desiredCount(): number;
}

/** What becomes of the deployment that runs: its traffic, its alarms, its circuit breaker, its end. */
export class Rollout {
  readonly #tasks: ServiceTasks;
  readonly #deployments: Deployments;
  readonly #surroundings: ServiceSurroundings;
  readonly #events: RolloutEvents;
  #shift: TrafficShift | undefined;
  #watch: AlarmWatch | undefined;
  /** Until when a rolling deployment that is through watches its alarms. */
  #bakedAt: number | undefined;

  constructor(
    tasks: ServiceTasks,
    deployments: Deployments,
    surroundings: ServiceSurroundings,
    events: RolloutEvents,
  ) {
    this.#tasks = tasks;
    this.#deployments = deployments;
    this.#surroundings = surroundings;
    this.#events = events;
  }

  /** Whether two revisions are kept side by side. */
  get isShifting(): boolean {
    return this.#shift !== undefined;
  }

  /** Of a deployment that shifts traffic. */
  get stage(): LifecycleStage | undefined {
    return this.#shift?.stage;
  }

  /** Whether the primary revision has all of the traffic and none is left to go back to: what comes next comes after it. */
  get isBeyondReturn(): boolean {
    if (this.stage === "CLEAN_UP") return true;
    const isFirst = this.#deployments.completed === undefined;
    return (
      isFirst && (this.stage === "POST_PRODUCTION_TRAFFIC_SHIFT" || this.stage === "BAKE_TIME")
    );
  }

  /** Begins with the primary revision. */
  begin(): void {
    const { revision } = this.#deployments.primary;
    const { clock, alarmState } = this.#surroundings;
    this.#watch = new AlarmWatch(revision.alarms.names, alarmState, clock, (alarm) => {
      const reason = `the alarm \`${alarm}\` is in ALARM`;
      this.#failed("by an alarm", reason, revision.alarms.rollback);
      this.#events.changed();
    });
    if (revision.strategy !== "ROLLING") this.#beginShift();
  }

  /** Ends what watches the deployment. */
  end(): void {
    this.#shift?.close();
    this.#shift = undefined;
    this.#watch?.close();
    this.#watch = undefined;
    this.#bakedAt = undefined;
  }

  /** Takes a deployment that shifts traffic as far as it can go now. */
  look(): void {
    const before = this.stage;
    this.#shift?.look();
    if (this.stage !== before) this.#events.changed();
  }

  /** Completes a rolling deployment that is through, when its alarms have been watched. */
  bake(): void {
    const { clock } = this.#surroundings;
    const { primary } = this.#deployments;
    if (this.#bakedAt === undefined) {
      // A rollback is not taken back: its alarms are not watched.
      const seconds = this.#watch === undefined ? 0 : primary.revision.alarms.bakeSeconds;
      this.#bakedAt = clock.now() + seconds * 1000;
      if (seconds > 0) {
        primary.stage = "BAKE_TIME";
        this.#events.tell(
          `watches its alarms for ${seconds} s more; until then no rollback would come back to this revision`,
        );
        clock.after(seconds * 1000, this.#events.changed.bind(this.#events));
      }
      this.#events.steady();
    }
    if (clock.now() >= this.#bakedAt) this.#complete();
  }

  /** Counts the failure of a task, once; the circuit breaker may end the deployment by it. */
  fail({ deployment, running }: ScheduledTask, failure: TaskFailure, reason: string): void {
    const { id, lastLines } = running.task;
    if (!deployment.countFailure(id)) return;
    if (deployment !== this.#deployments.primary || !deployment.isInProgress) return;
    const { breaker, revision } = deployment;
    if (!breaker.failed(id, failure)) return;
    this.#failed(
      `after ${breaker.failures} failures`,
      [reason, ...lastLines].join("\n"),
      revision.circuitBreaker.rollback,
    );
  }

  #beginShift(): void {
    const { primary, completed } = this.#deployments;
    const { strategy, trafficShift } = primary.revision;
    this.#deployments.sendAllTo(completed ?? primary);
    // Before the first revision nobody has the traffic that would be shifted step by step.
    const steps = shiftSteps(completed === undefined ? "BLUE_GREEN" : strategy, trafficShift);
    this.#shift = new TrafficShift(steps, this.#surroundings.clock, {
      entered: (stage) => {
        this.#enter(stage);
      },
      shifted: (traffic, percent) => {
        if (completed === undefined) return;
        this.#deployments.send(traffic, percent);
        this.#events.tell(`${percent} % of the ${traffic} traffic to revision ${primary.number}`);
      },
      isSo: (condition) =>
        condition === "green healthy" ? this.#isScaledUp() : this.#areOthersGone(),
      elapsed: this.#events.changed.bind(this.#events),
      done: () => {
        this.#complete();
        if (completed !== undefined) this.#events.steady();
      },
      timedOut: (stage) => {
        this.#failed(`in ${stage}`, `the stage ${stage} lasted longer than 24 hours`, true);
        this.#events.changed();
      },
    });
  }

  #enter(stage: LifecycleStage): void {
    const { primary, completed } = this.#deployments;
    primary.stage = stage;
    if (stage === "CLEAN_UP") {
      // Nothing is left to go back to.
      this.#watch?.close();
      if (completed !== undefined) completed.wanted = 0;
    }
    if (stage === "POST_PRODUCTION_TRAFFIC_SHIFT" && completed === undefined) this.#events.steady();
  }

  #complete(): void {
    this.end();
    this.#deployments.complete();
    this.#events.changed();
  }

  /** The first of the circuit breaker, an alarm and a stage that takes too long ends a deployment. */
  #failed(cause: string, reason: string, rollback: boolean): void {
    this.end();
    const desired = this.#events.desiredCount();
    if (this.#deployments.fail(`failed ${cause}: ${reason}`, rollback, desired)) {
      this.#events.tell(`deployment failed ${cause}, rolling back: ${reason}`);
      return;
    }
    this.#events.tell(`deployment failed ${cause}`);
    this.#events.stalled(`${cause}: ${reason}`);
  }

  #isScaledUp(): boolean {
    const green = this.#tasks.of(this.#deployments.primary);
    const healthy = green.filter((task) => this.#tasks.state(task) === "healthy");
    return healthy.length >= this.#events.desiredCount();
  }

  /** Whether only the revisions run that this stage knows. */
  #areOthersGone(): boolean {
    const { primary, completed } = this.#deployments;
    const known = [primary, this.stage === "CLEAN_UP" ? undefined : completed];
    return this.#tasks.all.every(({ deployment }) => known.includes(deployment));
  }
}
