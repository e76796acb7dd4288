import type { Agent } from "node:http";
import { scopedClock, type Clock, type ScopedClock } from "../clock.ts";
import type { TargetGroup } from "../graph/target-groups.ts";
import type { LostZones } from "../lost-zones.ts";
import {
  leastOutstandingRequests,
  roundRobin,
  weightedRandom,
  type Credits,
} from "./algorithms.ts";
import { anomalousTargets, ANOMALY_INTERVAL_SECONDS, mitigatedWeights } from "./anomalies.ts";
import { candidatesOf } from "./candidates.ts";
import { afterCheck } from "./health.ts";
import type { Prober } from "./probe.ts";
import { entersSlowStart, slowStartWeight } from "./slow-start.ts";
import { TargetConnections } from "./target-connections.ts";
import { newTarget, type Registration, type Target } from "./targets.ts";

/** That of a load balancer for which nothing is said; only groups that no rule sends to have none. */
const IDLE_TIMEOUT_SECONDS = 60;

/**
 * What a check of a live target gets at least, in seconds of the machine: the target answers in the machine's time, however fast the clock goes. On a fast one a declared timeout
 * would otherwise be over before a busy machine has run the target at all.
 */
const LEAST_TIMEOUT_SECONDS = 1;

/** Where a request goes. */
export interface Destination {
  /** As the node sees it; who forwards counts its outstanding requests. */
  readonly target: Target;
  /** The connections that the node keeps to it; destroyed when the target's deregistration delay is over. */
  readonly agent: Agent;
  /** Tells how the request ended: whether it was answered with 500 to 599, or its connection failed. */
  readonly ended: (failed: boolean) => void;
}

/** What the nodes of one target group share. */
export interface NodeSurroundings {
  readonly clock: Clock;
  /** How much faster than the machine the clock goes. */
  readonly speed: number;
  readonly lostZones: LostZones;
  readonly probe: Prober;
  readonly random: () => number;
  readonly declared: () => TargetGroup;
  readonly shiftedZones: ReadonlySet<string>;
  /** Whether a target has a free place, over all nodes. */
  readonly hasPlace: (id: string) => boolean;
  /** Called after this node has come to another view of a target. */
  readonly changed: (id: string) => void;
}

interface Entry {
  readonly target: Target;
  readonly agent: Agent;
  /** The timers of its checks. */
  readonly clock: ScopedClock;
  /** On a fast clock one may still wait when the next begins. */
  readonly checks: Set<AbortController>;
}

/** What one node of a load balancer knows of a target group: it checks, counts and chooses for itself. */
export class NodeView {
  readonly zone: string;
  readonly #surroundings: NodeSurroundings;
  readonly #clock: ScopedClock;
  readonly #entries = new Map<string, Entry>();
  #credits: Credits = new Map();
  #turn = 0;

  constructor(zone: string, surroundings: NodeSurroundings) {
    this.zone = zone;
    this.#surroundings = surroundings;
    this.#clock = scopedClock(surroundings.clock);
    this.#compareLater();
  }

  /** Whether the node has power. */
  get isAlive(): boolean {
    return !this.#surroundings.lostZones.isLost(this.zone);
  }

  get targets(): readonly Target[] {
    return [...this.#entries.values()].map(({ target }) => target);
  }

  target(id: string): Target | undefined {
    return this.#entries.get(id)?.target;
  }

  /** @param firstCheckSeconds until the first check; the next ones follow at the interval. */
  register(registration: Registration, isUsed: boolean, firstCheckSeconds: number): void {
    const entry: Entry = {
      target: newTarget(registration, isUsed ? "initial" : "unused"),
      agent: new TargetConnections(
        this.#surroundings.clock,
        () =>
          this.#surroundings.declared().loadBalancer?.idleTimeoutSeconds ?? IDLE_TIMEOUT_SECONDS,
      ),
      clock: scopedClock(this.#surroundings.clock),
      checks: new Set(),
    };
    this.#entries.set(registration.id, entry);
    if (!isUsed) return;
    if (firstCheckSeconds === 0) this.#check(entry);
    else
      entry.clock.after(firstCheckSeconds * 1000, () => {
        this.#check(entry);
      });
  }

  /** No new requests, and no more checks; what is in flight goes on. */
  drain(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.clock.close();
    for (const check of entry.checks) check.abort();
    entry.target.state = "draining";
    entry.target.slowStartAt = undefined;
  }

  /** Forgets a target; what is still in flight is cut, and its clients get a 502. */
  remove(id: string): void {
    this.drain(id);
    this.#entries.get(id)?.agent.destroy();
    this.#entries.delete(id);
  }

  /** The node has power again: it is a new one that knows nothing yet. How AWS brings nodes back is not documented. */
  restart(): void {
    this.#credits = new Map();
    for (const { target, agent } of this.#entries.values()) {
      agent.destroy();
      if (target.state === "draining" || target.state === "unused") continue;
      Object.assign(target, newTarget(target), { outstanding: target.outstanding });
    }
  }

  /** The target of the next request; undefined where there is none, or none has a place left. */
  next(): Destination | undefined {
    const { declared, hasPlace, shiftedZones } = this.#surroundings;
    const chosen = this.#choose(
      candidatesOf(this.targets, this.zone, declared(), shiftedZones).filter(({ id }) =>
        hasPlace(id),
      ),
    );
    const entry = chosen && this.#entries.get(chosen.id);
    if (entry === undefined) return undefined;
    const { target, agent } = entry;
    const ended = (failed: boolean): void => {
      target.requests++;
      if (failed) target.errors++;
    };
    return { target, agent, ended };
  }

  close(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
    this.#clock.close();
  }

  #choose(targets: readonly Target[]): { readonly id: string } | undefined {
    const { random, clock, declared } = this.#surroundings;
    const { algorithm, anomalyMitigation, slowStartSeconds } = declared();
    switch (algorithm) {
      case "round_robin": {
        const now = clock.now();
        const step = roundRobin(
          targets.map(({ id, outstanding, slowStartAt }) => ({
            id,
            outstanding,
            weight: slowStartWeight(slowStartAt, slowStartSeconds, now),
          })),
          this.#credits,
        );
        this.#credits = step.credits;
        return step.chosen;
      }
      case "least_outstanding_requests":
        return leastOutstandingRequests(
          targets.map(({ id, outstanding }) => ({ id, outstanding, weight: 1 })),
          this.#turn++,
        );
      case "weighted_random":
        return weightedRandom(
          targets.map(({ id, outstanding, anomalyWeight }) => ({
            id,
            outstanding,
            weight: anomalyMitigation ? anomalyWeight : 1,
          })),
          random(),
        );
    }
  }

  #check(entry: Entry): void {
    const { healthCheck } = this.#surroundings.declared();
    // The interval is fixed: a slow answer does not shift the next check.
    entry.clock.after(healthCheck.intervalSeconds * 1000, () => {
      this.#check(entry);
    });
    if (!this.isAlive) return;
    void this.#probe(entry).then((passed) => {
      if (this.isAlive && this.#entries.get(entry.target.id) === entry) {
        this.#judge(entry.target, passed);
      }
    });
  }

  /** A target without power neither answers nor refuses: only the timeout ends its check. */
  #probe(entry: Entry): Promise<boolean> {
    const { target, clock, checks } = entry;
    const { declared, lostZones, probe, speed } = this.#surroundings;
    const { healthCheck } = declared();
    const isLost = lostZones.isLost(target.zone);
    const timeoutSeconds = isLost
      ? healthCheck.timeoutSeconds
      : Math.max(healthCheck.timeoutSeconds, LEAST_TIMEOUT_SECONDS * speed);
    const check = new AbortController();
    checks.add(check);
    return new Promise((resolve) => {
      const ended = (passed: boolean): void => {
        checks.delete(check);
        resolve(passed);
      };
      const cancel = clock.after(timeoutSeconds * 1000, () => {
        ended(false);
        check.abort();
      });
      if (isLost) return;
      void probe(target, healthCheck, check.signal).then((passed) => {
        if (lostZones.isLost(target.zone)) return;
        cancel();
        ended(passed);
      });
    });
  }

  #judge(target: Target, passed: boolean): void {
    const { changed, clock, declared } = this.#surroundings;
    const { healthCheck, slowStartSeconds } = declared();
    const before = target.state;
    Object.assign(target, afterCheck(target, healthCheck, passed));
    if (target.state === before) return;
    const others = this.targets.filter((other) => other !== target);
    const now = clock.now();
    target.slowStartAt =
      target.state === "healthy" && entersSlowStart(others, slowStartSeconds, now)
        ? now
        : undefined;
    changed(target.id);
  }

  /** Detection is always on; only mitigation is a setting (ELB guide, "Automatic target weights"). */
  #compareLater(): void {
    this.#clock.after(ANOMALY_INTERVAL_SECONDS * 1000, () => {
      const healthy = this.targets.filter(({ state }) => state === "healthy");
      const anomalous = anomalousTargets(healthy);
      const weights = mitigatedWeights(
        new Map(healthy.map(({ id, anomalyWeight }) => [id, anomalyWeight])),
        anomalous,
      );
      for (const target of this.targets) {
        target.anomalous = anomalous.has(target.id);
        target.anomalyWeight = weights.get(target.id) ?? 1;
        target.requests = 0;
        target.errors = 0;
      }
      this.#compareLater();
    });
  }
}
