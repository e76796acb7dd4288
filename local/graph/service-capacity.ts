import { z } from "zod";
import { LocalError, type Graph } from "./graph.ts";
import { inputsOf } from "./inputs.ts";

/** What a service says about where its tasks run. */
export interface ServiceCapacity {
  /** The service's strategy, or the cluster's default one; empty where a launch type is named, or nothing. */
  readonly strategy: readonly {
    readonly capacityProvider: string;
    readonly base: number;
    readonly weight: number;
  }[];
  /** Undefined where a strategy decides. */
  readonly launchType: string | undefined;
  readonly placementStrategies: readonly { readonly type: string; readonly field: string }[];
  readonly distinctInstance: boolean;
}

/** The API's default weight is 0. */
const strategyItems = z
  .array(
    z.object({
      capacityProvider: z.string(),
      base: z.number().default(0),
      weight: z.number().default(0),
    }),
  )
  .default([]);

const serviceInputs = z.object({
  cluster: z.string().default("default"),
  launchType: z.string().optional(),
  capacityProviderStrategies: strategyItems,
  orderedPlacementStrategies: z
    .array(z.object({ type: z.string(), field: z.string().default("") }))
    .default([]),
  placementConstraints: z.array(z.object({ type: z.string() })).default([]),
});

const clusterInputs = z.object({
  clusterName: z.string(),
  defaultCapacityProviderStrategies: strategyItems,
});

/** What every service of a graph says about its capacity, by ARN. */
export function readServiceCapacities(graph: Graph): ReadonlyMap<string, ServiceCapacity> {
  return new Map(
    graph.resources
      .filter(({ type }) => type === "aws:ecs/service:Service")
      .map((resource) => {
        const inputs = inputsOf(resource, serviceInputs);
        const { launchType, placementConstraints } = inputs;
        const own = inputs.capacityProviderStrategies;
        const strategy = onlyOne(
          own.length > 0 || launchType !== undefined ? own : clusterStrategy(graph, inputs.cluster),
        );
        if (strategy.length > 0 && strategy.every(({ weight }) => weight === 0)) {
          throw new LocalError(
            `The service \`${resource.name}\` gives every capacity provider the weight 0, with which ECS starts no task. Give one of them a \`weight\`.`,
          );
        }
        return [
          resource.id,
          {
            strategy,
            launchType,
            placementStrategies: inputs.orderedPlacementStrategies,
            distinctInstance: placementConstraints.some(({ type }) => type === "distinctInstance"),
          },
        ] as const;
      }),
  );
}

/** Weights share out among several providers; one alone takes all (API CapacityProviderStrategyItem). */
function onlyOne(strategy: ServiceCapacity["strategy"]): ServiceCapacity["strategy"] {
  return strategy.length === 1 ? strategy.map((item) => ({ ...item, weight: 1 })) : strategy;
}

/** The default of a cluster, which a service may name by its ARN. */
function clusterStrategy(graph: Graph, cluster: string): ServiceCapacity["strategy"] {
  const name = cluster.split("/").at(-1);
  for (const resource of graph.resources) {
    if (resource.type !== "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders") continue;
    const inputs = inputsOf(resource, clusterInputs);
    if (inputs.clusterName === name) return inputs.defaultCapacityProviderStrategies;
  }
  return [];
}
