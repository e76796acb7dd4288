import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { TrafficShift } from "./deployment.ts";
import { createRollbackAlarm, type RollbackSettings } from "./deployment-rollback.ts";
import { createLoadBalancerRole } from "./deployment-roles.ts";
import { targetGroupsOf, type Routing } from "../ingress/routing.ts";
import type { Tags } from "../tags.ts";

/** What a service's deployments need beside the service itself. */
export interface DeploymentSupport {
  readonly trafficShift: TrafficShift | undefined;
  /** The user's alarms, and ours. */
  readonly alarmNames: pulumi.Input<string[]>;
  /** What must be there before the service. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Creates the role that shifts traffic and the alarm that takes deployments back, each where it applies. */
export function createDeploymentSupport(
  name: string,
  args: RollbackSettings & {
    readonly routing: Routing;
    readonly loadBalancerArnSuffix: pulumi.Input<string>;
    /** The names of the service's alarms that take deployments back. */
    readonly guards: readonly pulumi.Output<string>[];
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): DeploymentSupport {
  const { routing, tags } = args;
  const { alternateTargetGroup, rule } = routing;
  const targetGroups = targetGroupsOf(routing);
  const alarm = createAlarm(name, args, targetGroups, opts);
  const alarmNames = namesOf(args.rollbackAlarms, [
    ...(alarm === undefined ? [] : [alarm.name]),
    ...args.guards,
  ]);
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

/** Plain where there are none: the service's inputs then leave them out altogether. */
function namesOf(
  given: RollbackSettings["rollbackAlarms"],
  own: readonly pulumi.Output<string>[],
): pulumi.Input<string[]> {
  if (own.length > 0)
    return pulumi.all([given, pulumi.all([...own])]).apply(([names, ours]) => [...names, ...ours]);
  return Array.isArray(given) && given.length === 0 ? [] : pulumi.output(given);
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
