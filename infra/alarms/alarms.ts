import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Metric } from "../observability/metrics.ts";
import type { Tags } from "../tags.ts";

/** Where somebody who is woken reads on. */
const RUNBOOK = "docs/runbook.md";

/** The entries of the runbook, by their anchors: one for each alarm and each event. */
export type RunbookEntry =
  | "burst"
  | "capacity-missing"
  | "cloudfront-errors"
  | "connections-rejected"
  | "deployment-failed"
  | "errors"
  | "latency"
  | "load-balancer-errors"
  | "nat-ports"
  | "overloaded"
  | "pinned"
  | "replicas-missing"
  | "restarts"
  | "rollback"
  | "tasks-not-placed"
  | "tokens-refused"
  | "unavailable"
  | "upstream-missing"
  | "zone-unavailable";

/** A description that ends where the runbook goes on. */
export function withRunbook(description: string, entry: RunbookEntry): string {
  return `${description} Runbook: ${RUNBOOK}#${entry}`;
}

export type MetricQuery = aws.types.input.cloudwatch.MetricAlarmMetricQuery;

/** A metric as an alarm's expressions read it, by the minute unless it says otherwise. */
export function metricQuery(id: string, metric: Metric, stat: string, period = 60): MetricQuery {
  const { namespace, metricName, dimensions } = metric;
  return {
    id,
    returnData: false,
    metric: { namespace, metricName, period, stat, dimensions: { ...dimensions } },
  };
}

/** The one query that decides. */
export function returned(query: MetricQuery): MetricQuery {
  return { ...query, returnData: true };
}

/** When an alarm rings. */
export type AlarmCondition = Pick<
  aws.cloudwatch.MetricAlarmArgs,
  | "comparisonOperator"
  | "datapointsToAlarm"
  | "dimensions"
  | "evaluationPeriods"
  | "metricName"
  | "metricQueries"
  | "namespace"
  | "period"
  | "statistic"
  | "threshold"
  | "treatMissingData"
>;

type Inputs = pulumi.Input<string>[] | pulumi.Output<string[]>;

/** What an alarm says, and to whom. */
export interface AlarmArgs {
  /** A sentence or two that say what is wrong. */
  readonly description: string;
  readonly runbook: RunbookEntry;
  /** Told when it begins and when it ends; none where an alarm only serves another one. */
  readonly topicArns: Inputs;
  readonly condition: AlarmCondition;
  /** Where its metrics are, if not where the stack is. */
  readonly region?: string;
  readonly tags: Tags;
}

/** An alarm that tells of its end, too, so that nobody looks for what is over. */
export function createAlarm(
  name: string,
  args: AlarmArgs,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  const { topicArns } = args;
  const silent = Array.isArray(topicArns) && topicArns.length === 0;
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      ...(args.region === undefined ? {} : { region: args.region }),
      alarmDescription: withRunbook(args.description, args.runbook),
      ...args.condition,
      ...(silent ? {} : { alarmActions: topicArns, okActions: topicArns }),
      tags: args.tags,
    },
    opts,
  );
}
