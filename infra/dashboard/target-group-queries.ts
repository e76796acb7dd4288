import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { metricQuery, type MetricQuery } from "../alarms/alarms.ts";
import { targetGroupMetric, type TargetGroupMetricName } from "../observability/metrics.ts";

/** The target groups of a service: two where deployments shift traffic. */
export interface TargetGroups {
  readonly loadBalancerArnSuffix: pulumi.Input<string>;
  readonly targetGroups: readonly aws.lb.TargetGroup[];
}

/**
 * Fewer requests a minute than this say nothing.
 *
 * Nothing fills the minutes that have no data, but for errors, which are absent where there are none: the newest minute is often not there yet, and filled with a
 * zero it would be a good one, or a bad one, each time that the alarm looks (CloudWatch guide, "Metric math"). Of two values of which one is missing,
 * comparisons take it for 0.
 */
const LEAST_REQUESTS = 10;

/** What is read of one group: an expression, and the metrics in it. */
type GroupQueries = (
  read: (id: string, metricName: TargetGroupMetricName, stat: string) => MetricQuery,
  index: number,
) => readonly MetricQuery[];

/**
 * A service's errors in percent of its requests, by the minute: the worse of its target groups, since a canary's 5 percent of the traffic would drown in
 * the others' successes. Only what the replicas answer counts (`HTTPCode_Target_5XX_Count`): the errors of the load balancer itself have no dimension but the
 * load balancer, and another service's would count, too (ELB guide, "CloudWatch metrics").
 */
export function errorPercentQueries(groups: TargetGroups): MetricQuery[] {
  return greatestOf(groups, "Errors in percent of the requests", (read, index) => [
    share(index, `IF(r${index} >= ${LEAST_REQUESTS}, 100 * FILL(e${index}, 0) / r${index}, 0)`),
    read(`e${index}`, "HTTPCode_Target_5XX_Count", "Sum"),
    read(`r${index}`, "RequestCount", "Sum"),
  ]);
}

/** The seconds after which all but one in a hundred requests are answered, by the minute: the worse of the groups; a stream counts until it begins. */
export function latencyQueries(groups: TargetGroups): MetricQuery[] {
  return greatestOf(groups, "99th percentile of the response time in seconds", (read, index) => [
    share(index, `IF(r${index} >= ${LEAST_REQUESTS}, t${index}, 0)`),
    read(`t${index}`, "TargetResponseTime", "p99"),
    read(`r${index}`, "RequestCount", "Sum"),
  ]);
}

/** The replicas that serve: those of the group that has most, since two revisions in full are twice the replicas. */
export function healthyQueries(groups: TargetGroups): MetricQuery[] {
  return greatestOf(groups, "Healthy replicas", (read, index) => [
    read(`s${index}`, "HealthyHostCount", "Minimum"),
  ]);
}

/**
 * The zones in which a group has replicas, and none that is healthy. A zone in which it has none is no fault: two replicas are never in three zones.
 *
 * @param of the `arnSuffix` of both.
 * @param zones at most five: an alarm reads ten metrics.
 */
export function failedZoneQueries(
  of: { readonly loadBalancer: string; readonly targetGroup: string },
  zones: readonly string[],
): MetricQuery[] {
  const read = (
    id: string,
    metricName: TargetGroupMetricName,
    stat: string,
    zone: string,
  ): MetricQuery => metricQuery(id, targetGroupMetric(metricName, { ...of, zone }), stat);
  return [
    {
      id: "zones",
      label: "Whether a zone has no healthy replica",
      expression: zones.map((_, index) => `(u${index} > 0 AND h${index} < 1)`).join(" OR "),
      returnData: true,
    },
    // The nodes of the load balancer count each for itself: none of them sees a healthy one, all of them see an unhealthy one.
    ...zones.flatMap((zone, index) => [
      read(`h${index}`, "HealthyHostCount", "Maximum", zone),
      read(`u${index}`, "UnHealthyHostCount", "Minimum", zone),
    ]),
  ];
}

function share(index: number, expression: string): MetricQuery {
  return { id: `s${index}`, expression, returnData: false };
}

function greatestOf(
  { loadBalancerArnSuffix, targetGroups }: TargetGroups,
  label: string,
  queriesOf: GroupQueries,
): MetricQuery[] {
  return [
    {
      id: "greatest",
      label,
      expression: targetGroups.length === 1 ? "s0" : "IF(s0 >= s1, s0, s1)",
      returnData: true,
    },
    ...targetGroups.flatMap((group, index) =>
      queriesOf(
        (id, metricName, stat) =>
          metricQuery(
            id,
            targetGroupMetric(metricName, {
              loadBalancer: loadBalancerArnSuffix,
              targetGroup: group.arnSuffix,
            }),
            stat,
          ),
        index,
      ),
    ),
  ];
}
