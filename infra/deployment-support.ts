import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { TrafficShift } from "./deployment.ts";
import { createRollbackAlarm, type RollbackSettings } from "./deployment-rollback.ts";
import { createLoadBalancerRole } from "./deployment-roles.ts";
import type { Routing } from "./routing.ts";
import type { Tags } from "./tags.ts";

/** What a service's deployments need beside the service itself. */
export interface DeploymentSupport {
  readonly trafficShift: TrafficShift | undefined;
  /** The user's alarms, and ours. */
  readonly alarmNames: pulumi.Output<string[]>;
  /** What must be there before the service. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Creates the role that shifts traffic and the alarm that takes deployments back, each where it applies. */
export function createDeploymentSupport(
  name: string,
  args: RollbackSettings & {
    readonly routing: Routing;
    readonly loadBalancerArnSuffix: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): DeploymentSupport {
  const { routing, tags } = args;
  const { alternateTargetGroup, rule } = routing;
  const targetGroups = [
    routing.targetGroup,
    ...(alternateTargetGroup === undefined ? [] : [alternateTargetGroup]),
  ];
  const alarm = createAlarm(name, args, targetGroups, opts);
  const alarmNames = pulumi
    .all([args.rollbackAlarms, alarm?.name])
    .apply(([given, own]) => (own === undefined ? given : [...given, own]));
  if (alternateTargetGroup === undefined)
    return { trafficShift: undefined, alarmNames, dependsOn: [] };
  const { role, policy } = createLoadBalancerRole(name, { targetGroups, rule, tags }, opts);
  return {
    trafficShift: {
      alternateTargetGroupArn: alternateTargetGroup.arn,
      productionListenerRuleArn: rule.arn,
      roleArn: role.arn,
    },
    alarmNames,
    dependsOn: [policy],
  };
}

function createAlarm(
  name: string,
  args: RollbackSettings & {
    readonly loadBalancerArnSuffix: pulumi.Input<string>;
    readonly tags: Tags;
  },
  targetGroups: readonly aws.lb.TargetGroup[],
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm | undefined {
  const { rollbackErrorPercent: errorPercent, loadBalancerArnSuffix, tags } = args;
  if (errorPercent === 0) return undefined;
  return createRollbackAlarm(
    name,
    { errorPercent, loadBalancerArnSuffix, targetGroups, tags },
    opts,
  );
}
