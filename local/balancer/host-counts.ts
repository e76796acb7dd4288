import type { Metric } from "../cloudwatch/metric.ts";
import type { TargetState } from "./health.ts";

/** How often each node tells CloudWatch what it counts (ELB guide, "CloudWatch metrics"). */
export const HOST_COUNT_SECONDS = 60;

/** The metrics of one node on the health of a target group's targets. */
export interface HostCountSample {
  readonly metric: Metric;
  readonly value: number;
}

/**
 * What one node reports: counts over all zones, and for each zone those of the targets in it. A group without registered targets reports nothing; one
 * that is draining counts as neither. Whether AWS reports zones without targets is unknown: they are zeros here.
 *
 * @param of the `arnSuffix` of both.
 * @param targets as this node sees them.
 * @param zones of the load balancer.
 */
export function hostCounts(
  of: { readonly loadBalancer: string; readonly targetGroup: string },
  targets: readonly { readonly zone: string; readonly state: TargetState }[],
  zones: readonly string[],
): HostCountSample[] {
  const registered = targets.filter(({ state }) => state !== "draining" && state !== "unused");
  if (registered.length === 0) return [];
  const dimensions = { LoadBalancer: of.loadBalancer, TargetGroup: of.targetGroup };
  return [undefined, ...zones].flatMap((zone) => {
    const counted = registered.filter((target) => zone === undefined || target.zone === zone);
    const sample = (name: string, state: TargetState): HostCountSample => ({
      metric: {
        namespace: "AWS/ApplicationELB",
        name,
        dimensions: zone === undefined ? dimensions : { AvailabilityZone: zone, ...dimensions },
      },
      value: counted.filter((target) => target.state === state).length,
    });
    return [sample("HealthyHostCount", "healthy"), sample("UnHealthyHostCount", "unhealthy")];
  });
}
