import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { withRunbook } from "../alarms/alarms.ts";
import { ONGOING_REQUESTS } from "./scaling-metric.ts";
import type { Tags } from "../tags.ts";

/** From how many ongoing requests a replica on, by how many percent the replicas grow. */
export interface BurstStep {
  readonly from: number;
  readonly addPercent: number;
}

/**
 * The steps of a burst: at one and a half, two and three times the target a half, as many, and twice as many replicas are added, always a
 * little less than would be needed, since the next minute may add more. No replica works on more than its limit, and refuses the rest: a
 * step lies at most halfway between the one before and the limit, where the need can still be seen.
 *
 * @param target ongoing requests of a replica that the autoscaler aims at.
 * @param limit what a replica works on at most; greater than the target.
 */
export function burstSteps(target: number, limit: number): readonly BurstStep[] {
  const first = Math.min(1.5 * target, (target + limit) / 2);
  const second = Math.min(2 * target, (first + limit) / 2);
  const steps = [
    { from: thousandths(first), addPercent: 50 },
    { from: thousandths(second), addPercent: 100 },
  ];
  return 3 * target < limit
    ? [...steps, { from: thousandths(3 * target), addPercent: 200 }]
    : steps;
}

/** As exactly as the gauge is written, and short: 1.5 times 0.7 is not 1.0499999999999998. */
function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** As AWS takes steps: bounds as text, relative to the alarm's threshold, each beginning where the one before ends, the last one open. */
export function stepAdjustments(
  steps: readonly BurstStep[],
): aws.types.input.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustment[] {
  const threshold = steps[0]?.from ?? 0;
  const relative = (from: number): string => String(thousandths(from - threshold));
  return steps.map(({ from, addPercent }, index) => {
    const next = steps[index + 1];
    return {
      metricIntervalLowerBound: relative(from),
      ...(next === undefined ? {} : { metricIntervalUpperBound: relative(next.from) }),
      scalingAdjustment: addPercent,
    };
  });
}

/** The fewest replicas that a burst adds: half of two would be one, and the two are in trouble together. */
const LEAST_ADDED = 2;

/** How many periods in a row must be above the threshold: 20 seconds; one alone may be a hiccup. */
const PERIODS = 2;

/**
 * Step scaling on a 10-second alarm: target tracking looks at whole minutes, three in a row, and answers a burst when it is over. The alarm
 * repeats its action every minute as long as it lasts, the cooldown permitting.
 */
export function createBurstScaling(
  name: string,
  args: {
    readonly target: aws.appautoscaling.Target;
    readonly targetOngoingRequests: pulumi.Input<number>;
    readonly maxOngoingRequests: pulumi.Input<number>;
    readonly metricServiceName: pulumi.Input<string>;
    readonly cooldownSeconds: pulumi.Input<number>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.appautoscaling.Policy {
  const { target } = args;
  const steps = pulumi
    .all([args.targetOngoingRequests, args.maxOngoingRequests])
    .apply(([aim, limit]) => burstSteps(aim, limit));
  const policy = new aws.appautoscaling.Policy(
    `${name}-burst`,
    {
      policyType: "StepScaling",
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      stepScalingPolicyConfiguration: {
        adjustmentType: "PercentChangeInCapacity",
        minAdjustmentMagnitude: LEAST_ADDED,
        // The statistic of the alarm. All of its periods are above the threshold, hence so is their average, and a step fits.
        metricAggregationType: "Average",
        cooldown: args.cooldownSeconds,
        stepAdjustments: steps.apply(stepAdjustments),
      },
    },
    opts,
  );
  new aws.cloudwatch.MetricAlarm(
    `${name}-burst`,
    {
      alarmDescription: withRunbook(
        `The replicas of the MCP service ${name} have far more ongoing requests than they should: a burst, which adds replicas.`,
        "burst",
      ),
      namespace: ONGOING_REQUESTS.namespace,
      metricName: ONGOING_REQUESTS.metricName,
      dimensions: { [ONGOING_REQUESTS.dimension]: args.metricServiceName },
      statistic: "Average",
      period: ONGOING_REQUESTS.period,
      evaluationPeriods: PERIODS,
      datapointsToAlarm: PERIODS,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: steps.apply(([first]) => first?.from ?? 0),
      // Without a replica there is no metric, and no burst.
      treatMissingData: "notBreaching",
      alarmActions: [policy.arn],
      tags: args.tags,
    },
    opts,
  );
  return policy;
}
