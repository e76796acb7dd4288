import { Agent, request } from "node:http";
import type { Cancel, Clock } from "../clock.ts";
import type { HealthCheck, TargetGroup } from "../graph/target-groups.ts";
import {
  chooseTarget,
  isMatch,
  newTarget,
  observe,
  type Target,
  type TargetState,
} from "./targets.ts";

/** Asks a target whether it is well. */
export type Prober = (target: Target, check: HealthCheck) => Promise<boolean>;

/** Called after a target's state has changed. */
export type StateListener = (target: Target, state: TargetState) => void;

/** A target group at work: who is registered, how they are, who is next. */
export class RunningTargetGroup {
  #declared: TargetGroup;
  readonly #clock: Clock;
  readonly #probe: Prober;
  readonly #targets = new Map<string, Target>();
  readonly #timers = new Map<string, Cancel>();
  readonly #agents = new Map<string, Agent>();
  readonly #listeners = new Set<StateListener>();
  #turn = 0;

  constructor(declared: TargetGroup, clock: Clock, probe: Prober = probeOverHttp) {
    this.#declared = declared;
    this.#clock = clock;
    this.#probe = probe;
  }

  /** Takes new settings; they count from the next check, request or deregistration on. */
  update(declared: TargetGroup): void {
    this.#declared = declared;
  }

  /** Every registered target, draining ones included. */
  get targets(): readonly Target[] {
    return [...this.#targets.values()];
  }

  onStateChange(listener: StateListener): void {
    this.#listeners.add(listener);
  }

  /** Registers a target; its first check is made at once, the next ones at the interval. */
  register(id: string, address: string, port: number): void {
    const target = newTarget(id, address, port);
    this.#targets.set(id, target);
    this.#agents.set(id, new Agent({ keepAlive: true }));
    this.#check(target);
  }

  /**
   * Takes a target out: no new requests at once, and those in flight may finish within the deregistration delay. As on AWS, the target stays
   * `draining` for the whole delay, even with nothing in flight.
   *
   * @param drained called when the delay is over.
   */
  deregister(id: string, drained: () => void): void {
    const target = this.#targets.get(id);
    if (target === undefined || target.state === "draining") return;
    this.#timers.get(id)?.();
    this.#setState(target, "draining");
    this.#timers.set(
      id,
      this.#clock.after(this.#declared.deregistrationDelaySeconds * 1000, () => {
        this.#remove(id);
        drained();
      }),
    );
  }

  /** The target of the next request, and the connections kept to it. */
  next(): { target: Target; agent: Agent } | undefined {
    const { algorithm, maxConcurrency } = this.#declared;
    const target = chooseTarget(this.targets, algorithm, this.#turn++, maxConcurrency);
    const agent = target && this.#agents.get(target.id);
    return target === undefined || agent === undefined ? undefined : { target, agent };
  }

  /** Forgets every target and closes every connection. */
  close(): void {
    for (const id of [...this.#targets.keys()]) this.#remove(id);
  }

  #remove(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
    this.#targets.delete(id);
    // The delay is over: what is still in flight is cut, and the client gets a 502.
    this.#agents.get(id)?.destroy();
    this.#agents.delete(id);
  }

  #check(target: Target): void {
    const { healthCheck } = this.#declared;
    // The interval is fixed: a slow answer does not shift the next check.
    this.#timers.set(
      target.id,
      this.#clock.after(healthCheck.intervalSeconds * 1000, () => {
        this.#check(target);
      }),
    );
    void this.#probe(target, healthCheck).then((passed) => {
      if (this.#targets.get(target.id) !== target) return;
      const before = target.state;
      const after = observe(target, healthCheck, passed);
      if (after !== before) this.#tell(target, after);
    });
  }

  #setState(target: Target, state: TargetState): void {
    target.state = state;
    this.#tell(target, state);
  }

  #tell(target: Target, state: TargetState): void {
    for (const listener of this.#listeners) listener(target, state);
  }
}

/** A check as an ALB makes it: its own connection, closed afterwards, with the target's address as `Host`. */
export const probeOverHttp: Prober = (target, check) =>
  new Promise((resolve) => {
    const probe = request({
      host: target.address,
      port: check.port === "traffic-port" ? target.port : check.port,
      path: check.path,
      agent: false,
      headers: { "User-Agent": "ELB-HealthChecker/2.0", Connection: "close" },
      signal: AbortSignal.timeout(check.timeoutSeconds * 1000),
    });
    probe.on("response", (response) => {
      response.resume();
      resolve(isMatch(check.matcher, response.statusCode ?? 0));
    });
    probe.on("error", () => {
      resolve(false);
    });
    probe.end();
  });
