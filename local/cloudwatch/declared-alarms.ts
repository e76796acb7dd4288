import { z } from "zod";
import type { Graph, GraphResource } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import type { AlarmDefinition, MetricWatch, Unwatchable } from "./alarm-definition.ts";
import { COMPARISONS, type Comparison } from "./alarm-state.ts";
import { parseCompositeRule, RuleError } from "./composite-rule.ts";
import type { MetricQuery } from "./metric-queries.ts";

const actions = {
  actionsEnabled: z.boolean().default(true),
  alarmActions: z.array(z.string()).default([]),
  okActions: z.array(z.string()).default([]),
  insufficientDataActions: z.array(z.string()).default([]),
  alarmDescription: z.string().default(""),
};

const dimensions = z.record(z.string(), z.string()).default({});

const metricAlarm = z.object({
  ...actions,
  comparisonOperator: z.string(),
  evaluationPeriods: z.number().int().min(1),
  datapointsToAlarm: z.number().int().min(1).optional(),
  threshold: z.number().optional(),
  thresholdMetricId: z.string().optional(),
  treatMissingData: z.enum(["missing", "ignore", "breaching", "notBreaching"]).default("missing"),
  evaluateLowSampleCountPercentiles: z.enum(["evaluate", "ignore"]).default("evaluate"),
  namespace: z.string().optional(),
  metricName: z.string().optional(),
  dimensions,
  period: z.number().optional(),
  statistic: z.string().optional(),
  extendedStatistic: z.string().optional(),
  unit: z.string().optional(),
  metricQueries: z
    .array(
      z.object({
        id: z.string(),
        expression: z.string().optional(),
        label: z.string().optional(),
        period: z.number().optional(),
        returnData: z.boolean().default(false),
        metric: z
          .object({
            namespace: z.string().optional(),
            metricName: z.string(),
            dimensions,
            period: z.number(),
            stat: z.string(),
            unit: z.string().optional(),
          })
          .optional(),
      }),
    )
    .default([]),
});

type MetricAlarm = z.output<typeof metricAlarm>;

const compositeAlarm = z.object({ ...actions, alarmName: z.string(), alarmRule: z.string() });

/** The alarms that a graph declares. */
export function readAlarms(graph: Graph): AlarmDefinition[] {
  return graph.resources.flatMap((resource) => {
    const after = servicesBefore(graph, resource);
    if (resource.type === "aws:cloudwatch/metricAlarm:MetricAlarm")
      return [{ ...metric(resource), after }];
    if (resource.type === "aws:cloudwatch/compositeAlarm:CompositeAlarm") {
      return [{ ...composite(resource), after }];
    }
    return [];
  });
}

/** Pulumi creates nothing that depends on a service before that is steady, where the program has it wait. */
function servicesBefore(graph: Graph, { dependencies }: GraphResource): string[] {
  return graph.resources
    .filter(
      ({ type, urn, inputs }) =>
        type === "aws:ecs/service:Service" &&
        dependencies.includes(urn) &&
        inputs["waitForSteadyState"] === true,
    )
    .map(({ id }) => id);
}

function metric(resource: GraphResource): Omit<AlarmDefinition, "after"> {
  const inputs = inputsOf(resource, metricAlarm);
  return {
    name: textOf(resource, "name"),
    arn: textOf(resource, "arn"),
    ...common(inputs),
    watches: watchOf(inputs),
  };
}

function composite(resource: GraphResource): Omit<AlarmDefinition, "after"> {
  const inputs = inputsOf(resource, compositeAlarm);
  return {
    name: inputs.alarmName,
    arn: textOf(resource, "arn"),
    ...common(inputs),
    watches: compositeWatch(inputs.alarmRule),
  };
}

function compositeWatch(text: string): AlarmDefinition["watches"] {
  try {
    return { kind: "composite", rule: parseCompositeRule(text) };
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return { kind: "unwatchable", reason: error.message };
  }
}

function common(
  inputs: Pick<MetricAlarm, keyof typeof actions>,
): Pick<AlarmDefinition, "description" | "ofScaling" | "actions"> {
  const { actionsEnabled: enabled } = inputs;
  return {
    description: inputs.alarmDescription,
    ofScaling: false,
    actions: {
      ALARM: enabled ? inputs.alarmActions : [],
      OK: enabled ? inputs.okActions : [],
      INSUFFICIENT_DATA: enabled ? inputs.insufficientDataActions : [],
    },
  };
}

function watchOf(inputs: MetricAlarm): MetricWatch | Unwatchable {
  const { comparisonOperator, threshold, thresholdMetricId, evaluationPeriods } = inputs;
  if (!isComparison(comparisonOperator) || thresholdMetricId !== undefined) {
    return unmodelled("alarms on anomaly detection");
  }
  if (inputs.unit !== undefined || inputs.metricQueries.some((query) => query.metric?.unit)) {
    return unmodelled("`unit`: metrics are kept here whatever their unit is");
  }
  const read = queriesOf(inputs);
  const watched = read.watched;
  if (watched === undefined || threshold === undefined) {
    return {
      kind: "unwatchable",
      reason:
        "The alarm needs a `threshold`, and either a metric or one of `metricQueries` with `returnData`.",
    };
  }
  return {
    kind: "metric",
    queries: read.queries,
    watched,
    periodSeconds: read.periodSeconds,
    counts: {
      evaluationPeriods,
      datapointsToAlarm: inputs.datapointsToAlarm ?? evaluationPeriods,
      treatMissingData: inputs.treatMissingData,
    },
    comparison: comparisonOperator,
    threshold,
    leastSamples:
      inputs.evaluateLowSampleCountPercentiles === "ignore"
        ? leastSamples(inputs.extendedStatistic)
        : 0,
  };
}

function queriesOf(inputs: MetricAlarm): {
  readonly queries: readonly MetricQuery[];
  readonly watched: MetricQuery | undefined;
  readonly periodSeconds: number;
} {
  const { metricName, metricQueries, namespace = "", period = 60 } = inputs;
  if (metricName !== undefined) {
    const query: MetricQuery = {
      id: undefined,
      label: undefined,
      read: {
        kind: "metric",
        metric: { namespace, name: metricName, dimensions: inputs.dimensions },
        statistic: inputs.extendedStatistic ?? inputs.statistic ?? "Average",
        periodSeconds: period,
      },
    };
    return { queries: [query], watched: query, periodSeconds: period };
  }
  const queries = metricQueries.map(
    ({ id, label, metric: read, expression = "" }): MetricQuery => ({
      id,
      label,
      read:
        read === undefined
          ? { kind: "expression", expression }
          : {
              kind: "metric",
              metric: {
                namespace: read.namespace ?? "",
                name: read.metricName,
                dimensions: read.dimensions,
              },
              statistic: read.stat,
              periodSeconds: read.period,
            },
    }),
  );
  const returned = metricQueries.findIndex(({ returnData }) => returnData);
  const [periodSeconds = 60] = metricQueries.flatMap(
    ({ metric: read, period: own }) => read?.period ?? own ?? [],
  );
  return { queries, watched: queries[returned], periodSeconds };
}

/** CloudWatch guide, "Percentile-based alarms and low data samples". */
function leastSamples(statistic: string | undefined): number {
  const percent = Number(/^p([\d.]+)$/u.exec(statistic ?? "")?.[1]);
  if (Number.isNaN(percent) || percent <= 0 || percent >= 100) return 0;
  const share = percent / 100;
  // A division of decimals: 10 / (1 - 0.99) would be a little more than 1000.
  return Math.round(10 / (share < 0.5 ? share : 1 - share));
}

function isComparison(text: string): text is Comparison {
  return Object.hasOwn(COMPARISONS, text);
}

function unmodelled(what: string): Unwatchable {
  return { kind: "unwatchable", reason: `not modelled here: ${what}` };
}

/** What AWS would have answered; the id, where that is all there is. */
function textOf({ outputs, id }: GraphResource, name: "arn" | "name"): string {
  const value = outputs[name];
  return typeof value === "string" ? value : id;
}
