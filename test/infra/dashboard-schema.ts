import { z } from "zod";

/**
 * The body of a dashboard as "Dashboard Body Structure and Syntax" of the CloudWatch API Reference has it, as far as this package uses it: nothing that the
 * page does not name passes.
 */
const rendering = {
  color: z
    .string()
    .regex(/^#[\da-f]{6}$/iu)
    .optional(),
  label: z.string().optional(),
  id: z
    .string()
    .regex(/^[a-z]\w{0,254}$/u)
    .optional(),
  region: z.string().optional(),
  period: z.int().min(60).multipleOf(60).optional(),
  visible: z.boolean().optional(),
  yAxis: z.enum(["left", "right"]).optional(),
};

const statistic = z.union([
  z.enum(["SampleCount", "Average", "Sum", "Minimum", "Maximum"]),
  z.string().regex(/^p\d{1,2}(?:\.\d{1,10})?$/u),
]);

/** `[Namespace, MetricName, {DimensionName, DimensionValue} …, {Rendering Properties}]`. */
const metricRow = z
  .tuple([z.string().min(1).max(255), z.string().min(1).max(255)])
  .rest(z.union([z.string().min(1), z.strictObject({ ...rendering, stat: statistic.optional() })]))
  .refine(
    (row) => {
      const last = row.at(-1);
      const names = typeof last === "string" ? row : row.slice(0, -1);
      return (
        names.every((each) => typeof each === "string") &&
        names.length % 2 === 0 &&
        names.length <= 2 + 2 * 30
      );
    },
    { error: "Names of dimensions and values stand in pairs, and the properties at the end." },
  );

const expressionRow = z.tuple([
  z.strictObject({ ...rendering, expression: z.string().min(1).max(2048) }),
]);

const axis = z.strictObject({
  label: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  showUnits: z.boolean().optional(),
});

const horizontal = z.strictObject({
  value: z.number(),
  label: z.string().optional(),
  color: rendering.color,
  fill: z.enum(["above", "below", "none"]).optional(),
  visible: z.boolean().optional(),
  yAxis: z.enum(["left", "right"]).optional(),
});

const metricProperties = z
  .strictObject({
    metrics: z
      .array(z.union([expressionRow, metricRow]))
      .min(1)
      .max(500),
    region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/u),
    title: z.string().optional(),
    view: z.enum(["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]).optional(),
    stacked: z.boolean().optional(),
    period: z.int().min(60).multipleOf(60).optional(),
    stat: statistic.optional(),
    liveData: z.boolean().optional(),
    legend: z.strictObject({ position: z.enum(["right", "bottom", "hidden"]) }).optional(),
    yAxis: z.strictObject({ left: axis.optional(), right: axis.optional() }).optional(),
    annotations: z.strictObject({ horizontal: z.array(horizontal).min(1) }).optional(),
  })
  .refine(
    ({ metrics }) => {
      const ids = metrics.flatMap((row) => {
        const last = row.at(-1);
        return typeof last === "object" && last.id !== undefined ? [last.id] : [];
      });
      return new Set(ids).size === ids.length;
    },
    { error: "An id stands for one metric." },
  );

const logProperties = z.strictObject({
  region: z.string().min(1),
  title: z.string().optional(),
  query: z.string().regex(/^SOURCE '[^']+' \| /u),
  view: z.enum(["table", "timeSeries", "bar", "pie"]).optional(),
});

const textProperties = z.strictObject({
  markdown: z.string().min(1),
  background: z.enum(["solid", "transparent"]).optional(),
});

const place = {
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  width: z.int().min(1).max(24),
  height: z.int().min(1).max(1000),
};

const widget = z.discriminatedUnion("type", [
  z.strictObject({ ...place, type: z.literal("metric"), properties: metricProperties }),
  z.strictObject({ ...place, type: z.literal("text"), properties: textProperties }),
  z.strictObject({ ...place, type: z.literal("log"), properties: logProperties }),
]);

export const dashboardSchema = z
  .strictObject({
    start: z
      .string()
      .regex(/^-P(?:T\d+[MH]|\d+[DWM])$/u)
      .optional(),
    periodOverride: z.enum(["auto", "inherit"]).optional(),
    widgets: z.array(widget).max(500),
  })
  .refine(({ widgets }) => widgets.every(({ x, width }) => x + width <= 24), {
    error: "The grid has 24 columns.",
  })
  .refine(
    ({ widgets }) =>
      widgets.reduce(
        (sum, { type, properties }) => sum + (type === "metric" ? properties.metrics.length : 0),
        0,
      ) <= 2500,
    { error: "A dashboard has 2500 metrics at most." },
  );

export type DashboardBody = z.infer<typeof dashboardSchema>;
