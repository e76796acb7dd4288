import { LocalError } from "../graph/graph.ts";
import type { LoadBalancer } from "../graph/load-balancers.ts";
import type { WeightedTargetGroup } from "../graph/rule-actions.ts";
import { RunningLoadBalancer, type BalancerSurroundings } from "./running-load-balancer.ts";

/** The load balancers of a run. */
export class LoadBalancers {
  readonly #running: ReadonlyMap<string, RunningLoadBalancer>;

  constructor(declared: readonly LoadBalancer[], surroundings: BalancerSurroundings) {
    this.#running = new Map(
      declared.map((one) => [one.name, new RunningLoadBalancer(one, surroundings)] as const),
    );
  }

  get all(): readonly RunningLoadBalancer[] {
    return [...this.#running.values()];
  }

  get(name: string): RunningLoadBalancer | undefined {
    return this.#running.get(name);
  }

  /** Takes what the program declares now. */
  update(declared: readonly LoadBalancer[]): void {
    for (const one of declared) this.#running.get(one.name)?.update(one);
  }

  /** Changes the weights of a rule that forwards, until they are changed again. */
  setWeights(ruleArn: string, weights: readonly WeightedTargetGroup[]): void {
    const owner = this.all.find((loadBalancer) => loadBalancer.hasRule(ruleArn));
    if (owner === undefined) {
      throw new LocalError(
        `There is no listener rule \`${ruleArn}\` to shift traffic with. Declare it in the program.`,
      );
    }
    owner.setWeights(ruleArn, weights);
  }

  /** Begins a zonal shift of every load balancer that has the zone. */
  shift(zone: string): void {
    const having = this.all.filter(({ declared }) => declared.zones.includes(zone));
    if (having.length === 0) throw new LocalError(`No load balancer has a zone \`${zone}\`.`);
    for (const loadBalancer of having) loadBalancer.shift(zone);
  }

  unshift(zone: string): void {
    for (const loadBalancer of this.all) loadBalancer.unshift(zone);
  }

  close(): void {
    for (const loadBalancer of this.all) loadBalancer.close();
  }
}
