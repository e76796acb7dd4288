import type { Cancel, Clock } from "../clock.ts";
import type { HealthCheck } from "../graph/container-definition.ts";
import { judged, UNKNOWN_HEALTH, type Health, type HealthStatus } from "./container-health.ts";

/** One check at work. */
export interface Probe {
  /** What it found; it is no more asked once it has been ended. */
  readonly result: Promise<ProbeResult>;
  /** Ends it, its time being up. */
  end(): void;
}

export interface ProbeResult {
  readonly passed: boolean;
  /** Why it failed. */
  readonly reason: string;
}

/** How checks are made here. */
export interface HealthMonitorOptions {
  readonly clock: Clock;
  /** How much faster than the machine the clock goes: a command takes the machine's time. */
  readonly speed: number;
  /**
   * Whether to look each second until the first pass, instead of after a whole interval as AWS does: so that a run here is ready in seconds. It makes
   * nothing healthy that would not be, nor unhealthy sooner.
   */
  readonly eager: boolean;
}

/** What a command gets at least, in seconds of the machine: a process may start slowly here. */
const LEAST_TIMEOUT_SECONDS = 2;

/** Asks a container for its health, each interval after the end of the check before. */
export class HealthMonitor {
  readonly #check: HealthCheck;
  readonly #options: HealthMonitorOptions;
  readonly #probe: () => Probe;
  readonly #changed: (status: HealthStatus, reason: string) => void;
  readonly #startedAt: number;
  #health: Health = UNKNOWN_HEALTH;
  #cancel: Cancel = () => undefined;
  #running: Probe | undefined;

  /** Begins with the start of the container. */
  constructor(
    check: HealthCheck,
    options: HealthMonitorOptions,
    probe: () => Probe,
    changed: (status: HealthStatus, reason: string) => void,
  ) {
    this.#check = check;
    this.#options = options;
    this.#probe = probe;
    this.#changed = changed;
    this.#startedAt = options.clock.now();
    this.#wait();
  }

  get status(): HealthStatus {
    return this.#health.status;
  }

  stop(): void {
    this.#cancel();
    const running = this.#running;
    this.#running = undefined;
    running?.end();
  }

  #wait(): void {
    const { clock, speed } = this.#options;
    const seconds = this.#isEager(this.#seconds()) ? speed : this.#check.interval;
    this.#cancel = clock.after(seconds * 1000, () => {
      this.#ask();
    });
  }

  #ask(): void {
    const { clock, speed } = this.#options;
    const startedSeconds = this.#seconds();
    const probe = this.#probe();
    this.#running = probe;
    const ended = (result: ProbeResult): void => {
      if (this.#running !== probe) return;
      this.#running = undefined;
      this.#cancel();
      this.#judge(result, startedSeconds);
      this.#wait();
    };
    const timeout = Math.max(this.#check.timeout, LEAST_TIMEOUT_SECONDS * speed);
    this.#cancel = clock.after(timeout * 1000, () => {
      ended({ passed: false, reason: `no answer within ${this.#check.timeout} seconds` });
      probe.end();
    });
    void probe.result.then(ended);
  }

  #judge({ passed, reason }: ProbeResult, startedSeconds: number): void {
    if (!passed && this.#isEager(startedSeconds)) return;
    const before = this.#health.status;
    this.#health = judged(this.#check, this.#health, passed, startedSeconds);
    if (this.#health.status !== before) this.#changed(this.#health.status, reason);
  }

  /** Whether AWS would not have asked yet. */
  #isEager(startedSeconds: number): boolean {
    return this.#options.eager && !this.#health.passed && startedSeconds < this.#check.interval;
  }

  #seconds(): number {
    return (this.#options.clock.now() - this.#startedAt) / 1000;
  }
}
