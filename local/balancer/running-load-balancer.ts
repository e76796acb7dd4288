import type { Clock } from "../clock.ts";
import type { MetricSink } from "../cloudwatch/metric.ts";
import { LocalError } from "../graph/graph.ts";
import type { LoadBalancer } from "../graph/load-balancers.ts";
import type { ForwardAction, WeightedTargetGroup } from "../graph/rule-actions.ts";
import type { Rule } from "../graph/listeners.ts";
import type { LostZones } from "../lost-zones.ts";
import { KeySets } from "./key-sets.ts";
import { BalancerNodes } from "./nodes.ts";
import { RequestMetrics } from "./request-metrics.ts";
import type { RequestRecord } from "./request-record.ts";
import type { RunningTargetGroup } from "./target-group.ts";

/** What load balancers need from the run. */
export interface BalancerSurroundings {
  readonly clock: Clock;
  readonly lostZones: LostZones;
  readonly targetGroup: (arn: string) => RunningTargetGroup | undefined;
  /** Hears of every request that has ended. */
  readonly onRecord?: ((record: RequestRecord) => void) | undefined;
  readonly sink?: MetricSink | undefined;
  /** Seconds since 1970, as tokens count them. Default: the machine's date. */
  readonly date?: (() => number) | undefined;
  /** At least 0, and less than 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** A load balancer at work, whichever ports of this machine stand for it. */
export class RunningLoadBalancer {
  #declared: LoadBalancer;
  readonly surroundings: BalancerSurroundings;
  readonly nodes: BalancerNodes;
  readonly keySets: KeySets;
  readonly metrics: RequestMetrics | undefined;
  readonly #weights = new Map<string, readonly WeightedTargetGroup[]>();

  constructor(declared: LoadBalancer, surroundings: BalancerSurroundings) {
    const { clock, lostZones, targetGroup, sink } = surroundings;
    this.#declared = declared;
    this.surroundings = surroundings;
    this.keySets = new KeySets(clock);
    this.nodes = new BalancerNodes(declared.zones, {
      clock,
      lostZones,
      hasHealthyTargets: (zone) =>
        this.#targetGroups.every((arn) => targetGroup(arn)?.isInDns(zone) ?? true),
    });
    this.metrics =
      sink &&
      new RequestMetrics(clock, sink, {
        loadBalancer: declared.arnSuffix,
        // The dimension is the end of the ARN.
        targetGroup: (arn) => arn.split(":").at(-1),
        targetGroups: () => this.#targetGroups,
        healthyTargets: (arn) =>
          targetGroup(arn)?.targets.filter(({ state }) => state === "healthy").length ?? 0,
      });
  }

  get declared(): LoadBalancer {
    return this.#declared;
  }

  /** Takes what the program declares now. Weights that were set stay: the program leaves them to ECS. */
  update(declared: LoadBalancer): void {
    this.#declared = declared;
  }

  hasRule(ruleArn: string): boolean {
    return this.#rule(ruleArn) !== undefined;
  }

  /** Moves the traffic of a rule from one target group to another, as a deployment of ECS does. */
  setWeights(ruleArn: string, weights: readonly WeightedTargetGroup[]): void {
    if (this.#rule(ruleArn)?.action.type !== "forward") {
      throw new LocalError(
        `The rule \`${ruleArn}\` of \`${this.#declared.name}\` forwards nothing, so that it has no weights. Give a deployment a rule with a forward action.`,
      );
    }
    this.#weights.set(ruleArn, [...weights]);
  }

  /** The target groups that a rule forwards to now. */
  weightsOf(rule: Rule | undefined, action: ForwardAction): readonly WeightedTargetGroup[] {
    return (rule && this.#weights.get(rule.arn)) ?? action.targets;
  }

  /** Begins a zonal shift: the zone's address leaves DNS, and its targets get nothing from other nodes. What is under way stays. */
  shift(zone: string): void {
    const { name, zonalShift, zones } = this.#declared;
    if (!zonalShift) {
      throw new LocalError(
        `The load balancer \`${name}\` takes no zonal shift. Give it \`enableZonalShift\` true.`,
      );
    }
    if (!zones.includes(zone)) {
      throw new LocalError(
        `The load balancer \`${name}\` has no zone \`${zone}\`. It has ${zones.map((known) => `\`${known}\``).join(", ")}.`,
      );
    }
    const { shiftedZone } = this.nodes;
    if (shiftedZone === zone) return;
    if (shiftedZone !== undefined) {
      throw new LocalError(
        `The zone \`${shiftedZone}\` of \`${name}\` is shifted already, and AWS shifts one at a time. End that shift first.`,
      );
    }
    this.nodes.setShifted(zone, true);
    for (const arn of this.#targetGroups) this.surroundings.targetGroup(arn)?.shift(zone);
  }

  /** Ends a zonal shift. */
  unshift(zone: string): void {
    if (this.nodes.shiftedZone !== zone) return;
    this.nodes.setShifted(zone, false);
    for (const arn of this.#targetGroups) this.surroundings.targetGroup(arn)?.unshift(zone);
  }

  close(): void {
    this.metrics?.close();
  }

  #rule(ruleArn: string): Rule | undefined {
    return this.#declared.listeners
      .flatMap(({ rules }) => rules)
      .find(({ arn }) => arn === ruleArn);
  }

  get #targetGroups(): readonly string[] {
    const actions = this.#declared.listeners.flatMap(({ rules, defaultAction }) => [
      defaultAction,
      ...rules.map(({ action }) => action),
    ]);
    const arns = actions.flatMap((action) =>
      action.type === "forward" ? action.targets.map(({ targetGroupArn }) => targetGroupArn) : [],
    );
    return [...new Set(arns)];
  }
}
