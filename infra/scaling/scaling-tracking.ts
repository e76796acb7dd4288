import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { ONGOING_REQUESTS } from "./scaling-metric.ts";

/** What every target tracking policy of a service has in common. */
export interface Tracking {
  readonly target: aws.appautoscaling.Target;
  readonly scaleOutCooldownSeconds: pulumi.Input<number>;
  readonly scaleInCooldownSeconds: pulumi.Input<number>;
  readonly disableScaleIn: pulumi.Input<boolean> | undefined;
}

type Metric = Pick<
  aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfiguration,
  "predefinedMetricSpecification" | "customizedMetricSpecification"
>;

/**
 * A policy that keeps a metric at a value.
 *
 * @param metric must fall as replicas are added.
 */
export function createTracking(
  name: string,
  { target, ...tracking }: Tracking,
  targetValue: pulumi.Input<number>,
  metric: Metric,
  opts: pulumi.CustomResourceOptions,
): aws.appautoscaling.Policy {
  return new aws.appautoscaling.Policy(
    name,
    {
      policyType: "TargetTrackingScaling",
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      targetTrackingScalingPolicyConfiguration: {
        ...metric,
        targetValue,
        scaleOutCooldown: tracking.scaleOutCooldownSeconds,
        scaleInCooldown: tracking.scaleInCooldownSeconds,
        ...(tracking.disableScaleIn === undefined
          ? {}
          : { disableScaleIn: tracking.disableScaleIn }),
      },
    },
    opts,
  );
}

/** The requests that the load balancer counts for each replica, in a minute. Of one target group: not for deployments that switch between two. */
export function requestCountMetric(resourceLabel: pulumi.Input<string>): Metric {
  return {
    predefinedMetricSpecification: {
      predefinedMetricType: "ALBRequestCountPerTarget",
      resourceLabel,
    },
  };
}

/** The requests that a replica works on: every replica publishes its own, zeros included, so that the average is per replica. */
export function ongoingRequestsMetric(metricServiceName: pulumi.Input<string>): Metric {
  return {
    customizedMetricSpecification: {
      namespace: ONGOING_REQUESTS.namespace,
      metricName: ONGOING_REQUESTS.metricName,
      dimensions: [{ name: ONGOING_REQUESTS.dimension, value: metricServiceName }],
      statistic: "Average",
    },
  };
}

/** The share of the processor that the task definition asks for, in percent. */
export const CPU_METRIC: Metric = {
  predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
};
