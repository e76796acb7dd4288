import { z } from "zod";

const axis = z.object({
  min: z.number().optional(),
  max: z.number().optional(),
  label: z.string().optional(),
});

const horizontalAnnotation = z.object({
  value: z.number(),
  label: z.string().default(""),
  color: z.string().optional(),
  fill: z.enum(["above", "below", "none"]).default("none").catch("none"),
  yAxis: z.enum(["left", "right"]).default("left"),
  visible: z.boolean().default(true),
});

const verticalAnnotation = z.object({
  value: z.string(),
  label: z.string().default(""),
  color: z.string().optional(),
  visible: z.boolean().default(true),
});

const metricProperties = z.object({
  title: z.string().default(""),
  view: z.enum(["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]).default("timeSeries"),
  stacked: z.boolean().default(false),
  period: z.number().default(300),
  stat: z.string().default("Average"),
  metrics: z.array(z.array(z.unknown())).default([]),
  yAxis: z.object({ left: axis.default({}), right: axis.default({}) }).prefault({}),
  annotations: z
    .object({
      alarms: z.array(z.string()).default([]),
      horizontal: z
        .array(z.union([horizontalAnnotation, z.array(horizontalAnnotation).min(1)]))
        .default([]),
      vertical: z
        .array(z.union([verticalAnnotation, z.array(verticalAnnotation).min(1)]))
        .default([]),
    })
    .prefault({}),
});

const widget = z.object({
  type: z.string(),
  x: z.number().optional(),
  y: z.number().optional(),
  width: z.number().default(6),
  height: z.number().default(6),
  properties: z.record(z.string(), z.unknown()).default({}),
});

/** What is read of a dashboard (CloudWatch API, "Dashboard body structure and syntax"). */
export const dashboardBody = z.object({ widgets: z.array(widget) });

export const widgetProperties = {
  metric: metricProperties,
  text: z.object({ markdown: z.string() }),
  alarm: z.object({ title: z.string().default(""), alarms: z.array(z.string()) }),
  log: z.object({ title: z.string().default(""), query: z.string() }),
} as const;

export type DeclaredWidget = z.output<typeof widget>;
export type MetricProperties = z.output<typeof metricProperties>;

/** What may be said of a row of a graph, in the object that ends it. */
export const rowOptions = z.object({
  id: z.string().optional(),
  label: z.string().optional(),
  expression: z.string().optional(),
  stat: z.string().optional(),
  period: z.number().optional(),
  color: z.string().optional(),
  yAxis: z.enum(["left", "right"]).default("left"),
  visible: z.boolean().default(true),
});

export type RowOptions = z.output<typeof rowOptions>;
