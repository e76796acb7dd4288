import type { Cancel } from "../../clock.ts";
import { readInstanceCapacity } from "../../graph/capacity-providers.ts";
import type { Graph } from "../../graph/graph.ts";
import { readServiceCapacities, type ServiceCapacity } from "../../graph/service-capacity.ts";
import type { TaskResources } from "../../graph/task-resources.ts";
import type { FleetSurroundings, Instance } from "./fleet.ts";
import { InstancePool, type CapacityRequest } from "./instance-pool.ts";
import { providerOfNext } from "./strategy.ts";

/** A task that is to run. */
export interface TaskRequest {
  readonly id: string;
  /** The ARN of its service. */
  readonly service: string;
  readonly resources: TaskResources;
  /** Where it may go. */
  readonly zones: readonly string[];
}

const NOWHERE_SAID: ServiceCapacity = {
  strategy: [],
  launchType: undefined,
  placementStrategies: [],
  distinctInstance: false,
};

/** What the tasks of a graph run on: Fargate, which always has room here, and instances, which are counted. */
export class ClusterCapacity {
  readonly #surroundings: FleetSurroundings;
  readonly #pools = new Map<string, InstancePool>();
  #services: ReadonlyMap<string, ServiceCapacity> = new Map();

  constructor(graph: Graph, surroundings: FleetSurroundings) {
    this.#surroundings = surroundings;
    this.update(graph);
  }

  /** Takes the declarations of a changed program; what runs stays. */
  update(graph: Graph): void {
    this.#services = readServiceCapacities(graph);
    for (const declared of readInstanceCapacity(graph)) {
      const pool = this.#pools.get(declared.name);
      if (pool !== undefined) pool.update(declared);
      else this.#pools.set(declared.name, new InstancePool(declared, this.#surroundings));
    }
  }

  /** Of every provider, by its name. */
  get instances(): ReadonlyMap<string, readonly Instance[]> {
    return new Map([...this.#pools].map(([name, pool]) => [name, pool.instances]));
  }

  /**
   * The capacity provider of a service's next task; its launch type where it has no strategy.
   *
   * @param running the providers of its tasks.
   */
  providerOfNext(service: string, running: readonly string[]): string | undefined {
    const { strategy, launchType } = this.#services.get(service) ?? NOWHERE_SAID;
    return providerOfNext(strategy, running) ?? strategy[0]?.capacityProvider ?? launchType;
  }

  /**
   * Finds room for a task.
   *
   * @param placed called with the zone of its instance, at once if there is room.
   * @returns undefined where the provider has no instances: the zone is the caller's choice.
   */
  request(provider: string, task: TaskRequest, placed: (zone: string) => void): Cancel | undefined {
    const pool = this.#pools.get(provider);
    if (pool === undefined) return undefined;
    const { placementStrategies, distinctInstance } =
      this.#services.get(task.service) ?? NOWHERE_SAID;
    const request: CapacityRequest = { ...task, strategies: placementStrategies, distinctInstance };
    return pool.request(request, placed);
  }

  /** The task has ended. */
  release(id: string): void {
    for (const pool of this.#pools.values()) pool.release(id);
  }
}
