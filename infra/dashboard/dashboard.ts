import { searchExpression } from "./metric-search.ts";
import type { Metric } from "../observability/metrics.ts";

/** A metric on a graph, or one that only an expression of the graph reads. */
export interface MetricLine {
  readonly metric: Metric<string>;
  /** `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99`. */
  readonly statistic: string;
  /** What the legend says; none for a metric that is not drawn. */
  readonly label?: string;
  /** By which expressions read it; begins with a lower-case letter. */
  readonly id?: string;
}

/** Metric math or a search on a graph. */
export interface ExpressionLine {
  readonly expression: string;
  readonly label: string;
}

export type Line = MetricLine | ExpressionLine;

/** A value that the lines of a graph are held against. */
export interface Threshold {
  readonly value: number;
  readonly label: string;
}

/** Lines over time. */
export interface Graph {
  readonly title: string;
  /** What the axis says, instead of the units of the metrics. */
  readonly unit: string;
  readonly lines: readonly Line[];
  readonly thresholds?: readonly Threshold[];
  /** Where its metrics are; the dashboard's region, where it says nothing. */
  readonly region?: string;
}

/** What is to be read. */
export interface Text {
  readonly markdown: string;
}

/** What a query of CloudWatch Logs Insights finds. */
export interface LogTable {
  readonly title: string;
  readonly logGroupName: string;
  /** Its commands, without the log group. */
  readonly query: readonly string[];
}

export type Widget = Graph | Text | LogTable;

/** Widgets side by side, of one width. */
export interface Row {
  /** Of 1 to 1000 units of the grid. */
  readonly height: number;
  readonly widgets: readonly Widget[];
}

/** The columns of CloudWatch's grid. */
const COLUMNS = 24;

/** As fine as what AWS reports, in seconds; the console takes longer ones for longer ranges of time. */
const PERIOD = 60;

/** What a dashboard shows when it is opened: what an operator who has been woken wants to see. */
const START = "-PT3H";

/**
 * A dashboard as CloudWatch takes it (CloudWatch API, "Dashboard Body Structure and Syntax").
 *
 * @param rows from top to bottom; those without widgets are left out.
 */
export function dashboardBody(region: string, rows: readonly Row[]): string {
  let y = 0;
  const widgets = rows
    .filter((row) => row.widgets.length > 0)
    .flatMap(({ height, widgets: beside }) => {
      const width = Math.floor(COLUMNS / beside.length);
      const top = y;
      y += height;
      return beside.map((widget, index) => ({
        ...rendered(region, widget),
        x: index * width,
        y: top,
        width,
        height,
      }));
    });
  return JSON.stringify({ start: START, widgets });
}

function rendered(region: string, widget: Widget): { type: string; properties: object } {
  if ("markdown" in widget) return { type: "text", properties: { markdown: widget.markdown } };
  if ("query" in widget) {
    const { title, logGroupName, query } = widget;
    return {
      type: "log",
      properties: {
        region,
        title,
        view: "table",
        query: `SOURCE '${logGroupName}' | ${query.join("\n| ")}`,
      },
    };
  }
  const { title, unit, lines, thresholds = [] } = widget;
  return {
    type: "metric",
    properties: {
      region: widget.region ?? region,
      title,
      view: "timeSeries",
      stacked: false,
      period: PERIOD,
      metrics: lines.map(renderedLine),
      yAxis: { left: { min: 0, label: unit, showUnits: false } },
      ...(thresholds.length === 0 ? {} : { annotations: { horizontal: thresholds } }),
    },
  };
}

function renderedLine(line: Line): unknown[] {
  if ("expression" in line) return [line];
  const { metric, statistic, label, id } = line;
  return [
    metric.namespace,
    metric.metricName,
    ...Object.entries(metric.dimensions).flat(),
    {
      stat: statistic,
      ...(id === undefined ? {} : { id }),
      ...(label === undefined ? { visible: false } : { label }),
    },
  ];
}

/**
 * The sum of metrics that are absent, not zero, when nothing happened, in a minute, whatever period the console draws.
 *
 * @param id of its own on the graph: a lower-case letter, and perhaps others.
 */
export function perMinute(
  id: string,
  label: string,
  metrics: readonly Metric<string>[],
): readonly Line[] {
  const ids = metrics.map((_, index) => `${id}${index}`);
  const sum = ids.map((each) => `FILL(${each}, 0)`).join(" + ");
  return [
    { expression: `60 * (${sum}) / PERIOD(${id}0)`, label },
    ...metrics.map((metric, index) => ({ metric, statistic: "Sum", id: `${id}${index}` })),
  ];
}

/** One sum in percent of another; nothing of nothing is 0 %. */
export function percentOf(
  id: string,
  label: string,
  part: readonly Metric<string>[],
  whole: readonly Metric<string>[],
): readonly Line[] {
  const sum = (letter: string, metrics: readonly Metric<string>[]): string =>
    metrics.map((_, index) => `FILL(${id}${letter}${index}, 0)`).join(" + ");
  const lines = (letter: string, metrics: readonly Metric<string>[]): Line[] =>
    metrics.map((metric, index) => ({ metric, statistic: "Sum", id: `${id}${letter}${index}` }));
  const [top, bottom] = [sum("p", part), sum("w", whole)];
  return [
    { expression: `100 * (${top}) / IF((${bottom}) > 0, ${bottom}, 1)`, label },
    ...lines("p", part),
    ...lines("w", whole),
  ];
}

/**
 * One line for each metric that a search finds.
 *
 * @param metric with `EVERY` where any value will do.
 * @param label may have CloudWatch's dynamic parts, such as `${PROP('Dim.Tool')}`.
 */
export function searchLine(metric: Metric<string>, statistic: string, label: string): Line {
  return { expression: searchExpression(metric, statistic), label };
}
