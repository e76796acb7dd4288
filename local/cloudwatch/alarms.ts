import type { Cancel, Clock } from "../clock.ts";
import type { AlarmSnapshot } from "../snapshot/snapshot.ts";
import type { AlarmDefinition } from "./alarm-definition.ts";
import { evaluateAlarm, METRIC_DELAY_SECONDS } from "./alarm-evaluation.ts";
import type { AlarmState } from "./alarm-state.ts";
import type { MetricStore } from "./metric-store.ts";

/** An alarm has come into another state. */
export interface AlarmChange {
  readonly alarm: AlarmDefinition;
  readonly state: AlarmState;
  readonly before: AlarmState;
  readonly reason: string;
}

/** An alarm calls for one of its actions. */
export interface AlarmAction {
  readonly alarm: AlarmDefinition;
  readonly state: AlarmState;
  /** What is to act. */
  readonly arn: string;
  /** What the alarm was evaluated from, the newest last. */
  readonly values: readonly number[];
}

interface Watched {
  readonly definition: AlarmDefinition;
  state: AlarmState;
  since: number;
  reason: string;
  values: readonly number[];
  actedAt: number;
}

const TICK = 10_000;
const MINUTE = 60_000;

/** Actions of Auto Scaling alone are repeated while the state lasts (CloudWatch guide, "Alarm actions"). */
const SCALING_ACTION = /^arn:[^:]*:autoscaling:/u;

/** Watches alarms: those with periods of less than a minute every ten seconds, all others every minute. */
export class Alarms {
  readonly #clock: Clock;
  readonly #store: MetricStore;
  readonly #alarms = new Map<string, Watched>();
  readonly #changeListeners = new Set<(change: AlarmChange) => void>();
  readonly #actionListeners = new Set<(action: AlarmAction) => void>();
  readonly #isCompleted: (service: string) => boolean;
  #cancel: Cancel = () => undefined;

  /** @param isCompleted whether the first deployment of a service is over; alarms that are created after it are not there before. */
  constructor(
    definitions: readonly AlarmDefinition[],
    clock: Clock,
    store: MetricStore,
    isCompleted: (service: string) => boolean = () => true,
  ) {
    this.#clock = clock;
    this.#store = store;
    this.#isCompleted = isCompleted;
    for (const definition of definitions) this.add(definition);
  }

  add(definition: AlarmDefinition): void {
    const { watches } = definition;
    this.#alarms.set(definition.name, {
      definition,
      state: "INSUFFICIENT_DATA",
      since: this.#clock.now(),
      reason:
        watches.kind === "unwatchable"
          ? watches.reason
          : definition.after.every(this.#isCompleted)
            ? "not evaluated yet"
            : "created when the first deployment of its service is over",
      values: [],
      actedAt: Number.NEGATIVE_INFINITY,
    });
  }

  start(): void {
    this.#schedule(this.#nextTick(this.#clock.now()));
  }

  close(): void {
    this.#cancel();
  }

  /** @param alarm its name or its ARN. Undefined where there is none. */
  state(alarm: string): AlarmState | undefined {
    return this.#find(alarm)?.state;
  }

  /** The newest value that an alarm was evaluated from. */
  latestValue(alarm: string): number | undefined {
    return this.#find(alarm)?.values.at(-1);
  }

  /** The first alarm that calls something when it rings. */
  calling(arn: string): AlarmDefinition | undefined {
    return [...this.#alarms.values()].find(({ definition }) =>
      definition.actions.ALARM.includes(arn),
    )?.definition;
  }

  snapshot(alarm: string): AlarmSnapshot | undefined {
    const watched = this.#find(alarm);
    return watched === undefined ? undefined : snapshotOf(watched);
  }

  get snapshots(): readonly AlarmSnapshot[] {
    return [...this.#alarms.values()].map(snapshotOf);
  }

  onChange(listener: (change: AlarmChange) => void): void {
    this.#changeListeners.add(listener);
  }

  onAction(listener: (action: AlarmAction) => void): void {
    this.#actionListeners.add(listener);
  }

  #find(alarm: string): Watched | undefined {
    return (
      this.#alarms.get(alarm) ??
      [...this.#alarms.values()].find(({ definition }) => definition.arn === alarm)
    );
  }

  /** A little after the tens of seconds by the clock on the wall, when what they measured is there. */
  #nextTick(now: number): number {
    const delay = METRIC_DELAY_SECONDS * 1000;
    return this.#store.startOfPeriod(now - delay, TICK) + TICK + delay;
  }

  #schedule(at: number): void {
    this.#cancel = this.#clock.after(at - this.#clock.now(), () => {
      this.#evaluate(at);
      // A process that was held up does not catch up on what it missed.
      this.#schedule(this.#nextTick(Math.max(at, this.#clock.now())));
    });
  }

  #evaluate(at: number): void {
    const tick = at - METRIC_DELAY_SECONDS * 1000;
    const onMinute = this.#store.startOfPeriod(tick, MINUTE) === tick;
    for (const watched of this.#alarms.values()) {
      const { watches, after } = watched.definition;
      if (!after.every(this.#isCompleted)) continue;
      if (watches.kind !== "metric" || (watches.periodSeconds >= 60 && !onMinute)) continue;
      const { state, reason, values } = evaluateAlarm(watches, this.#store, at, watched.state);
      watched.values = values;
      this.#enter(watched, state, reason);
    }
    this.#evaluateComposites();
    for (const watched of this.#alarms.values()) this.#repeat(watched);
  }

  /** Each may name others, composite ones included; no chain is longer than there are alarms. */
  #evaluateComposites(): void {
    for (let round = 0; round <= this.#alarms.size; round++) {
      let changed = false;
      for (const watched of this.#alarms.values()) {
        const { watches, after } = watched.definition;
        if (watches.kind !== "composite" || !after.every(this.#isCompleted)) continue;
        const state = watches.rule((name) => this.state(name)) ? "ALARM" : "OK";
        changed ||= state !== watched.state;
        this.#enter(watched, state, `its rule is ${state === "ALARM" ? "true" : "false"}`);
      }
      if (!changed) return;
    }
  }

  #enter(watched: Watched, state: AlarmState, reason: string): void {
    const { state: before, definition: alarm } = watched;
    watched.reason = reason;
    if (state === before) return;
    watched.state = state;
    watched.since = this.#clock.now();
    for (const listener of this.#changeListeners) listener({ alarm, state, before, reason });
    this.#act(watched, alarm.actions[state]);
  }

  #repeat(watched: Watched): void {
    if (this.#clock.now() - watched.actedAt < MINUTE) return;
    const { actions } = watched.definition;
    const repeated = actions[watched.state].filter((arn) => SCALING_ACTION.test(arn));
    if (repeated.length > 0) this.#act(watched, repeated);
  }

  #act(watched: Watched, arns: readonly string[]): void {
    const { definition: alarm, state, values } = watched;
    watched.actedAt = this.#clock.now();
    for (const arn of arns) {
      for (const listener of this.#actionListeners) listener({ alarm, state, arn, values });
    }
  }
}

function snapshotOf({ definition, state, since, reason }: Watched): AlarmSnapshot {
  const { name, description, ofScaling } = definition;
  return { name, state, since, reason, description, ofScaling };
}
