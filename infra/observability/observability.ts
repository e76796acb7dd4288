import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createEventRules, notify } from "../alarms/alarms-events.ts";
import { createPlatformAlarms, type PlatformAlarmArgs } from "../alarms/alarms-platform.ts";
import { createAlarmTopic } from "../alarms/alarms-topic.ts";
import { ContainerInsights, createPerformanceLogGroup } from "./container-insights.ts";
import { createLogGroup } from "./log-group.ts";
import { createLogQueries } from "./log-queries.ts";
import { GLOBAL_REGION } from "./network-metrics.ts";
import type { ObservabilityArguments } from "./observability-args.ts";
import type { Deployment } from "../task/roles.ts";
import type { Tags } from "../tags.ts";

/** What an operator of a platform has to look at. */
export interface Observability {
  readonly logGroup: aws.cloudwatch.LogGroup;
  /** The topic that alarms and events tell. */
  readonly alarmTopicArn: pulumi.Output<string>;
}

/** The parts of a platform that are watched. */
export interface ObservabilityArgs {
  readonly settings: ObservabilityArguments;
  readonly logRetentionInDays: pulumi.Input<number>;
  readonly cluster: aws.ecs.Cluster;
  readonly loadBalancerArnSuffix: pulumi.Input<string>;
  readonly distribution: aws.cloudfront.Distribution | undefined;
  readonly natGateways: PlatformAlarmArgs["natGateways"];
  /** The capacity providers of Auto Scaling groups, by the names of the capacities. */
  readonly capacityProviders: Readonly<Record<string, pulumi.Input<string>>>;
  readonly deployment: Deployment;
  readonly tags: Tags;
}

/** Creates the log group with its saved queries, the topic, and what tells it. */
export function createObservability(
  name: string,
  args: ObservabilityArgs,
  opts: pulumi.CustomResourceOptions,
): Observability {
  const { settings, cluster, deployment, tags } = args;
  const { kmsKeyArn } = settings;
  const logGroup = createLogGroup(
    name,
    { retentionInDays: args.logRetentionInDays, kmsKeyArn, tags },
    opts,
  );
  createLogQueries(name, { logGroupName: logGroup.name }, opts);
  if ((settings.containerInsights ?? ContainerInsights.Disabled) !== ContainerInsights.Disabled)
    createPerformanceLogGroup(name, { clusterName: cluster.name, kmsKeyArn, tags }, opts);

  const notices =
    settings.alarms === false
      ? []
      : createEventRules(
          name,
          { clusterArn: cluster.arn, clusterName: cluster.name, deployment, tags },
          opts,
        );
  const alarmTopicArn =
    settings.alarmTopicArn === undefined
      ? createAlarmTopic(`${name}-alarms`, { email: settings.alarmEmail, deployment, tags }, opts)
      : pulumi.output(settings.alarmTopicArn);
  notify(name, notices, { topicArn: alarmTopicArn, deployment, tags }, opts);
  if (settings.alarms !== false) {
    createPlatformAlarms(
      name,
      {
        loadBalancerArnSuffix: args.loadBalancerArnSuffix,
        natGateways: args.natGateways,
        cloudFront:
          args.distribution === undefined
            ? undefined
            : {
                distribution: args.distribution,
                topicArns: cloudFrontTopicArns(name, args, opts),
              },
        clusterName: cluster.name,
        capacityProviders: args.capacityProviders,
        topicArn: alarmTopicArn,
        tags,
      },
      opts,
    );
  }
  return { logGroup, alarmTopicArn };
}

/** The topic that an alarm in CloudFront's region may tell, if there is one. */
function cloudFrontTopicArns(
  name: string,
  { settings, deployment, tags }: ObservabilityArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Input<string>[] | pulumi.Output<string[]> {
  if (settings.cloudFrontAlarmTopicArn !== undefined) return [settings.cloudFrontAlarmTopicArn];
  if (settings.alarmTopicArn !== undefined) {
    return pulumi
      .output(settings.alarmTopicArn)
      .apply((arn) => (arn.split(":")[3] === GLOBAL_REGION ? [arn] : []));
  }
  return [
    createAlarmTopic(
      `${name}-cloudfront-alarms`,
      { email: settings.alarmEmail, deployment, region: GLOBAL_REGION, tags },
      opts,
    ),
  ];
}
