import { z } from "zod";
import { checkControlPort } from "./attachments.ts";
import type { Graph, GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import type { EcsService } from "./services.ts";

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly algorithm: "round_robin" | "least_outstanding_requests";
  readonly deregistrationDelaySeconds: number;
  readonly healthCheck: HealthCheck;
  /** The most requests at once to a target; infinite without the target optimizer. */
  readonly maxConcurrency: number;
}

export interface HealthCheck {
  readonly path: string;
  readonly port: "traffic-port" | number;
  /** Status codes and ranges of them: `200`, `200,202`, `200-299`. */
  readonly matcher: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/** The defaults are AWS's own (ELB guide, "Health checks"). */
const targetGroupInputs = z.object({
  targetType: z.literal("ip"),
  loadBalancingAlgorithmType: z
    .enum(["round_robin", "least_outstanding_requests"])
    .default("round_robin"),
  deregistrationDelay: z.number().default(300),
  targetControlPort: z.number().optional(),
  healthCheck: z
    .object({
      path: z.string().default("/"),
      port: z.string().default("traffic-port"),
      matcher: z.string().default("200"),
      interval: z.number().default(30),
      timeout: z.number().default(5),
      healthyThreshold: z.number().default(5),
      unhealthyThreshold: z.number().default(2),
    })
    .prefault({}),
});

/**
 * The target groups of a graph.
 *
 * @param services as declared, the load balancer's agent included.
 */
export function readTargetGroups(graph: Graph, services: readonly EcsService[]): TargetGroup[] {
  return graph.resources
    .filter(({ type }) => type === "aws:lb/targetGroup:TargetGroup")
    .map((resource) => readTargetGroup(resource, services));
}

function readTargetGroup(resource: GraphResource, services: readonly EcsService[]): TargetGroup {
  const inputs = inputsOf(resource, targetGroupInputs);
  const { healthCheck, targetControlPort } = inputs;
  const service = services.find(({ loadBalancers }) =>
    loadBalancers.some(({ targetGroupArn }) => targetGroupArn === resource.id),
  );
  const optimizer = service?.task.optimizer;
  if (service !== undefined) checkControlPort(resource.name, targetControlPort, optimizer);
  const isTrafficPort =
    healthCheck.port === "traffic-port" || Number(healthCheck.port) === optimizer?.dataPort;
  return {
    arn: resource.id,
    name: resource.name,
    algorithm: inputs.loadBalancingAlgorithmType,
    deregistrationDelaySeconds: inputs.deregistrationDelay,
    healthCheck: {
      path: healthCheck.path,
      port: isTrafficPort ? "traffic-port" : Number(healthCheck.port),
      matcher: healthCheck.matcher,
      intervalSeconds: healthCheck.interval,
      timeoutSeconds: healthCheck.timeout,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
    },
    maxConcurrency: optimizer?.maxConcurrency ?? Number.POSITIVE_INFINITY,
  };
}
