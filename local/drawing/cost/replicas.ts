import type { Graph, GraphResource } from "../../graph/graph.ts";
import { listAt, numberAt, textAt } from "../fields.ts";
import type { Range } from "./item.ts";
import { ofType } from "./usage.ts";

/** The fewest and the most replicas: the scaling target's, else the desired count. */
export function replicas(graph: Graph, service: GraphResource): Range {
  const target = ofType(graph, "aws:appautoscaling/target:Target").find(({ inputs }) => {
    const id = textAt(inputs, "resourceId");
    return id !== undefined && service.id.endsWith(`:${id}`);
  });
  const desired = numberAt(service.inputs, "desiredCount") ?? 1;
  return {
    least: numberAt(target?.inputs, "minCapacity") ?? desired,
    most: numberAt(target?.inputs, "maxCapacity") ?? desired,
  };
}

export interface Share {
  readonly provider: string;
  readonly base: number;
  readonly weight: number;
}

/** Where a service's tasks run; a launch type is one place for all. */
export function shares({ inputs }: GraphResource): Share[] {
  const strategies = listAt(inputs, "capacityProviderStrategies").map((strategy) => ({
    provider: textAt(strategy, "capacityProvider") ?? "",
    base: numberAt(strategy, "base") ?? 0,
    weight: numberAt(strategy, "weight") ?? 0,
  }));
  if (strategies.length > 0) return strategies;
  return [{ provider: textAt(inputs, "launchType") ?? "EC2", base: 0, weight: 1 }];
}
