import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import { readListeners, type Listener } from "./listeners.ts";
import { zoneOf } from "./zones.ts";

export interface LoadBalancer extends LoadBalancerAttributes {
  readonly name: string;
  /** As metrics have it in their `LoadBalancer` dimension. */
  readonly arnSuffix: string;
  /** One node is in each. */
  readonly zones: readonly string[];
  readonly listeners: readonly Listener[];
}

/** What its attributes say of connections and headers. */
export interface LoadBalancerAttributes {
  readonly idleTimeoutSeconds: number;
  /** How old a client's connection may grow, whatever passes over it. */
  readonly clientKeepAliveSeconds: number;
  readonly dropInvalidHeaderFields: boolean;
  readonly preserveHostHeader: boolean;
  readonly xffMode: "append" | "preserve" | "remove";
  readonly xffClientPort: boolean;
  /** Whether a zonal shift may take a zone out. */
  readonly zonalShift: boolean;
}

/** In seconds. */
export const idleTimeout = z.number().min(1).max(4000).default(60);

/** The defaults are AWS's own (ELB guide, "Edit attributes"); `desyncMitigationMode` is not looked at: Node refuses what is ambiguous. */
const loadBalancerInputs = z.object({
  loadBalancerType: z
    .literal("application", "only Application Load Balancers are modelled here")
    .default("application"),
  subnets: z.array(z.string()).default([]),
  subnetMappings: z.array(z.object({ subnetId: z.string() })).default([]),
  idleTimeout,
  clientKeepAlive: z.number().min(60).max(604_800).default(3600),
  dropInvalidHeaderFields: z.boolean().default(false),
  preserveHostHeader: z.boolean().default(false),
  xffHeaderProcessingMode: z.enum(["append", "preserve", "remove"]).default("append"),
  enableXffClientPort: z.boolean().default(false),
  enableZonalShift: z.boolean().default(false),
});

const loadBalancerOutputs = z.object({ arnSuffix: z.string() });

/** The load balancers of a graph, with their listeners. */
export function readLoadBalancers(graph: Graph): LoadBalancer[] {
  const listeners = readListeners(graph);
  return graph.resources
    .filter(({ type }) => type === "aws:lb/loadBalancer:LoadBalancer")
    .map((resource) => readLoadBalancer(graph, resource, listeners));
}

function readLoadBalancer(
  graph: Graph,
  resource: GraphResource,
  listeners: readonly Listener[],
): LoadBalancer {
  const inputs = inputsOf(resource, loadBalancerInputs);
  const subnets = [...inputs.subnets, ...inputs.subnetMappings.map(({ subnetId }) => subnetId)];
  if (subnets.length === 0) {
    throw new LocalError(
      `The load balancer \`${resource.name}\` has no \`subnets\`, and so no nodes. Give it one of each zone.`,
    );
  }
  return {
    name: resource.name,
    arnSuffix: loadBalancerOutputs.safeParse(resource.outputs).data?.arnSuffix ?? "",
    zones: [...new Set(subnets.map((subnet, index) => zoneOf(graph, subnet, index)))],
    listeners: listeners.filter((listener) => listener.loadBalancerArn === resource.id),
    idleTimeoutSeconds: inputs.idleTimeout,
    clientKeepAliveSeconds: inputs.clientKeepAlive,
    dropInvalidHeaderFields: inputs.dropInvalidHeaderFields,
    preserveHostHeader: inputs.preserveHostHeader,
    xffMode: inputs.xffHeaderProcessingMode,
    xffClientPort: inputs.enableXffClientPort,
    zonalShift: inputs.enableZonalShift,
  };
}
