import type { AlarmSnapshot } from "../snapshot/snapshot.ts";

/** A declared dashboard over a range of time, ready to be drawn; plain JSON. Times are milliseconds of the run's clock. */
export interface DashboardData {
  /** What CloudWatch calls it. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly widgets: readonly WidgetData[];
}

/** Where a widget lies on CloudWatch's grid of 24 columns. */
export interface WidgetPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
}

/** What is in a widget. */
export type WidgetContent = TextContent | MetricContent | AlarmContent | LogContent | Unmodelled;

export type WidgetData = WidgetPlace & WidgetContent;

export interface TextContent {
  readonly type: "text";
  readonly markdown: string;
}

export interface MetricContent {
  readonly type: "metric";
  readonly view: "timeSeries" | "singleValue" | "gauge" | "bar" | "pie" | "table";
  readonly stacked: boolean;
  readonly periodSeconds: number;
  readonly series: readonly SeriesData[];
  readonly yAxis: { readonly left: AxisData; readonly right: AxisData };
  readonly horizontal: readonly HorizontalAnnotation[];
  readonly vertical: readonly VerticalAnnotation[];
  /** Why some of its lines are not drawn, a sentence each; never a silent zero. */
  readonly problems: readonly string[];
}

export interface SeriesData {
  readonly label: string;
  /** As the dashboard declares it, such as `#1f77b4`; undefined: the page picks one. */
  readonly colour: string | undefined;
  readonly yAxis: "left" | "right";
  /** Oldest first; the moment is the start of the period. A period without data is not among them. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

export interface AxisData {
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly label: string | undefined;
}

/** A line across, or a band where `to` is there. */
export interface HorizontalAnnotation {
  readonly value: number;
  readonly to: number | undefined;
  readonly label: string;
  readonly colour: string | undefined;
  readonly fill: "above" | "below" | "none";
  readonly yAxis: "left" | "right";
}

export interface VerticalAnnotation {
  readonly at: number;
  readonly to: number | undefined;
  readonly label: string;
  readonly colour: string | undefined;
}

export interface AlarmContent {
  readonly type: "alarm";
  readonly alarms: readonly AlarmSnapshot[];
  readonly problems: readonly string[];
}

/** A query of CloudWatch Logs Insights, which nothing here answers. */
export interface LogContent {
  readonly type: "log";
  readonly logGroups: readonly string[];
  readonly query: string;
  /** Says that log queries are not modelled here. */
  readonly reason: string;
}

/** A type of widget that nothing here draws. */
export interface Unmodelled {
  readonly type: "unmodelled";
  readonly declaredType: string;
  readonly reason: string;
}
