import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import { idleTimeout } from "./load-balancers.ts";
import { zoneOf } from "./zones.ts";

/** The load balancer whose rules send to a target group. */
export interface TargetGroupLoadBalancer {
  /** As metrics have it in their `LoadBalancer` dimension. */
  readonly arnSuffix: string;
  /** One node is in each. */
  readonly zones: readonly string[];
  /** For connections to targets, as for those of clients. */
  readonly idleTimeoutSeconds: number;
}

const listenerInputs = z.object({ loadBalancerArn: z.string() });
const ruleInputs = z.object({ listenerArn: z.string() });
const loadBalancerInputs = z.object({
  subnets: z.array(z.string()).default([]),
  subnetMappings: z.array(z.object({ subnetId: z.string() })).default([]),
  idleTimeout,
});
const loadBalancerOutputs = z.object({ arnSuffix: z.string() });

/**
 * The load balancer that a target group belongs to; undefined where no listener or rule sends to it.
 *
 * @throws {LocalError} where there are two: AWS allows one.
 */
export function loadBalancerOf(
  graph: Graph,
  targetGroup: GraphResource,
): TargetGroupLoadBalancer | undefined {
  const users = graph.resources
    .filter(
      ({ type, inputs }) =>
        (type === "aws:lb/listener:Listener" || type === "aws:lb/listenerRule:ListenerRule") &&
        mentions(inputs, targetGroup.id),
    )
    .map((user) => loadBalancerArn(graph, user));
  const found = graph.resources.filter(
    ({ type, id }) => type === "aws:lb/loadBalancer:LoadBalancer" && users.includes(id),
  );
  if (found.length > 1) {
    throw new LocalError(
      `The target group \`${targetGroup.name}\` is used by the load balancers ${found.map(({ name }) => `\`${name}\``).join(" and ")}. AWS allows one: declare a target group for each.`,
    );
  }
  const [loadBalancer] = found;
  if (loadBalancer === undefined) return undefined;
  const inputs = inputsOf(loadBalancer, loadBalancerInputs);
  const zones = [...inputs.subnets, ...inputs.subnetMappings.map(({ subnetId }) => subnetId)].map(
    (subnet, index) => zoneOf(graph, subnet, index),
  );
  return {
    arnSuffix: loadBalancerOutputs.safeParse(loadBalancer.outputs).data?.arnSuffix ?? "",
    zones: [...new Set(zones)],
    idleTimeoutSeconds: inputs.idleTimeout,
  };
}

function loadBalancerArn(graph: Graph, user: GraphResource): string {
  if (user.type === "aws:lb/listener:Listener") {
    return inputsOf(user, listenerInputs).loadBalancerArn;
  }
  const { listenerArn } = inputsOf(user, ruleInputs);
  const listener = graph.resources.find(
    ({ type, id }) => type === "aws:lb/listener:Listener" && id === listenerArn,
  );
  return listener === undefined ? "" : inputsOf(listener, listenerInputs).loadBalancerArn;
}

/** Whether an ARN stands anywhere in the actions: plain, or among weighted ones. */
function mentions(value: unknown, arn: string): boolean {
  if (value === arn) return true;
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).some((part) => mentions(part, arn))
  );
}
