import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createAlarm, metricQuery } from "./alarms.ts";
import type { AlarmSettings } from "./alarms-args.ts";
import { hostMetric, refusalMetric } from "../observability/metrics.ts";
import type { Tags } from "../tags.ts";
import {
  errorPercentQueries,
  latencyQueries,
  type TargetGroups,
} from "../dashboard/target-group-queries.ts";

/** The alarms on what callers get: there before the service, whose deployments they take back. */
export interface RequestAlarms {
  readonly errors: aws.cloudwatch.MetricAlarm;
  readonly latency: aws.cloudwatch.MetricAlarm;
}

/** Creates the alarms on a service's errors and response times. */
export function createRequestAlarms(
  name: string,
  args: TargetGroups &
    AlarmSettings & {
      readonly longestCallSeconds: pulumi.Input<number>;
      readonly topicArn: pulumi.Input<string>;
      readonly tags: Tags;
    },
  opts: pulumi.CustomResourceOptions,
): RequestAlarms {
  const { topicArn, tags } = args;
  const seconds =
    args.alarmLatencySeconds ??
    pulumi.output(args.longestCallSeconds).apply((longest) => longest / 2);
  return {
    errors: createAlarm(
      `${name}-errors`,
      {
        description: `Too many calls of the MCP service ${name} fail: callers get answers of 500 to 599.`,
        runbook: "errors",
        topicArns: [topicArn],
        condition: {
          comparisonOperator: "GreaterThanThreshold",
          threshold: args.alarmErrorPercent,
          // One bad minute may be a client's; two of three are the service's.
          evaluationPeriods: 3,
          datapointsToAlarm: 2,
          treatMissingData: "notBreaching",
          metricQueries: errorPercentQueries(args),
        },
        tags,
      },
      opts,
    ),
    latency: createAlarm(
      `${name}-latency`,
      {
        description: `The MCP service ${name} is slow: one in a hundred calls waits for its answer nearly as long as a call may take.`,
        runbook: "latency",
        topicArns: [topicArn],
        condition: {
          comparisonOperator: "GreaterThanThreshold",
          threshold: seconds,
          // The slowest call of a hundred differs from minute to minute: all three of them.
          evaluationPeriods: 3,
          datapointsToAlarm: 3,
          treatMissingData: "notBreaching",
          metricQueries: latencyQueries(args),
        },
        tags,
      },
      opts,
    ),
  };
}

/** Fewer refusals within five minutes than this are one client's. */
const LEAST_REFUSALS = 20;

/** Creates the alarm on tokens that are refused: keys that were rotated, an issuer that changed, a client with another audience. */
export function createTokenAlarm(
  name: string,
  args: {
    /** The value of `OTEL_SERVICE_NAME`. */
    readonly metricServiceName: pulumi.Input<string>;
    readonly alarmRefusedTokenPercent: pulumi.Input<number>;
    readonly topicArn: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): void {
  const { metricServiceName } = args;
  createAlarm(
    `${name}-tokens-refused`,
    {
      description: `The MCP service ${name} refuses the tokens of many calls: callers get 401.`,
      runbook: "tokens-refused",
      topicArns: [args.topicArn],
      condition: {
        comparisonOperator: "GreaterThanThreshold",
        threshold: args.alarmRefusedTokenPercent,
        evaluationPeriods: 2,
        datapointsToAlarm: 2,
        // An image of the user's that does not write the metric has an alarm that never rings.
        treatMissingData: "notBreaching",
        metricQueries: [
          {
            id: "share",
            label: "Refused tokens in percent of the calls",
            expression: `IF(refused >= ${LEAST_REFUSALS}, 100 * refused / (refused + FILL(calls, 0)), 0)`,
            returnData: true,
          },
          metricQuery(
            "refused",
            refusalMetric({ service: metricServiceName, reason: "invalid_token" }),
            "Sum",
            300,
          ),
          metricQuery("calls", hostMetric("Calls", { service: metricServiceName }), "Sum", 300),
        ],
      },
      tags: args.tags,
    },
    opts,
  );
}
