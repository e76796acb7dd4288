import type { GpuFacts } from "./gpu-graph.ts";
import {
  targetGroupMetric,
  type Metric,
  type TargetGroupMetricName,
} from "../observability/metrics.ts";

/** All that stands on the dashboard of a service. */
export interface ServiceDashboardFacts extends GpuFacts {
  readonly name: string;
  readonly region: string;
  readonly url: string;
  /** A command that prints what ECS says about the service. */
  readonly eventsCommand: string;
  readonly logGroupName: string;
  readonly loadBalancerArnSuffix: string;
  /** One, or two where deployments shift traffic. */
  readonly targetGroupArnSuffixes: readonly string[];
  /** The name under which the replicas publish their metrics; undefined where they do not. */
  readonly metricServiceName: string | undefined;
  /** What stands behind a gateway, by name; empty for every other service. */
  readonly upstreams: readonly string[];
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly maxOngoingRequests: number;
  readonly targetOngoingRequests: number | undefined;
}

/** The metric of each target group: during a shift of traffic both count. */
export function ofGroups(
  facts: ServiceDashboardFacts,
  metricName: TargetGroupMetricName,
): Metric<string>[] {
  return facts.targetGroupArnSuffixes.map((targetGroup) =>
    targetGroupMetric(metricName, { loadBalancer: facts.loadBalancerArnSuffix, targetGroup }),
  );
}
