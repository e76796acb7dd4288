import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ScalingSettings } from "./scaling-args.ts";
import { createBurstScaling } from "./scaling-burst.ts";
import { createSchedule } from "./scaling-schedule.ts";
import {
  CPU_METRIC,
  createTracking,
  ongoingRequestsMetric,
  requestCountMetric,
} from "./scaling-tracking.ts";
import type { Tags } from "../tags.ts";

/** What scales, and where what it is scaled by is measured. */
export interface ScalingSources {
  readonly clusterName: pulumi.Input<string>;
  readonly serviceName: pulumi.Input<string>;
  readonly loadBalancerArnSuffix: pulumi.Input<string>;
  readonly targetGroup: aws.lb.TargetGroup;
  readonly rule: aws.lb.ListenerRule;
  /** The name under which the replicas publish their metrics. */
  readonly metricServiceName: pulumi.Input<string>;
  readonly maxOngoingRequests: pulumi.Input<number>;
  readonly tags: Tags;
}

/** The scalable target, and what moves it. Of several policies the largest wish wins, and replicas go only where all agree. */
export function createScaling(
  name: string,
  args: ScalingSettings & ScalingSources,
  opts: pulumi.CustomResourceOptions,
): void {
  const target = new aws.appautoscaling.Target(
    name,
    {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: pulumi.interpolate`service/${args.clusterName}/${args.serviceName}`,
      minCapacity: args.minReplicas,
      maxCapacity: args.maxReplicas,
      tags: args.tags,
    },
    // Whatever registered the target again would undo what the latest schedule has set.
    args.schedules.length === 0
      ? opts
      : pulumi.mergeOptions(opts, { ignoreChanges: ["minCapacity", "maxCapacity"] }),
  );
  // One after the other: AWS takes one change of a target at a time (ConcurrentUpdateException, terraform-provider-aws#17915).
  const changes: pulumi.Resource[] = [];
  const next = (): pulumi.CustomResourceOptions =>
    pulumi.mergeOptions(opts, { dependsOn: changes.slice(-1) });
  const tracking = { ...args, target };
  if (args.requestCountPerTarget !== undefined) {
    const resourceLabel = pulumi.interpolate`${args.loadBalancerArnSuffix}/${args.targetGroup.arnSuffix}`;
    changes.push(
      createTracking(
        name,
        tracking,
        args.requestCountPerTarget,
        requestCountMetric(resourceLabel),
        // AWS refuses the metric of a target group that is on no listener yet.
        pulumi.mergeOptions(next(), { dependsOn: [args.rule] }),
      ),
    );
  }
  if (args.targetOngoingRequests !== undefined) {
    const metric = ongoingRequestsMetric(args.metricServiceName);
    const { targetOngoingRequests } = args;
    changes.push(
      createTracking(`${name}-ongoing-requests`, tracking, targetOngoingRequests, metric, next()),
    );
    if (args.burstScaling) {
      const cooldownSeconds = args.scaleOutCooldownSeconds;
      const burst = { ...args, target, targetOngoingRequests, cooldownSeconds };
      changes.push(createBurstScaling(name, burst, next()));
    }
  }
  if (args.cpuTargetPercent !== 0) {
    changes.push(
      createTracking(`${name}-cpu`, tracking, args.cpuTargetPercent, CPU_METRIC, next()),
    );
  }
  for (const schedule of args.schedules)
    changes.push(createSchedule(name, schedule, target, next()));
}
