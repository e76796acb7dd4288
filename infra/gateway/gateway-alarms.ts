import type * as pulumi from "@pulumi/pulumi";
import { createAlarm, metricQuery } from "../alarms/alarms.ts";
import { upstreamMetric, type Metric, type UpstreamMetricName } from "../observability/metrics.ts";
import type { Tags } from "../tags.ts";

/** Creates the alarm on an upstream that no replica of the gateway reaches, or whose tools none lists. */
export function createUpstreamAlarm(
  name: string,
  args: {
    readonly upstream: string;
    /** The value of `OTEL_SERVICE_NAME`. */
    readonly metricServiceName: pulumi.Input<string>;
    readonly topicArn: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): void {
  const { metricServiceName: service, upstream } = args;
  const metric = (metricName: UpstreamMetricName): Metric =>
    upstreamMetric(metricName, { service, upstream });
  createAlarm(
    `${name}-upstream-${upstream}`,
    {
      description: `The upstream ${upstream} of the MCP gateway ${name} answers none of its replicas: its tools fail, and are soon no longer listed.`,
      runbook: "upstream-missing",
      topicArns: [args.topicArn],
      condition: {
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        // A deployment of the upstream's may take it away for one minute.
        evaluationPeriods: 3,
        datapointsToAlarm: 3,
        // A gateway without replicas has alarms of its own.
        treatMissingData: "notBreaching",
        metricQueries: [
          {
            id: "missing",
            label: "1: no address answers, or no replica lists its tools",
            expression: "IF(addresses < 1 OR listed < 1, 1, 0)",
            returnData: true,
          },
          metricQuery("addresses", metric("UpstreamHealthyAddresses"), "Maximum"),
          metricQuery("listed", metric("UpstreamListed"), "Maximum"),
        ],
      },
      tags: args.tags,
    },
    opts,
  );
}
