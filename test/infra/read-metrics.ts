/** The metrics that declared resources read: dashboards with their searches, alarms, scaling policies. */
import { dashboardSchema, type DashboardBody } from "./dashboard-schema.ts";
import { PREDEFINED_METRICS } from "./documented-metrics.ts";
import type { Declared } from "./mocks.ts";

/** A metric as something reads it. */
export interface ReadMetric {
  /** Type and name of what reads it. */
  readonly reader: string;
  readonly namespace: string;
  readonly metricName: string;
  /** Sorted names. */
  readonly dimensions: readonly string[];
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
  /** What the axis says, where it is drawn on one. */
  readonly axis?: string;
  /** Where it is looked for, where that is said. */
  readonly region?: string;
}

type Values = Readonly<Record<string, unknown>>;

/** Every metric that resources of this package read; what a program adds of its own is its own affair. */
export function metricsRead(resources: readonly Declared[]): ReadMetric[] {
  return resources
    .filter(({ urn }) => urn.includes("pulumi-mcp-service:index:"))
    .flatMap((resource) => {
      const reader = `${resource.type} ${resource.name}`;
      switch (resource.type) {
        case "aws:cloudwatch/dashboard:Dashboard":
          return metricsOfDashboard(reader, bodyOf(resource));
        case "aws:cloudwatch/metricAlarm:MetricAlarm":
          return ofAlarm(reader, resource.inputs);
        case "aws:appautoscaling/policy:Policy":
          return ofPolicy(reader, resource.inputs);
        default:
          return [];
      }
    });
}

/** The body of a dashboard; throws where CloudWatch would not take it. */
export function bodyOf({ inputs }: Declared): DashboardBody {
  return dashboardSchema.parse(JSON.parse(String(inputs["dashboardBody"])));
}

/** Those on a dashboard. */
export function metricsOfDashboard(reader: string, { widgets }: DashboardBody): ReadMetric[] {
  return widgets.flatMap((widget) => {
    if (widget.type !== "metric") return [];
    const { metrics, period = 300, region, yAxis } = widget.properties;
    const where = { reader, period, region };
    const label = yAxis?.left?.label;
    const drawn = label === undefined ? {} : { axis: label };
    return metrics.flatMap((row) => {
      const [first] = row;
      if (typeof first === "object")
        return searched(first.expression).map((found) => ({ ...where, ...drawn, ...found }));
      const last = row.at(-1);
      const rendering = typeof last === "object" && "stat" in last ? last : {};
      const [namespace = "", metricName = "", ...pairs] = row.filter(
        (each) => typeof each === "string",
      );
      return [
        {
          ...where,
          ...(rendering.visible === false ? {} : drawn),
          namespace,
          metricName,
          dimensions: pairs.filter((_, index) => index % 2 === 0).sort(),
          statistic: rendering.stat ?? "Average",
        },
      ];
    });
  });
}

/** As the package writes searches, all of it exact matches. */
const SEARCH =
  /SEARCH\('\{(?<schema>[^}']+)\} MetricName="(?<metricName>\w+)"(?<terms>(?: \w+="(?:[^"\\']|\\["\\()])*")*)', '(?<statistic>\w+)'\)/gu;

function searched(
  expression: string,
): Pick<ReadMetric, "namespace" | "metricName" | "dimensions" | "statistic">[] {
  const found = [...expression.matchAll(SEARCH)].map(({ groups = {}, 0: text }) => {
    const [namespace = "", ...dimensions] = (groups["schema"] ?? "").split(",");
    const terms = [...(groups["terms"] ?? "").matchAll(/ (?<name>\w+)="/gu)];
    for (const term of terms) {
      // What is searched for by a dimension that the schema leaves out is never found.
      if (!dimensions.includes(term.groups?.["name"] ?? ""))
        throw new Error(`No metric has what this searches for: ${text}`);
    }
    if (text.length > 1024) throw new Error(`CloudWatch takes no search as long as this: ${text}`);
    return {
      namespace,
      metricName: groups["metricName"] ?? "",
      dimensions: dimensions.sort(),
      statistic: groups["statistic"] ?? "",
    };
  });
  if (expression.split("SEARCH").length - 1 !== found.length)
    throw new Error(`CloudWatch cannot read this search: ${expression}`);
  return found;
}

function ofAlarm(reader: string, inputs: Values): ReadMetric[] {
  const region = typeof inputs["region"] === "string" ? { region: inputs["region"] } : {};
  const queries = (inputs["metricQueries"] ?? []) as { metric?: Values }[];
  const metrics: Values[] = [
    ...(inputs["metricName"] === undefined ? [] : [inputs]),
    ...queries.flatMap(({ metric }) => (metric === undefined ? [] : [metric])),
  ];
  return metrics.map((metric) => ({
    reader,
    ...region,
    namespace: String(metric["namespace"]),
    metricName: String(metric["metricName"]),
    dimensions: Object.keys(metric["dimensions"] ?? {}).sort(),
    statistic: String(metric["stat"] ?? metric["statistic"] ?? metric["extendedStatistic"]),
    period: Number(metric["period"]),
  }));
}

function ofPolicy(reader: string, inputs: Values): ReadMetric[] {
  const tracking = inputs["targetTrackingScalingPolicyConfiguration"] as
    | {
        customizedMetricSpecification?: Values;
        predefinedMetricSpecification?: { predefinedMetricType: string };
      }
    | undefined;
  // Application Auto Scaling reads by the minute.
  const where = { reader, period: 60 };
  const custom = tracking?.customizedMetricSpecification;
  const predefined = tracking?.predefinedMetricSpecification?.predefinedMetricType;
  return [
    ...(custom === undefined
      ? []
      : [
          {
            ...where,
            namespace: String(custom["namespace"]),
            metricName: String(custom["metricName"]),
            dimensions: (custom["dimensions"] as { name: string }[]).map(({ name }) => name).sort(),
            statistic: String(custom["statistic"]),
          },
        ]),
    ...(predefined === undefined
      ? []
      : [
          PREDEFINED_METRICS[predefined] === undefined
            ? {
                ...where,
                namespace: "predefined",
                metricName: predefined,
                dimensions: [],
                statistic: "",
              }
            : { ...where, ...PREDEFINED_METRICS[predefined] },
        ]),
  ];
}
