import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import {
  createAlarm,
  metricQuery,
  returned,
  type AlarmArgs,
  type AlarmCondition,
} from "./alarms.ts";
import { capacityProviderMetric, loadBalancerMetric } from "../observability/metrics.ts";
import {
  distributionMetric,
  GLOBAL_REGION,
  natGatewayMetric,
} from "../observability/network-metrics.ts";
import type { Tags } from "../tags.ts";

/** A NAT gateway, and the zone of its metrics where it has one set for each. */
export interface NatGatewayZone {
  readonly natGatewayId: string;
  readonly zone?: string;
}

/** What a platform has that may fail beside its services. */
export interface PlatformAlarmArgs {
  readonly loadBalancerArnSuffix: pulumi.Input<string>;
  /** The NAT gateways, one that AWS stretches over the zones once for each; undefined where there are none. */
  readonly natGateways: pulumi.Output<NatGatewayZone[]> | undefined;
  /** The distribution in front of the load balancer, and the topic in its region. */
  readonly cloudFront:
    | {
        readonly distribution: aws.cloudfront.Distribution;
        /** Topics in CloudFront's region. */
        readonly topicArns: AlarmArgs["topicArns"];
      }
    | undefined;
  readonly clusterName: pulumi.Input<string>;
  /** The capacity providers of Auto Scaling groups, by the names of the capacities. */
  readonly capacityProviders: Readonly<Record<string, pulumi.Input<string>>>;
  readonly topicArn: pulumi.Input<string>;
  readonly tags: Tags;
}

/** Fewer errors a minute than this are a client's, or those of a single replica that died. */
const LEAST_ERRORS = 10;

/** From which share of requests on the load balancer's or CloudFront's own errors are everybody's, in percent. */
const ERROR_PERCENT = 5;

/** How long instances may be missing, in minutes: ECS notices, EC2 starts them, and they join the cluster. */
const INSTANCE_PATIENCE = 15;

/** Creates the alarms on what services share. */
export function createPlatformAlarms(
  name: string,
  args: PlatformAlarmArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const { topicArn, tags } = args;
  const loadBalancer = args.loadBalancerArnSuffix;
  const alarm = (suffix: string, given: Omit<AlarmArgs, "topicArns" | "tags">): void => {
    createAlarm(`${name}-${suffix}`, { ...given, topicArns: [topicArn], tags }, opts);
  };
  alarm("load-balancer-errors", {
    description: `The load balancer of ${name} itself answers with 500 to 599: it reaches no replica, or none answers in time.`,
    runbook: "load-balancer-errors",
    condition: {
      comparisonOperator: "GreaterThanThreshold",
      threshold: ERROR_PERCENT,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: "notBreaching",
      metricQueries: [
        {
          id: "share",
          label: "Errors of the load balancer in percent of the requests",
          // A request that found no target counts among the errors alone.
          expression: `IF(errors >= ${LEAST_ERRORS}, 100 * errors / (errors + FILL(requests, 0)), 0)`,
          returnData: true,
        },
        metricQuery(
          "errors",
          loadBalancerMetric("HTTPCode_ELB_5XX_Count", { loadBalancer }),
          "Sum",
        ),
        metricQuery("requests", loadBalancerMetric("RequestCount", { loadBalancer }), "Sum"),
      ],
    },
  });
  alarm("connections-rejected", {
    description: `The load balancer of ${name} refuses connections: it has as many as it can hold.`,
    runbook: "connections-rejected",
    condition: anyOf([
      returned(
        metricQuery(
          "rejected",
          loadBalancerMetric("RejectedConnectionCount", { loadBalancer }),
          "Sum",
        ),
      ),
    ]),
  });
  if (args.natGateways !== undefined) {
    alarm("nat-ports", {
      description: `A NAT gateway of ${name} has no port left for a connection: calls to the internet fail.`,
      runbook: "nat-ports",
      condition: anyOf(
        args.natGateways.apply((gateways) => [
          {
            id: "ports",
            label: "Connections without a port",
            expression: gateways.map((_, index) => `FILL(g${index}, 0)`).join(" + "),
            returnData: true,
          },
          ...gateways.map((of, index) =>
            metricQuery(`g${index}`, natGatewayMetric("ErrorPortAllocation", of), "Sum"),
          ),
        ]),
      ),
    });
  }
  for (const [key, capacityProvider] of Object.entries(args.capacityProviders)) {
    alarm(`${key}-capacity-missing`, {
      description: `Replicas wait for instances of the capacity ${key} of ${name}, and for ${INSTANCE_PATIENCE} minutes none have come.`,
      runbook: "capacity-missing",
      condition: {
        comparisonOperator: "GreaterThanThreshold",
        // ECS's own reckoning: instances needed, in percent of those that run.
        threshold: 100,
        evaluationPeriods: INSTANCE_PATIENCE,
        datapointsToAlarm: INSTANCE_PATIENCE,
        treatMissingData: "notBreaching",
        metricQueries: [
          returned(
            metricQuery(
              "needed",
              capacityProviderMetric("CapacityProviderReservation", {
                cluster: args.clusterName,
                capacityProvider,
              }),
              "Average",
            ),
          ),
        ],
      },
    });
  }
  if (args.cloudFront !== undefined) createCloudFrontAlarm(name, args.cloudFront, tags, opts);
}

/** What CloudFront alone sees: that it does not reach the load balancer. */
function createCloudFrontAlarm(
  name: string,
  { distribution, topicArns }: NonNullable<PlatformAlarmArgs["cloudFront"]>,
  tags: Tags,
  opts: pulumi.CustomResourceOptions,
): void {
  const of = { distributionId: distribution.id };
  createAlarm(
    `${name}-cloudfront-errors`,
    {
      description: `CloudFront answers many requests for ${name} with 500 to 599.`,
      runbook: "cloudfront-errors",
      topicArns,
      region: GLOBAL_REGION,
      condition: {
        comparisonOperator: "GreaterThanThreshold",
        threshold: ERROR_PERCENT,
        // It has no count of errors: a share of very few requests must last.
        evaluationPeriods: 5,
        datapointsToAlarm: 5,
        treatMissingData: "notBreaching",
        metricQueries: [
          {
            id: "share",
            label: "Errors of CloudFront in percent of the requests",
            expression: `IF(requests >= ${LEAST_ERRORS}, errors, 0)`,
            returnData: true,
          },
          metricQuery("errors", distributionMetric("5xxErrorRate", of), "Average"),
          metricQuery("requests", distributionMetric("Requests", of), "Sum"),
        ],
      },
      tags,
    },
    opts,
  );
}

/** Any in two of three minutes. */
function anyOf(metricQueries: NonNullable<AlarmCondition["metricQueries"]>): AlarmCondition {
  return {
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    treatMissingData: "notBreaching",
    metricQueries,
  };
}
