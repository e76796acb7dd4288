import type { TargetGroup } from "../../../local/graph/target-groups.ts";

/** A target group of a load balancer in the zones a, b and c, with AWS's defaults but for quick health checks. */
export function declaredTargetGroup(changes: Partial<TargetGroup> = {}): TargetGroup {
  return {
    arn: "group",
    name: "group",
    arnSuffix: "targetgroup/group/1",
    loadBalancer: { arnSuffix: "app/balancer/1", zones: ["a", "b", "c"], idleTimeoutSeconds: 60 },
    algorithm: "round_robin",
    anomalyMitigation: false,
    crossZone: true,
    slowStartSeconds: 0,
    deregistrationDelaySeconds: 60,
    health: {
      dnsFailover: { count: 1, percentage: undefined },
      unhealthyStateRouting: { count: 1, percentage: undefined },
    },
    healthCheck: {
      path: "/readyz",
      port: "traffic-port",
      matcher: "200",
      intervalSeconds: 5,
      timeoutSeconds: 2,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
    },
    maxConcurrency: Number.POSITIVE_INFINITY,
    ...changes,
  };
}
