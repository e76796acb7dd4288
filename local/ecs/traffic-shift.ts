import type { Cancel, Clock } from "../clock.ts";
import { LONGEST_STAGE_MILLISECONDS, type LifecycleStage, type ShiftStep } from "./shift-stages.ts";

/** What a deployment that shifts traffic does to its service, and asks of it. */
export interface ShiftEffects {
  /** A stage begins. */
  entered(stage: LifecycleStage): void;
  /** The new revision has this share of the test or the production traffic from now on, in percent. */
  shifted(traffic: "test" | "production", percent: number): void;
  /** Whether what a step waits for has come about. */
  isSo(condition: NonNullable<ShiftStep["until"]>): boolean;
  /** A wait is over; `look` goes on. */
  elapsed(): void;
  /** The last step is done. */
  done(): void;
  /** A stage has lasted too long. */
  timedOut(stage: LifecycleStage): void;
}

/** Takes a deployment through its steps, on the clock. */
export class TrafficShift {
  readonly #steps: ShiftStep[];
  readonly #clock: Clock;
  readonly #effects: ShiftEffects;
  #step: ShiftStep | undefined;
  #stage: LifecycleStage | undefined;
  #until: number | undefined;
  #cancelStage: Cancel = () => undefined;
  #cancelWait: Cancel = () => undefined;
  #closed = false;

  constructor(steps: readonly ShiftStep[], clock: Clock, effects: ShiftEffects) {
    this.#steps = [...steps];
    this.#clock = clock;
    this.#effects = effects;
  }

  get stage(): LifecycleStage | undefined {
    return this.#stage;
  }

  /** Goes on as far as it can; called at the beginning, and whenever something has changed. */
  look(): void {
    while (!this.#closed && this.#isStepDone()) {
      const next = this.#steps.shift();
      if (next === undefined) {
        this.close();
        this.#effects.done();
        return;
      }
      this.#begin(next);
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelStage();
    this.#cancelWait();
  }

  #isStepDone(): boolean {
    if (this.#until !== undefined && this.#clock.now() < this.#until) return false;
    const until = this.#step?.until;
    return until === undefined || this.#effects.isSo(until);
  }

  #begin(step: ShiftStep): void {
    this.#step = step;
    if (step.stage !== this.#stage) this.#enter(step.stage);
    for (const traffic of ["test", "production"] as const) {
      const percent = step[traffic];
      if (percent !== undefined) this.#effects.shifted(traffic, percent);
    }
    this.#until = this.#clock.now() + (step.milliseconds ?? 0);
    if (step.milliseconds !== undefined && step.milliseconds > 0) {
      this.#cancelWait = this.#clock.after(step.milliseconds, () => {
        this.#effects.elapsed();
      });
    }
  }

  #enter(stage: LifecycleStage): void {
    this.#stage = stage;
    this.#cancelStage();
    this.#cancelStage = this.#clock.after(LONGEST_STAGE_MILLISECONDS, () => {
      this.close();
      this.#effects.timedOut(stage);
    });
    this.#effects.entered(stage);
  }
}
