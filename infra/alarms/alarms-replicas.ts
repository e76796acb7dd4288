import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createAlarm, withRunbook, type AlarmCondition } from "./alarms.ts";
import type { RequestAlarms } from "./alarms-requests.ts";
import type { Schedule } from "../scaling/scaling-schedule.ts";
import type { Tags } from "../tags.ts";
import {
  failedZoneQueries,
  healthyQueries,
  type TargetGroups,
} from "../dashboard/target-group-queries.ts";
import { isLate } from "../validation.ts";

/** What decides on the alarms on a service's replicas. */
export interface ReplicaAlarmArgs extends TargetGroups {
  readonly minReplicas: pulumi.Input<number>;
  readonly maxReplicas: pulumi.Input<number>;
  readonly schedules: readonly Schedule[];
  /** Whether the replicas have GPUs, of which there may be none to be had. */
  readonly gpu: boolean;
  /** The names of the zones. */
  readonly zones: pulumi.Input<string[]>;
  readonly requests: RequestAlarms;
  readonly topicArn: pulumi.Input<string>;
  readonly tags: Tags;
}

/** An alarm reads ten metrics at most, two for each zone (CloudWatch guide, "Metric math"). */
const MOST_ZONES = 5;

/** How long there may be too many or too few replicas before somebody is told, in minutes: longer than a deployment or a scale-out takes. */
const PATIENCE = 15;

/** All minutes of a while; a group without any target publishes nothing, and has no healthy one. */
function during(
  minutes: number,
  condition: Pick<AlarmCondition, "comparisonOperator" | "threshold" | "metricQueries">,
): AlarmCondition {
  return {
    ...condition,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    treatMissingData: "breaching",
  };
}

/** Creates the alarms on the replicas of a service, which must be there: before it, nothing is healthy. */
export function createReplicaAlarms(
  name: string,
  args: ReplicaAlarmArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const { topicArn, tags } = args;
  for (const [suffix, group] of args.targetGroups.map(
    (targetGroup, index) => [index === 0 ? "" : "-alternate", targetGroup] as const,
  )) {
    createAlarm(
      `${name}-zone-unavailable${suffix}`,
      {
        description: `In a zone all replicas of the MCP service ${name} fail their health checks.`,
        runbook: "zone-unavailable",
        topicArns: [topicArn],
        condition: {
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          threshold: 1,
          evaluationPeriods: 3,
          datapointsToAlarm: 3,
          treatMissingData: "notBreaching",
          metricQueries: pulumi
            .all([args.loadBalancerArnSuffix, group.arnSuffix, args.zones])
            .apply(([loadBalancer, targetGroup, zones]) =>
              failedZoneQueries({ loadBalancer, targetGroup }, zones.slice(0, MOST_ZONES)),
            ),
        },
        tags,
      },
      opts,
    );
  }
  if (!args.schedules.some(({ maxReplicas }) => !isLate(maxReplicas) && maxReplicas === 0))
    createMissingAlarms(name, args, opts);
  createOverloadAlarms(name, args, opts);
}

/** None where a schedule switches the service off: an alarm does not know the time. */
function createMissingAlarms(
  name: string,
  args: ReplicaAlarmArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const { topicArn, tags } = args;
  createAlarm(
    `${name}-unavailable`,
    {
      description: `The MCP service ${name} has no healthy replica: callers get errors.`,
      runbook: "unavailable",
      topicArns: [topicArn],
      condition: during(2, {
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        metricQueries: healthyQueries(args),
      }),
      tags,
    },
    opts,
  );
  createAlarm(
    `${name}-replicas-missing`,
    {
      description: args.gpu
        ? `The MCP service ${name} has had fewer healthy replicas than its minimum for ${PATIENCE} minutes: AWS may have no instances with GPUs.`
        : `The MCP service ${name} has had fewer healthy replicas than its minimum for ${PATIENCE} minutes.`,
      runbook: "replicas-missing",
      topicArns: [topicArn],
      condition: during(PATIENCE, {
        comparisonOperator: "LessThanThreshold",
        threshold: extreme(args, "minReplicas", Math.min),
        metricQueries: healthyQueries(args),
      }),
      tags,
    },
    opts,
  );
}

/**
 * A maximum that is reached is no fault by itself, and slow calls have other causes, too: together they say that more replicas would help. None where
 * there is nothing to scale.
 */
function createOverloadAlarms(
  name: string,
  args: ReplicaAlarmArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  if (args.schedules.length === 0 && args.minReplicas === args.maxReplicas) return;
  const { topicArn, requests, tags } = args;
  const pinned = createAlarm(
    `${name}-pinned`,
    {
      description: `The MCP service ${name} has had its maximum of replicas for ${PATIENCE} minutes; it tells nobody by itself.`,
      runbook: "pinned",
      topicArns: [],
      condition: {
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: extreme(args, "maxReplicas", Math.max),
        evaluationPeriods: PATIENCE,
        datapointsToAlarm: PATIENCE,
        treatMissingData: "notBreaching",
        metricQueries: healthyQueries(args),
      },
      tags,
    },
    opts,
  );
  new aws.cloudwatch.CompositeAlarm(
    `${name}-overloaded`,
    {
      // The provider makes no name for this kind of resource; that of the other alarm is unique.
      alarmName: pinned.name.apply((unique) => unique.replace("-pinned", "-overloaded")),
      alarmDescription: withRunbook(
        `The MCP service ${name} has its maximum of replicas, and calls fail or are slow.`,
        "overloaded",
      ),
      alarmRule: pulumi.interpolate`ALARM("${pinned.name}") AND (ALARM("${requests.errors.name}") OR ALARM("${requests.latency.name}"))`,
      alarmActions: [topicArn],
      okActions: [topicArn],
      tags,
    },
    opts,
  );
}

/** The least minimum, or the greatest maximum, of all that schedules may set. */
function extreme(
  args: ReplicaAlarmArgs,
  bound: "minReplicas" | "maxReplicas",
  choose: (...numbers: number[]) => number,
): pulumi.Output<number> {
  return pulumi
    .all([args[bound], ...args.schedules.map((schedule) => schedule[bound])])
    .apply((numbers) => choose(...numbers));
}
