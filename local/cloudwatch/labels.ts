import type { TimeSeries } from "./math/value.ts";

/** Fills in the dynamic parts of a label, such as `${PROP('Dim.Tool')}` and `${MAX}` (CloudWatch guide, "Using dynamic labels"). Those that nothing here knows stay. */
export function dynamicLabel(label: string, series: TimeSeries): string {
  return label.replaceAll(
    /\$\{([^}]*)\}/gu,
    (whole, part: string) => valueOf(part, series) ?? whole,
  );
}

export function isDynamic(label: string): boolean {
  return label.includes("${");
}

/** What CloudWatch calls a series without a label: what it was measured as. */
export function defaultLabel({ source, label }: TimeSeries): string {
  if (source === undefined) return label;
  const values = Object.values(source.metric.dimensions);
  return values.length === 0 ? source.metric.name : `${values.join(" ")} ${source.metric.name}`;
}

function valueOf(part: string, series: TimeSeries): string | undefined {
  const property = /^PROP\('([^']*)'\)$/u.exec(part)?.[1];
  if (property !== undefined) return propertyOf(property, series);
  const values = [...series.points.values()];
  if (part === "LABEL") return defaultLabel(series);
  if (values.length === 0) return undefined;
  const last = values.at(-1) ?? 0;
  switch (part) {
    case "MIN":
      return short(Math.min(...values));
    case "MAX":
      return short(Math.max(...values));
    case "AVG":
      return short(total(values) / values.length);
    case "SUM":
      return short(total(values));
    case "LAST":
      return short(last);
    case "DATAPOINT_COUNT":
      return String(values.length);
    default:
      return undefined;
  }
}

function propertyOf(property: string, { source, periodSeconds }: TimeSeries): string | undefined {
  if (source === undefined) return undefined;
  const { metric, statistic } = source;
  switch (property) {
    case "MetricName":
      return metric.name;
    case "Namespace":
      return metric.namespace;
    case "Stat":
      return statistic;
    case "Period":
      return String(periodSeconds);
    default:
      return property.startsWith("Dim.") ? metric.dimensions[property.slice(4)] : undefined;
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
