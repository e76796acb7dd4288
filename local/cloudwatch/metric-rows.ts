import { rowOptions, type MetricProperties, type RowOptions } from "./dashboard-body.ts";
import type { MetricQuery } from "./metric-queries.ts";

/** A row of a graph: what it reads, and how it is drawn. */
export interface MetricRow {
  readonly query: MetricQuery;
  readonly options: RowOptions;
}

/** The rows of a graph; `.` repeats the field above it, and `...` the fields above it that the row does not give itself. */
export function metricRows(properties: MetricProperties): readonly (MetricRow | string)[] {
  let above: readonly string[] = [];
  return properties.metrics.map((row, index) => {
    const last = row.at(-1);
    const hasOptions = typeof last === "object" && last !== null;
    const options = rowOptions.safeParse(hasOptions ? last : {});
    if (!options.success) return `Row ${index + 1} of \`metrics\` cannot be read.`;
    const fields = (hasOptions ? row.slice(0, -1) : row).map(String);
    if (options.data.expression !== undefined) {
      return rowOf(options.data, {
        kind: "expression",
        expression: options.data.expression,
      });
    }
    above = repeated(fields, above);
    const [namespace, name, ...rest] = above;
    if (namespace === undefined || name === undefined || rest.length % 2 === 1) {
      return `Row ${index + 1} of \`metrics\` is no metric: give a namespace, a name, and pairs of a dimension and its value.`;
    }
    return rowOf(options.data, {
      kind: "metric",
      metric: { namespace, name, dimensions: pairs(rest) },
      statistic: options.data.stat ?? properties.stat,
      periodSeconds: options.data.period ?? properties.period,
    });
  });
}

function rowOf(options: RowOptions, read: MetricQuery["read"]): MetricRow {
  return { query: { id: options.id, label: options.label, read }, options };
}

function repeated(fields: readonly string[], above: readonly string[]): string[] {
  const [first, ...rest] = fields;
  const spread =
    first === "..." ? [...above.slice(0, above.length - rest.length), ...rest] : fields;
  return spread.map((field, index) => (field === "." ? (above[index] ?? field) : field));
}

function pairs(fields: readonly string[]): Record<string, string> {
  const dimensions: Record<string, string> = {};
  for (let index = 0; index + 1 < fields.length; index += 2) {
    dimensions[fields[index] ?? ""] = fields[index + 1] ?? "";
  }
  return dimensions;
}
