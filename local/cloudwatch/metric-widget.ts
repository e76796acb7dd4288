import type { MetricProperties } from "./dashboard-body.ts";
import { defaultLabel, dynamicLabel, isDynamic } from "./labels.ts";
import { ExpressionError } from "./math/expression.ts";
import type { TimeSeries, Value } from "./math/value.ts";
import { MetricQueries } from "./metric-queries.ts";
import { metricRows, type MetricRow } from "./metric-rows.ts";
import type { MetricStore } from "./metric-store.ts";
import type {
  AxisData,
  HorizontalAnnotation,
  MetricContent,
  SeriesData,
  VerticalAnnotation,
} from "./widget-data.ts";

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The lines of a graph over a range of time. */
export function metricContent(
  properties: MetricProperties,
  store: MetricStore,
  { from, to }: Range,
): MetricContent {
  const periodSeconds = properties.period;
  const rows = metricRows(properties);
  const problems = rows.filter((row) => typeof row === "string");
  const readable = rows.filter((row) => typeof row !== "string");
  const queries = new MetricQueries(
    readable.map(({ query }) => query),
    store,
    { from, to, periodSeconds, periods: "multiples" },
  );
  const series: SeriesData[] = [];
  for (const row of readable.filter(({ options }) => options.visible)) {
    try {
      series.push(...drawn(row, queries.answer(row.query)));
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      problems.push(error.message);
    }
  }
  return {
    type: "metric",
    view: properties.view,
    stacked: properties.stacked,
    periodSeconds,
    series,
    yAxis: { left: axisOf(properties.yAxis.left), right: axisOf(properties.yAxis.right) },
    horizontal: properties.annotations.horizontal.flatMap(horizontal),
    vertical: properties.annotations.vertical.flatMap((annotation) => vertical(annotation, store)),
    problems,
  };
}

function drawn({ query, options }: MetricRow, value: Value): SeriesData[] {
  if (value.kind === "scalar" || value.kind === "text") {
    throw new ExpressionError(
      `The expression \`${query.read.kind === "expression" ? query.read.expression : ""}\` comes to a single number; a graph needs a time series.`,
    );
  }
  const many = value.kind === "array";
  return (many ? value.array : [value.series]).map((series) => ({
    label: labelOf(options.label, series, many),
    colour: options.color,
    yAxis: options.yAxis,
    points: [...series.points],
  }));
}

function labelOf(label: string | undefined, series: TimeSeries, many: boolean): string {
  if (label === undefined) return defaultLabel(series);
  if (isDynamic(label)) return dynamicLabel(label, series);
  return many ? `${label} ${defaultLabel(series)}` : label;
}

function axisOf({ min, max, label }: MetricProperties["yAxis"]["left"]): AxisData {
  return { minimum: min, maximum: max, label };
}

function horizontal(
  annotation: MetricProperties["annotations"]["horizontal"][number],
): HorizontalAnnotation[] {
  const [first, second] = Array.isArray(annotation) ? annotation : [annotation];
  if (first?.visible !== true) return [];
  const { value, label, color: colour, fill, yAxis } = first;
  return [{ value, to: second?.value, label, colour, fill, yAxis }];
}

function vertical(
  annotation: MetricProperties["annotations"]["vertical"][number],
  store: MetricStore,
): VerticalAnnotation[] {
  const [first, second] = Array.isArray(annotation) ? annotation : [annotation];
  if (first?.visible !== true) return [];
  const moment = (text: string): number => Date.parse(text) - store.epoch;
  const at = moment(first.value);
  if (Number.isNaN(at)) return [];
  const to = second === undefined ? undefined : moment(second.value);
  return [{ at, to, label: first.label, colour: first.color }];
}
