import type { Cancel, Clock } from "../clock.ts";

/** What an alarm says; undefined where there is none of that name here. */
export type AlarmState = (name: string) => "OK" | "ALARM" | "INSUFFICIENT_DATA" | undefined;

/** ECS asks CloudWatch by DescribeAlarms; how often is not documented. */
const POLL_MILLISECONDS = 60_000;

/**
 * Watches the alarms of one deployment (ECS guide, "How CloudWatch alarms detect Amazon ECS deployment failures"). One that is in ALARM when the
 * deployment starts is ignored until it ends.
 */
export class AlarmWatch {
  readonly #names: readonly string[];
  readonly #state: AlarmState;
  readonly #clock: Clock;
  readonly #onAlarm: (name: string) => void;
  #cancel: Cancel = () => undefined;

  /** @param onAlarm called once. */
  constructor(
    names: readonly string[],
    state: AlarmState,
    clock: Clock,
    onAlarm: (name: string) => void,
  ) {
    this.#names = names.filter((name) => state(name) !== "ALARM");
    this.#state = state;
    this.#clock = clock;
    this.#onAlarm = onAlarm;
    this.#poll();
  }

  close(): void {
    this.#cancel();
  }

  #poll(): void {
    if (this.#names.length === 0) return;
    this.#cancel = this.#clock.after(POLL_MILLISECONDS, () => {
      const ringing = this.#names.find((name) => this.#state(name) === "ALARM");
      if (ringing === undefined) this.#poll();
      else this.#onAlarm(ringing);
    });
  }
}
