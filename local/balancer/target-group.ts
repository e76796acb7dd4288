import { scopedClock, type Clock, type ScopedClock } from "../clock.ts";
import type { MetricSink } from "../cloudwatch/metric.ts";
import type { TargetGroup } from "../graph/target-groups.ts";
import type { LostZones } from "../lost-zones.ts";
import { zonesOutOfDns } from "./candidates.ts";
import { describedState } from "./health.ts";
import { hostCounts, HOST_COUNT_SECONDS } from "./host-counts.ts";
import { NodeView, type Destination } from "./node-view.ts";
import { probeOverHttp, type Prober } from "./probe.ts";
import type { Registration, Target, TargetHealthDescription, TargetState } from "./targets.ts";

/** Called after what DescribeTargetHealth tells of a target has changed. */
export type StateListener = (target: Registration, state: TargetState) => void;

/** What a target group needs from the run. */
export interface TargetGroupSurroundings {
  readonly clock: Clock;
  /** How much faster than the machine the clock goes. Default: 1. */
  readonly speed?: number | undefined;
  /** The zones of the load balancer: one node in each. AWS may have more in a zone. */
  readonly nodeZones: readonly string[];
  readonly lostZones: LostZones;
  /** Where counts of healthy and unhealthy targets go. */
  readonly sink?: MetricSink | undefined;
  /** Default: over HTTP. */
  readonly probe?: Prober | undefined;
  /** At least 0, and less than 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

interface Described {
  readonly registration: Registration;
  state: TargetState;
}

/** A target group at work: who is registered, how each node of the load balancer sees them, who is next. */
export class RunningTargetGroup {
  #declared: TargetGroup;
  readonly #clock: ScopedClock;
  readonly #sink: MetricSink | undefined;
  readonly #nodes: ReadonlyMap<string, NodeView>;
  readonly #described = new Map<string, Described>();
  readonly #shiftedZones = new Set<string>();
  readonly #listeners = new Set<StateListener>();

  constructor(declared: TargetGroup, surroundings: TargetGroupSurroundings) {
    const { clock, speed = 1, nodeZones, lostZones, sink, probe, random } = surroundings;
    this.#declared = declared;
    this.#clock = scopedClock(clock);
    this.#sink = sink;
    const shared = {
      clock,
      speed,
      lostZones,
      probe: probe ?? probeOverHttp,
      random: random ?? Math.random,
      declared: () => this.#declared,
      shiftedZones: this.#shiftedZones,
      hasPlace: (id: string) => this.#outstanding(id) < this.#declared.maxConcurrency,
      changed: (id: string) => {
        this.#describe(id);
      },
    };
    this.#nodes = new Map(
      [...new Set(nodeZones)].map((zone) => [zone, new NodeView(zone, shared)] as const),
    );
    lostZones.onChange((zone, lost) => {
      if (!lost) this.#nodes.get(zone)?.restart();
      // A node without power has no say.
      for (const id of this.#described.keys()) this.#describe(id);
    });
    this.#countLater();
  }

  /** Takes new settings; they count from the next check, request or deregistration on. */
  update(declared: TargetGroup): void {
    this.#declared = declared;
  }

  /** Every registered target, draining ones included. */
  get targets(): readonly TargetHealthDescription[] {
    return [...this.#described].map(([id, { registration, state }]) => ({
      ...registration,
      state,
      outstanding: this.#outstanding(id),
      nodes: [...this.#nodes.values()].flatMap((node) => {
        const view = node.target(id);
        return view === undefined
          ? []
          : [
              {
                zone: node.zone,
                state: view.state,
                outstanding: view.outstanding,
                anomalous: view.anomalous,
              },
            ];
      }),
    }));
  }

  /** What DescribeTargetHealth tells of a target; `unused` for one that is not registered, as there. */
  state(id: string): TargetState {
    return this.#described.get(id)?.state ?? "unused";
  }

  onStateChange(listener: StateListener): void {
    this.#listeners.add(listener);
  }

  /**
   * Registers a target. The first node checks it at once, the others follow, spread over the interval; AWS does not say when its nodes begin.
   *
   * @param zone one that the load balancer does not have leaves the target `unused`. Default: that of the first node.
   */
  register(id: string, address: string, port: number, zone = this.#firstZone): void {
    const isUsed = this.#nodes.has(zone);
    const registration = { id, address, port, zone };
    this.#described.set(id, { registration, state: isUsed ? "initial" : "unused" });
    const step = this.#declared.healthCheck.intervalSeconds / this.#nodes.size;
    for (const [index, node] of [...this.#nodes.values()].entries()) {
      node.register(registration, isUsed, index * step);
    }
  }

  /**
   * Takes a target out: no new requests at once, and those in flight may finish within the deregistration delay. As on AWS, the target stays
   * `draining` for the whole delay, even with nothing in flight.
   *
   * @param drained called when the delay is over.
   */
  deregister(id: string, drained: () => void): void {
    const described = this.#described.get(id);
    if (described === undefined || described.state === "draining") return;
    for (const node of this.#nodes.values()) node.drain(id);
    this.#setState(described, "draining");
    this.#clock.after(this.#declared.deregistrationDelaySeconds * 1000, () => {
      if (this.#described.get(id) === described) this.#remove(id);
      drained();
    });
  }

  /**
   * The target of the next request.
   *
   * @param nodeZone that of the node which has the request. Default: the first one.
   * @returns undefined where a request gets a 503.
   */
  next(nodeZone = this.#firstZone): Destination | undefined {
    return this.#nodes.get(nodeZone)?.next();
  }

  /** Whether a node's address may be in DNS, as far as this group is concerned; not so without power, or with too few healthy targets. */
  isInDns(nodeZone: string): boolean {
    const views = new Map<string, readonly Target[] | undefined>(
      [...this.#nodes].map(([zone, node]) => [zone, node.isAlive ? node.targets : undefined]),
    );
    return !zonesOutOfDns(views, this.#declared).has(nodeZone);
  }

  /** A zonal shift away from a zone: with cross-zone load balancing no node sends to its targets any more; what is in flight goes on. */
  shift(zone: string): void {
    this.#shiftedZones.add(zone);
  }

  /** Ends a zonal shift. */
  unshift(zone: string): void {
    this.#shiftedZones.delete(zone);
  }

  /** Forgets every target and closes every connection. */
  close(): void {
    this.#clock.close();
    this.#described.clear();
    for (const node of this.#nodes.values()) node.close();
  }

  get #firstZone(): string {
    return [...this.#nodes.keys()][0] ?? "";
  }

  #outstanding(id: string): number {
    let sum = 0;
    for (const node of this.#nodes.values()) sum += node.target(id)?.outstanding ?? 0;
    return sum;
  }

  #remove(id: string): void {
    this.#described.delete(id);
    for (const node of this.#nodes.values()) node.remove(id);
  }

  #describe(id: string): void {
    const described = this.#described.get(id);
    if (described === undefined) return;
    const views = [...this.#nodes.values()]
      .filter(({ isAlive }) => isAlive)
      .flatMap((node) => node.target(id)?.state ?? []);
    const state = describedState(described.state, views);
    if (state !== described.state) this.#setState(described, state);
  }

  #setState(described: Described, state: TargetState): void {
    described.state = state;
    for (const listener of this.#listeners) listener(described.registration, state);
  }

  #countLater(): void {
    this.#clock.after(HOST_COUNT_SECONDS * 1000, () => {
      this.#count();
      this.#countLater();
    });
  }

  #count(): void {
    const { arnSuffix, loadBalancer } = this.#declared;
    if (loadBalancer === undefined) return;
    const of = { loadBalancer: loadBalancer.arnSuffix, targetGroup: arnSuffix };
    for (const node of this.#nodes.values()) {
      if (!node.isAlive) continue;
      for (const { metric, value } of hostCounts(of, node.targets, [...this.#nodes.keys()])) {
        this.#sink?.put(metric, value, "Count");
      }
    }
  }
}
