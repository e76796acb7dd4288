import { z } from "zod";
import type { Graph } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import { readListeners, type Listener } from "./listeners.ts";

export interface LoadBalancer {
  readonly name: string;
  readonly idleTimeoutSeconds: number;
  readonly listeners: readonly Listener[];
}

const loadBalancerInputs = z.object({ idleTimeout: z.number().default(60) });

/** The load balancers of a graph, with their listeners. */
export function readLoadBalancers(graph: Graph): LoadBalancer[] {
  const listeners = readListeners(graph);
  return graph.resources
    .filter(({ type }) => type === "aws:lb/loadBalancer:LoadBalancer")
    .map((resource) => ({
      name: resource.name,
      idleTimeoutSeconds: inputsOf(resource, loadBalancerInputs).idleTimeout,
      listeners: listeners.filter((listener) => listener.loadBalancerArn === resource.id),
    }));
}
