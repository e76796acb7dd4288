import { z } from "zod";
import { checkControlPort } from "./attachments.ts";
import type { Graph, GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import type { EcsService } from "./services.ts";
import { checkTargetGroup } from "./target-group-rules.ts";
import { loadBalancerOf, type TargetGroupLoadBalancer } from "./target-group-load-balancer.ts";

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  /** As metrics have it in their `TargetGroup` dimension. */
  readonly arnSuffix: string;
  /** Undefined where no rule sends to it. */
  readonly loadBalancer: TargetGroupLoadBalancer | undefined;
  readonly algorithm: "round_robin" | "least_outstanding_requests" | "weighted_random";
  /** Whether targets that stand out by their errors get less traffic. */
  readonly anomalyMitigation: boolean;
  /** Whether a node sends to targets of other zones, too. */
  readonly crossZone: boolean;
  /** How long the share of a new target grows; 0 gives it a full one at once. */
  readonly slowStartSeconds: number;
  readonly deregistrationDelaySeconds: number;
  /** With fewer healthy targets than these, AWS takes nodes out of DNS, or sends to all targets. */
  readonly health: {
    readonly dnsFailover: HealthThreshold;
    readonly unhealthyStateRouting: HealthThreshold;
  };
  readonly healthCheck: HealthCheck;
  /** The most requests at once to a target; infinite without the target optimizer. */
  readonly maxConcurrency: number;
}

/** The fewest healthy targets; undefined is `off`. */
export interface HealthThreshold {
  readonly count: number | undefined;
  readonly percentage: number | undefined;
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

/** The provider takes numbers as texts, too. */
const threshold = z.union([z.literal("off"), z.coerce.number().int().min(1)]).optional();

const thresholds = z
  .object({
    minimumHealthyTargetsCount: threshold,
    minimumHealthyTargetsPercentage: threshold,
  })
  .prefault({});

/** The defaults are AWS's own (ELB guide, "Health checks", "Target group attributes"). */
const targetGroupInputs = z.object({
  targetType: z.literal("ip"),
  protocol: z.literal("HTTP").default("HTTP"),
  protocolVersion: z.literal("HTTP1").default("HTTP1"),
  loadBalancingAlgorithmType: z
    .enum(["round_robin", "least_outstanding_requests", "weighted_random"])
    .default("round_robin"),
  loadBalancingAnomalyMitigation: z.enum(["on", "off"]).default("off"),
  // For Application Load Balancers, their own configuration is always on.
  loadBalancingCrossZoneEnabled: z
    .enum(["true", "false", "use_load_balancer_configuration"])
    .default("use_load_balancer_configuration"),
  slowStart: z.number().default(0),
  deregistrationDelay: z.number().default(300),
  stickiness: z.object({ enabled: z.boolean().default(true) }).default({ enabled: false }),
  targetGroupHealth: z
    .object({ dnsFailover: thresholds, unhealthyStateRouting: thresholds })
    .prefault({}),
  targetControlPort: z.number().optional(),
  healthCheck: z
    .object({
      enabled: z.boolean().default(true),
      protocol: z.string().default("HTTP"),
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

const targetGroupOutputs = z.object({ arnSuffix: z.string() });

/** A target group as a program declares it, AWS's defaults filled in. */
export type TargetGroupInputs = z.output<typeof targetGroupInputs>;

/**
 * The target groups of a graph.
 *
 * @param services as declared, the load balancer's agent included.
 */
export function readTargetGroups(graph: Graph, services: readonly EcsService[]): TargetGroup[] {
  return graph.resources
    .filter(({ type }) => type === "aws:lb/targetGroup:TargetGroup")
    .map((resource) => readTargetGroup(graph, resource, services));
}

function readTargetGroup(
  graph: Graph,
  resource: GraphResource,
  services: readonly EcsService[],
): TargetGroup {
  const inputs = inputsOf(resource, targetGroupInputs);
  checkTargetGroup(resource.name, inputs);
  const { healthCheck, targetControlPort } = inputs;
  const service = services.find(({ loadBalancers }) =>
    loadBalancers.some(
      ({ targetGroupArn, shift }) =>
        targetGroupArn === resource.id || shift?.alternateTargetGroupArn === resource.id,
    ),
  );
  const optimizer = service?.task.optimizer;
  if (service !== undefined) checkControlPort(resource.name, targetControlPort, optimizer);
  const isTrafficPort =
    healthCheck.port === "traffic-port" || Number(healthCheck.port) === optimizer?.dataPort;
  return {
    arn: resource.id,
    name: resource.name,
    arnSuffix: targetGroupOutputs.safeParse(resource.outputs).data?.arnSuffix ?? "",
    loadBalancer: loadBalancerOf(graph, resource),
    algorithm: inputs.loadBalancingAlgorithmType,
    anomalyMitigation: inputs.loadBalancingAnomalyMitigation === "on",
    crossZone: inputs.loadBalancingCrossZoneEnabled !== "false",
    slowStartSeconds: inputs.slowStart,
    deregistrationDelaySeconds: inputs.deregistrationDelay,
    health: {
      dnsFailover: thresholdOf(inputs.targetGroupHealth.dnsFailover),
      unhealthyStateRouting: thresholdOf(inputs.targetGroupHealth.unhealthyStateRouting),
    },
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

/** The default of the count was `off` for DNS in the guide of 2023, and is 1 for both since. */
function thresholdOf(given: z.output<typeof thresholds>): HealthThreshold {
  const of = (value: number | "off"): number | undefined => (value === "off" ? undefined : value);
  return {
    count: of(given.minimumHealthyTargetsCount ?? 1),
    percentage: of(given.minimumHealthyTargetsPercentage ?? "off"),
  };
}
