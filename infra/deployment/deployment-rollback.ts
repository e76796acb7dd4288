import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createAlarm } from "../alarms/alarms.ts";
import { DeploymentStrategy } from "./deployment-strategy.ts";
import type { Tags } from "../tags.ts";
import { errorPercentQueries, type TargetGroups } from "../dashboard/target-group-queries.ts";
import { ArgumentError, check } from "../validation.ts";

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

/** The alarm of the service's own errors, on what the worse of its target groups answers. */
export function createRollbackAlarm(
  name: string,
  args: TargetGroups & { readonly errorPercent: number; readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  return createAlarm(
    `${name}-rollback`,
    {
      description: `Over ${args.errorPercent} % of the calls of ${name} fail: a deployment that runs is taken back.`,
      runbook: "rollback",
      // It is told by the deployment that fails.
      topicArns: [],
      condition: {
        comparisonOperator: "GreaterThanThreshold",
        threshold: args.errorPercent,
        // One bad minute may be a client's; two of three are the revision's.
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        treatMissingData: "notBreaching",
        metricQueries: errorPercentQueries(args),
      },
      tags: args.tags,
    },
    opts,
  );
}

/**
 * The alarms and the circuit breaker as the service's inputs. The provider drops an empty list of names, and what is left of the block is refused
 * before anything is asked of AWS (`missing required field, CreateServiceInput.DeploymentConfiguration.Alarms.AlarmNames`): no names, no block.
 */
export function rollback(
  strategy: DeploymentStrategy,
  alarmNames: pulumi.Input<string[]>,
): Pick<aws.ecs.ServiceArgs, "alarms" | "deploymentCircuitBreaker"> {
  const breaker = strategy === DeploymentStrategy.Rolling;
  return {
    ...(Array.isArray(alarmNames) && alarmNames.length === 0
      ? {}
      : { alarms: pulumi.output(alarmNames).apply(alarmsOf) }),
    deploymentCircuitBreaker: { enable: breaker, rollback: breaker },
  };
}

function alarmsOf(names: readonly string[]): aws.types.input.ecs.ServiceAlarms | undefined {
  if (names.length === 0) return undefined;
  return { alarmNames: [...names].sort(), enable: true, rollback: true };
}
