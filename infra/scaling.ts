import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "./tags.ts";
import { ArgumentError, check, wholeNumberBetween } from "./validation.ts";

/** What decides on the number of replicas. */
export interface ScalingArgs {
  readonly minReplicas: pulumi.Input<number>;
  readonly maxReplicas: pulumi.Input<number>;
  readonly requestCountPerTarget: pulumi.Input<number>;
  readonly scaleOutCooldownSeconds: pulumi.Input<number>;
  readonly scaleInCooldownSeconds: pulumi.Input<number>;
}

/** Refuses numbers that Application Auto Scaling would refuse. */
export function checkScaling(component: string, args: ScalingArgs): void {
  // The quota of tasks a service is 5,000 (ECS service quotas).
  check(args.minReplicas, wholeNumberBetween(component, "minReplicas", 1, 5000));
  check(args.maxReplicas, wholeNumberBetween(component, "maxReplicas", 1, 5000));
  check(
    args.requestCountPerTarget,
    wholeNumberBetween(component, "requestCountPerTarget", 1, 10_000_000, "requests a minute"),
  );
  check(
    args.scaleOutCooldownSeconds,
    wholeNumberBetween(component, "scaleOutCooldownSeconds", 0, 3600, "seconds"),
  );
  check(
    args.scaleInCooldownSeconds,
    wholeNumberBetween(component, "scaleInCooldownSeconds", 0, 3600, "seconds"),
  );
  const inOrder = (minReplicas: number, maxReplicas: number): void => {
    if (minReplicas <= maxReplicas) return;
    throw new ArgumentError(
      component,
      `\`minReplicas\` is ${minReplicas} and \`maxReplicas\` is ${maxReplicas}; give a maximum that is not below the minimum.`,
    );
  };
  const { minReplicas, maxReplicas } = args;
  if (typeof minReplicas === "number" && typeof maxReplicas === "number")
    inOrder(minReplicas, maxReplicas);
  else
    pulumi.all([minReplicas, maxReplicas]).apply(([least, most]) => {
      inOrder(least, most);
    });
}

/** Target tracking on the requests that the load balancer counts for each replica. */
export function createScaling(
  name: string,
  args: ScalingArgs & {
    readonly clusterName: pulumi.Input<string>;
    readonly serviceName: pulumi.Input<string>;
    readonly loadBalancerArnSuffix: pulumi.Input<string>;
    readonly targetGroup: aws.lb.TargetGroup;
    readonly rule: aws.lb.ListenerRule;
    readonly tags: Tags;
  },
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
    opts,
  );
  new aws.appautoscaling.Policy(
    name,
    {
      policyType: "TargetTrackingScaling",
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: {
          predefinedMetricType: "ALBRequestCountPerTarget",
          resourceLabel: pulumi.interpolate`${args.loadBalancerArnSuffix}/${args.targetGroup.arnSuffix}`,
        },
        targetValue: args.requestCountPerTarget,
        scaleOutCooldown: args.scaleOutCooldownSeconds,
        scaleInCooldown: args.scaleInCooldownSeconds,
      },
    },
    // AWS refuses the metric of a target group that is on no listener yet.
    { ...opts, dependsOn: [args.rule] },
  );
}
