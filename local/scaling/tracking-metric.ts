import { z } from "zod";
import type { MetricQuery } from "../cloudwatch/metric-queries.ts";

const dimensions = z
  .array(z.object({ name: z.string(), value: z.string() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ name, value }) => [name, value])));

export const trackingConfiguration = z.object({
  targetValue: z.number(),
  disableScaleIn: z.boolean().default(false),
  /** The default of ECS services (Application Auto Scaling guide, "Define cooldown periods"). */
  scaleInCooldown: z.number().default(300),
  scaleOutCooldown: z.number().default(300),
  predefinedMetricSpecification: z
    .object({ predefinedMetricType: z.string(), resourceLabel: z.string().optional() })
    .optional(),
  customizedMetricSpecification: z
    .object({
      namespace: z.string().optional(),
      metricName: z.string().optional(),
      dimensions,
      statistic: z.string().default("Average"),
      metrics: z
        .array(
          z.object({
            id: z.string(),
            expression: z.string().optional(),
            label: z.string().optional(),
            returnData: z.boolean().default(true),
            metricStat: z
              .object({
                metric: z.object({ namespace: z.string(), metricName: z.string(), dimensions }),
                stat: z.string(),
              })
              .optional(),
          }),
        )
        .default([]),
    })
    .optional(),
});

export type TrackingConfiguration = z.output<typeof trackingConfiguration>;

/** What a target-tracking policy reads. */
export interface TrackedMetric {
  readonly queries: readonly MetricQuery[];
  readonly watched: MetricQuery;
  readonly periodSeconds: number;
  /** As a person says it. */
  readonly text: string;
}

const PERIOD_SECONDS = 60;
const HIGH_RESOLUTION_PERIOD_SECONDS = 20;
const HIGH_RESOLUTION = /HighResolution$/u;

/** By the predefined type, without its resolution (Application Auto Scaling API, PredefinedMetricSpecification). */
const SERVICE_METRICS: Readonly<Record<string, string>> = {
  ECSServiceAverageCPUUtilization: "CPUUtilization",
  ECSServiceAverageMemoryUtilization: "MemoryUtilization",
};

/**
 * The metric of a policy.
 *
 * @param resourceId such as `service/cluster/name`.
 * @returns a reason where nothing here knows the metric.
 */
export function trackedMetric(
  {
    predefinedMetricSpecification: predefined,
    customizedMetricSpecification: customized,
  }: TrackingConfiguration,
  resourceId: string,
): TrackedMetric | string {
  if (predefined !== undefined) {
    return predefinedMetric(predefined.predefinedMetricType, predefined.resourceLabel, resourceId);
  }
  if (customized === undefined) return "The policy names no metric.";
  const { namespace, metricName: name } = customized;
  if (namespace !== undefined && name !== undefined) {
    return single(namespace, name, customized.dimensions, customized.statistic, PERIOD_SECONDS);
  }
  const queries = customized.metrics.map(
    ({ id, label, expression = "", metricStat }): MetricQuery => ({
      id,
      label,
      read:
        metricStat === undefined
          ? { kind: "expression", expression }
          : {
              kind: "metric",
              metric: {
                namespace: metricStat.metric.namespace,
                name: metricStat.metric.metricName,
                dimensions: metricStat.metric.dimensions,
              },
              statistic: metricStat.stat,
              periodSeconds: PERIOD_SECONDS,
            },
    }),
  );
  const watched = queries[customized.metrics.findIndex(({ returnData }) => returnData)];
  if (watched === undefined) return "None of the metrics of the policy has `returnData`.";
  const text =
    watched.label ??
    (watched.read.kind === "expression" ? watched.read.expression : (watched.id ?? ""));
  return { queries, watched, periodSeconds: PERIOD_SECONDS, text };
}

function predefinedMetric(
  type: string,
  resourceLabel: string | undefined,
  resourceId: string,
): TrackedMetric | string {
  if (type === "ALBRequestCountPerTarget") {
    const [, loadBalancer, targetGroup] =
      /^(app\/[^/]+\/[^/]+)\/(targetgroup\/[^/]+\/[^/]+)$/u.exec(resourceLabel ?? "") ?? [];
    if (loadBalancer === undefined || targetGroup === undefined) {
      return `The \`resourceLabel\` is \`${resourceLabel ?? ""}\`; it names a load balancer and a target group: \`app/name/id/targetgroup/name/id\`.`;
    }
    const dimensions = { LoadBalancer: loadBalancer, TargetGroup: targetGroup };
    return single("AWS/ApplicationELB", "RequestCountPerTarget", dimensions, "Sum", PERIOD_SECONDS);
  }
  const name = SERVICE_METRICS[type.replace(HIGH_RESOLUTION, "")];
  if (name === undefined) return `not modelled here: the predefined metric \`${type}\``;
  const [, cluster = "", service = ""] = resourceId.split("/");
  const period = HIGH_RESOLUTION.test(type) ? HIGH_RESOLUTION_PERIOD_SECONDS : PERIOD_SECONDS;
  const dimensions = { ClusterName: cluster, ServiceName: service };
  return single("AWS/ECS", name, dimensions, "Average", period);
}

function single(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  statistic: string,
  periodSeconds: number,
): TrackedMetric {
  const watched: MetricQuery = {
    id: undefined,
    label: undefined,
    read: { kind: "metric", metric: { namespace, name, dimensions }, statistic, periodSeconds },
  };
  return {
    queries: [watched],
    watched,
    periodSeconds,
    text: `${statistic.toLowerCase()} of ${name}`,
  };
}
