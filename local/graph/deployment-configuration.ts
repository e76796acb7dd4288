import { z } from "zod";
import type { Graph, GraphResource } from "./graph.ts";

/** How a new revision reaches the callers. */
export type DeploymentStrategy = z.output<typeof strategies>;

/** The numbers of the strategies that shift traffic; those of other strategies are not looked at. */
export interface TrafficShift {
  readonly bakeMinutes: number;
  readonly canaryPercent: number;
  readonly canaryBakeMinutes: number;
  readonly stepPercent: number;
  readonly stepBakeMinutes: number;
}

/** The alarms that take a deployment back. */
export interface DeploymentAlarms {
  readonly names: readonly string[];
  readonly rollback: boolean;
  /** How long they are watched after a rolling deployment's last step. */
  readonly bakeSeconds: number;
}

const strategies = z.enum(["ROLLING", "BLUE_GREEN", "CANARY", "LINEAR"]);
/** The provider has whole numbers of minutes as strings. */
const minutes = z.coerce.number().min(0).max(1440);

/** The defaults are those of the API (DeploymentConfiguration, CanaryConfiguration, LinearConfiguration). */
export const deploymentConfigurationInputs = z.object({
  strategy: strategies.default("ROLLING"),
  bakeTimeInMinutes: minutes.default(0),
  canaryConfiguration: z
    .object({
      canaryPercent: z.number().default(5),
      canaryBakeTimeInMinutes: minutes.default(10),
    })
    .prefault({}),
  linearConfiguration: z
    .object({
      stepPercent: z.number().default(10),
      stepBakeTimeInMinutes: minutes.default(6),
    })
    .prefault({}),
  lifecycleHooks: z.array(z.object({ lifecycleStages: z.array(z.string()) })).default([]),
});

export const alarmsInputs = z
  .object({ alarmNames: z.array(z.string()), enable: z.boolean(), rollback: z.boolean() })
  .default({ alarmNames: [], enable: false, rollback: false });

export function trafficShiftOf(
  inputs: z.output<typeof deploymentConfigurationInputs>,
): TrafficShift {
  const { canaryConfiguration, linearConfiguration } = inputs;
  return {
    bakeMinutes: inputs.bakeTimeInMinutes,
    canaryPercent: canaryConfiguration.canaryPercent,
    canaryBakeMinutes: canaryConfiguration.canaryBakeTimeInMinutes,
    stepPercent: linearConfiguration.stepPercent,
    stepBakeMinutes: linearConfiguration.stepBakeTimeInMinutes,
  };
}

/**
 * The alarms of a service. ECS computes from them how long it watches them (ECS guide, "How CloudWatch alarms detect Amazon ECS deployment
 * failures") and does not say how; the longest time that one of them looks back on is the simplest reading.
 */
export function deploymentAlarmsOf(
  graph: Graph,
  { alarmNames, enable, rollback }: z.output<typeof alarmsInputs>,
): DeploymentAlarms {
  if (!enable) return { names: [], rollback: false, bakeSeconds: 0 };
  const declared = graph.resources.filter(
    ({ type, inputs, outputs }) =>
      type === "aws:cloudwatch/metricAlarm:MetricAlarm" &&
      alarmNames.includes(String(outputs["name"] ?? inputs["name"])),
  );
  return {
    names: alarmNames,
    rollback,
    bakeSeconds: Math.max(0, ...declared.map(lookbackSeconds)),
  };
}

const period = z.number().optional().catch(undefined);
const alarmInputs = z.object({
  evaluationPeriods: z.number().default(1),
  period,
  metricQueries: z.array(z.object({ period, metric: z.object({ period }).optional() })).default([]),
});

function lookbackSeconds({ inputs }: GraphResource): number {
  const alarm = alarmInputs.safeParse(inputs).data;
  if (alarm === undefined) return 0;
  const periods = [
    alarm.period ?? 0,
    ...alarm.metricQueries.map((query) => query.period ?? query.metric?.period ?? 0),
  ];
  return alarm.evaluationPeriods * Math.max(...periods);
}

/** What this machine does otherwise than AWS with a service's deployments, a line each. */
export function deploymentDifferences(
  { strategy, lifecycleHooks }: z.output<typeof deploymentConfigurationInputs>,
  service: string,
): string[] {
  if (strategy === "ROLLING" || lifecycleHooks.length === 0) return [];
  const stages = [...new Set(lifecycleHooks.flatMap(({ lifecycleStages }) => lifecycleStages))];
  return [
    `the hooks of \`${service}\` at ${stages.join(", ")} are not called here: deployments go on as if they had succeeded`,
  ];
}
