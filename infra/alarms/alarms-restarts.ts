import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createAlarm, metricQuery, returned } from "./alarms.ts";
import { ruleMetric } from "./alarms-metric.ts";
import type { Tags } from "../tags.ts";

/** How many replicas may die within a quarter of an hour: one may run out of memory, and its successor, too. */
const TOLERATED = 2;

/**
 * Counts the replicas that end by themselves, do not start, or fail their health checks, and not those that a deployment, the autoscaler or Spot stops. No metric
 * says so: a rule counts its matches, and needs no target for that (EventBridge guide, "Using IAM policy conditions": without one a rule does no more than
 * publish a metric).
 */
export function createRestartAlarm(
  name: string,
  args: {
    readonly clusterArn: pulumi.Input<string>;
    readonly serviceName: pulumi.Input<string>;
    readonly topicArn: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): void {
  const { tags } = args;
  const rule = new aws.cloudwatch.EventRule(
    `${name}-restarts`,
    {
      description: `A replica of the MCP service ${name} has ended, and nobody wanted it to.`,
      eventPattern: pulumi.jsonStringify({
        source: ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        detail: {
          clusterArn: [args.clusterArn],
          group: [pulumi.interpolate`service:${args.serviceName}`],
          lastStatus: ["STOPPED"],
          $or: [
            { stopCode: ["EssentialContainerExited", "TaskFailedToStart"] },
            // "Task failed ELB health checks …", "Task failed container health checks" (ECS guide, "Stopped tasks error messages").
            { stoppedReason: [{ prefix: "Task failed " }] },
          ],
        },
      }),
      tags,
    },
    opts,
  );
  createAlarm(
    `${name}-restarts`,
    {
      description: `Replicas of the MCP service ${name} end again and again, three or more within 15 minutes.`,
      runbook: "restarts",
      topicArns: [args.topicArn],
      condition: {
        comparisonOperator: "GreaterThanThreshold",
        threshold: TOLERATED,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        treatMissingData: "notBreaching",
        metricQueries: [returned(metricQuery("ended", ruleMetric(rule.name), "Sum", 900))],
      },
      tags,
    },
    opts,
  );
}
