import type { Graph } from "../../graph/graph.ts";
import { at, listAt, numberAt, parsed, textAt } from "../fields.ts";
import { counted, label } from "../labels.ts";
import { alarms, queriesOf } from "./alarms.ts";
import { costItem, type CostItem, type Unpriced } from "./item.ts";
import { CUSTOM_METRIC, DASHBOARD, INSIGHTS_METRIC, LOGS_IN, LOGS_KEPT, TRACES } from "./prices.ts";
import { GIGABYTES_OF_LOGS, ofType, USAGE } from "./usage.ts";

export const OBSERVABILITY_TYPES = [
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:appautoscaling/policy:Policy",
] as const;

/** Alarms, dashboards, metrics, logs and traces. */
export function observabilityCost(graph: Graph): (CostItem | Unpriced)[] {
  return [
    ...alarms(graph),
    ...dashboards(graph),
    ...metrics(graph),
    ...logs(graph),
    ...traces(graph),
    ...insights(graph),
  ];
}

function dashboards(graph: Graph): CostItem[] {
  const all = ofType(graph, "aws:cloudwatch/dashboard:Dashboard");
  if (all.length === 0) return [];
  return [costItem(counted(all.length, "dashboard"), all.map(label), all.length, DASHBOARD)];
}

/** The metrics that containers write, as far as alarms and policies name them. */
function metrics(graph: Graph): (CostItem | Unpriced)[] {
  const writers = ofType(graph, "aws:ecs/taskDefinition:TaskDefinition").filter(({ inputs }) =>
    variables(inputs).some(({ name, value }) => name === "MCP_METRICS" && value === "emf"),
  );
  if (writers.length === 0) return [];
  const named = new Set(
    graph.resources.flatMap(({ type, inputs }) => {
      if (type === "aws:cloudwatch/metricAlarm:MetricAlarm")
        return [inputs, ...queriesOf(inputs).map((query) => at(query, "metric"))].flatMap(
          customMetric,
        );
      if (type !== "aws:appautoscaling/policy:Policy") return [];
      return customMetric(
        at(inputs, "targetTrackingScalingPolicyConfiguration", "customizedMetricSpecification"),
      );
    }),
  );
  return [
    costItem(
      `${counted(named.size, "custom metric")} that alarms and policies read`,
      writers.map(label),
      named.size,
      CUSTOM_METRIC,
      "usage",
    ),
    {
      what: "Further custom metrics",
      of: writers.map(label),
      why: `${CUSTOM_METRIC.amount.toFixed(2)} each; how many there are depends on the tools that are called`,
    },
  ];
}

function customMetric(metric: unknown): string[] {
  const namespace = textAt(metric, "namespace");
  if (namespace === undefined || namespace.startsWith("AWS/")) return [];
  return [JSON.stringify([namespace, textAt(metric, "metricName"), at(metric, "dimensions")])];
}

function logs(graph: Graph): (CostItem | Unpriced)[] {
  const groups = ofType(graph, "aws:cloudwatch/logGroup:LogGroup");
  if (groups.length === 0) return [];
  const days = Math.max(...groups.map(({ inputs }) => numberAt(inputs, "retentionInDays") ?? 365));
  return [
    costItem(
      `Logs, ${GIGABYTES_OF_LOGS} GB written`,
      groups.map(label),
      GIGABYTES_OF_LOGS,
      LOGS_IN,
      "usage",
    ),
    costItem(
      `Logs kept for ${counted(days, "day")}`,
      groups.map(label),
      (GIGABYTES_OF_LOGS * days) / 30,
      LOGS_KEPT,
      "usage",
    ),
  ];
}

function traces(graph: Graph): CostItem[] {
  const traced = ofType(graph, "aws:ecs/taskDefinition:TaskDefinition").flatMap((definition) => {
    const found = variables(definition.inputs);
    const value = (name: string): string | undefined =>
      found.find((variable) => variable.name === name)?.value;
    if (value("OTEL_TRACES_EXPORTER") !== "otlp") return [];
    return [{ definition, share: Number(value("OTEL_TRACES_SAMPLER_ARG") ?? "1") }];
  });
  if (traced.length === 0) return [];
  const services = ofType(graph, "aws:ecs/service:Service").length;
  const recorded = traced.reduce((sum, { share }) => sum + (USAGE.calls * share) / services, 0);
  return [
    costItem(
      `Traces in X-Ray, ${Math.round(recorded).toLocaleString("en-GB")} recorded`,
      traced.map(({ definition }) => label(definition)),
      recorded / 1_000_000,
      TRACES,
      "usage",
    ),
  ];
}

function variables(inputs: unknown): { name: string; value: string }[] {
  const containers = parsed(textAt(inputs, "containerDefinitions"));
  return (Array.isArray(containers) ? containers : []).flatMap((container: unknown) =>
    listAt(container, "environment").flatMap((variable) => {
      const [name, value] = [textAt(variable, "name"), textAt(variable, "value")];
      return name === undefined || value === undefined ? [] : [{ name, value }];
    }),
  );
}

function insights(graph: Graph): Unpriced[] {
  const clusters = ofType(graph, "aws:ecs/cluster:Cluster").filter(({ inputs }) =>
    listAt(inputs, "settings").some(
      (setting) =>
        textAt(setting, "name") === "containerInsights" && textAt(setting, "value") !== "disabled",
    ),
  );
  if (clusters.length === 0) return [];
  return [
    {
      what: "Container Insights",
      of: clusters.map(label),
      why: `${INSIGHTS_METRIC.amount.toFixed(2)} a metric and month for each cluster, service, task and container; how many metrics is not published`,
    },
  ];
}
