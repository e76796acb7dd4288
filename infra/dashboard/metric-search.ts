import type { Metric } from "../observability/metrics.ts";

/** Stands in a metric to search for where any value will do; no dimension has it, since their values are printable. */
export const EVERY = "\0";

/** CloudWatch takes searches of 1024 characters (CloudWatch guide, "CloudWatch search expression syntax"): this leaves room for the rest, and for escapes. */
const LONGEST_VALUE = 255;

/** Whether a search can name a value: an apostrophe would end it, and CloudWatch documents no escape for one. */
export function isSearchable(value: string): boolean {
  return value.length <= LONGEST_VALUE && !value.includes("'");
}

/**
 * A search for all metrics of a name and a set of dimensions that have reported within two weeks: tools and zones come and go without a
 * change of the dashboard.
 *
 * @param metric with {@link EVERY} where any value will do, else values that are searchable.
 */
export function searchExpression(metric: Metric<string>, statistic: string): string {
  const dimensions = Object.entries(metric.dimensions);
  const schema = [metric.namespace, ...dimensions.map(([name]) => name)].join(",");
  const terms = [
    `MetricName="${metric.metricName}"`,
    ...dimensions
      .filter(([, value]) => value !== EVERY)
      .map(([name, value]) => `${name}="${value.replaceAll(/["\\()]/gu, "\\$&")}"`),
  ];
  return `SEARCH('{${schema}} ${terms.join(" ")}', '${statistic}')`;
}
