import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeploymentStrategy } from "./deployment-strategy.ts";
import type { Tags } from "./tags.ts";
import { ArgumentError, check } from "./validation.ts";

/** What decides on when a deployment is taken back. */
export interface RollbackSettings {
  readonly deploymentStrategy: DeploymentStrategy;
  readonly rollbackAlarms: pulumi.Input<pulumi.Input<string>[]>;
  /** 0 for no alarm of ours. */
  readonly rollbackErrorPercent: number;
}

/**
 * Under rolling the circuit breaker judges a new revision, by replicas that do not start or fail their checks. It does not know the other
 * strategies (API DeploymentCircuitBreaker): there only an alarm can take a deployment back, so there we bring one.
 */
export function defaultErrorPercent(strategy: DeploymentStrategy): number {
  return strategy === DeploymentStrategy.Rolling ? 0 : 5;
}

/** Refuses what names no alarm. */
export function checkRollback(
  component: string,
  settings: Pick<RollbackSettings, "rollbackAlarms" | "rollbackErrorPercent">,
): void {
  const { rollbackErrorPercent } = settings;
  if (!(rollbackErrorPercent >= 0 && rollbackErrorPercent < 100)) {
    throw new ArgumentError(
      component,
      `\`rollbackErrorPercent\` is ${rollbackErrorPercent}; give a percentage from 0 (no alarm) to less than 100.`,
    );
  }
  check(settings.rollbackAlarms, (alarms) => {
    for (const alarm of alarms) {
      check(alarm, (name) => {
        if (name.length > 0 && name.length <= 255 && !name.startsWith("arn:")) return;
        throw new ArgumentError(
          component,
          `\`rollbackAlarms\` has \`${name}\`; give the name of a CloudWatch alarm in the same region, 1 to 255 characters, not its ARN.`,
        );
      });
    }
  });
}

/** Fewer requests a minute than this say nothing about a revision. */
const LEAST_REQUESTS = 10;

/** A minute's errors in percent of one group's requests; both metrics are absent, not zero, when nothing happened. */
function errorPercent(errors: string, requests: string): string {
  return `IF(FILL(${requests}, 0) >= ${LEAST_REQUESTS}, 100 * FILL(${errors}, 0) / FILL(${requests}, 1), 0)`;
}

/**
 * The alarm of the service's own errors: the worse of its target groups, since a canary's 5 percent of the traffic would drown in the others'
 * successes. Only what the replicas answer counts (`HTTPCode_Target_5XX_Count`): the errors of the load balancer itself have no dimension but
 * the load balancer, and another service's would take this one's deployment back (ELB guide, "CloudWatch metrics").
 */
export function createRollbackAlarm(
  name: string,
  args: {
    readonly errorPercent: number;
    readonly loadBalancerArnSuffix: pulumi.Input<string>;
    readonly targetGroups: readonly aws.lb.TargetGroup[];
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  const shares = args.targetGroups.map((_, index) => `s${index}`);
  const metric = (
    id: string,
    metricName: string,
    group: aws.lb.TargetGroup,
  ): aws.types.input.cloudwatch.MetricAlarmMetricQuery => ({
    id,
    returnData: false,
    metric: {
      namespace: "AWS/ApplicationELB",
      metricName,
      period: 60,
      stat: "Sum",
      dimensions: { LoadBalancer: args.loadBalancerArnSuffix, TargetGroup: group.arnSuffix },
    },
  });
  return new aws.cloudwatch.MetricAlarm(
    `${name}-rollback`,
    {
      alarmDescription: `Over ${args.errorPercent} % of the calls of ${name} fail: a deployment that runs is taken back.`,
      comparisonOperator: "GreaterThanThreshold",
      threshold: args.errorPercent,
      // One bad minute may be a client's; two of three are the revision's.
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: "notBreaching",
      metricQueries: [
        {
          id: "worst",
          label: "Errors in percent of the requests",
          expression: shares.length === 1 ? "s0" : `MAX([${shares.join(", ")}])`,
          returnData: true,
        },
        ...args.targetGroups.flatMap((group, index) => [
          {
            id: `s${index}`,
            expression: errorPercent(`e${index}`, `r${index}`),
            returnData: false,
          },
          metric(`e${index}`, "HTTPCode_Target_5XX_Count", group),
          metric(`r${index}`, "RequestCount", group),
        ]),
      ],
      tags: args.tags,
    },
    opts,
  );
}

/**
 * The alarms and the circuit breaker as the service's inputs. Both are always said: the provider sends nothing where a block is missing, so
 * that a service would keep alarms that are gone. An empty block is what ECS itself answers.
 */
export function rollback(
  strategy: DeploymentStrategy,
  alarmNames: pulumi.Input<string[]>,
): Pick<aws.ecs.ServiceArgs, "alarms" | "deploymentCircuitBreaker"> {
  const breaker = strategy === DeploymentStrategy.Rolling;
  const alarms = pulumi.output(alarmNames);
  const any = alarms.apply((names) => names.length > 0);
  return {
    alarms: {
      alarmNames: alarms.apply((names) => [...names].sort()),
      enable: any,
      rollback: any,
    },
    deploymentCircuitBreaker: { enable: breaker, rollback: breaker },
  };
}
