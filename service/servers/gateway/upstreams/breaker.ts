import type { Clock } from "../../../runtime/telemetry/clock.ts";
import type { BreakerState } from "./events.ts";

/** So many calls in a row have to fail, none of them answered meanwhile… */
const FAILURES = 5;
/** …within so many milliseconds. */
const WINDOW_MILLISECONDS = 10_000;
/** Waits before the first probe and the further ones: with {@link PROBE_MILLISECONDS}, an upstream that is back is used again within 5 s. */
const WAITS_MILLISECONDS = [500, 1000, 2000];
/** How long a probe may take. */
export const PROBE_MILLISECONDS = 2000;

/**
 * Stops calling an upstream that fails: it opens after five failures within ten seconds without a success between them, and closes when a probe
 * is answered. A success starts the count anew, so that one tool that fails among others that work takes nothing away from them.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #probe: () => Promise<boolean>;
  readonly #changed: (from: BreakerState, to: BreakerState) => void;
  #state: BreakerState = "closed";
  #failures: number[] = [];
  #probes = 0;
  #cancel: (() => void) | undefined;
  #closed = false;

  /** @param probe whether the upstream answers; it ends within {@link PROBE_MILLISECONDS} and does not throw. */
  constructor(
    clock: Clock,
    probe: () => Promise<boolean>,
    changed: (from: BreakerState, to: BreakerState) => void,
  ) {
    this.#clock = clock;
    this.#probe = probe;
    this.#changed = changed;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether calls may go to the upstream. */
  get admits(): boolean {
    return this.#state === "closed";
  }

  succeeded(): void {
    if (this.#failures.length > 0) this.#failures = [];
  }

  failed(): void {
    if (this.#state !== "closed" || this.#closed) return;
    const now = this.#clock.now();
    this.#failures = this.#failures.filter((time) => now - time < WINDOW_MILLISECONDS);
    this.#failures.push(now);
    if (this.#failures.length < FAILURES) return;
    this.#failures = [];
    this.#probes = 0;
    this.#become("open");
    this.#wait();
  }

  /** Ends the timers. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #wait(): void {
    const milliseconds =
      WAITS_MILLISECONDS[Math.min(this.#probes++, WAITS_MILLISECONDS.length - 1)];
    this.#cancel = this.#clock.after(milliseconds ?? 0, () => void this.#tryAgain());
  }

  async #tryAgain(): Promise<void> {
    this.#become("half-open");
    const answers = await this.#probe();
    if (this.#closed) return;
    this.#become(answers ? "closed" : "open");
    if (!answers) this.#wait();
  }

  #become(state: BreakerState): void {
    const from = this.#state;
    this.#state = state;
    this.#changed(from, state);
  }
}
