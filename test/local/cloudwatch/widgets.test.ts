import assert from "node:assert/strict";
import { test } from "node:test";
import { Alarms } from "../../../local/cloudwatch/alarms.ts";
import { readAlarms } from "../../../local/cloudwatch/declared-alarms.ts";
import { MetricStore } from "../../../local/cloudwatch/metric-store.ts";
import type { MetricContent, WidgetData } from "../../../local/cloudwatch/widget-data.ts";
import { widgetData } from "../../../local/cloudwatch/widgets.ts";
import { declared, graphOf } from "./declared.ts";
import { VirtualClock } from "../virtual-clock.ts";

const MINUTE = 60_000;

async function measured(): Promise<MetricStore> {
  const clock = new VirtualClock();
  const store = new MetricStore(clock);
  for (const [tool, calls] of [
    ["b", 6],
    ["a", 3],
  ] as const) {
    store.put(
      { namespace: "McpService", name: "Calls", dimensions: { Service: "s", Tool: tool } },
      calls,
    );
    await clock.advance(MINUTE);
  }
  return store;
}

async function drawn(...widgets: readonly object[]): Promise<WidgetData[]> {
  const store = await measured();
  const graph = graphOf([
    declared("cloudwatch/metricAlarm:MetricAlarm", "rings", {
      comparisonOperator: "LessThanThreshold",
      evaluationPeriods: 1,
      threshold: 1,
      namespace: "N",
      metricName: "M",
      period: 60,
      statistic: "Sum",
    }),
  ]);
  const alarms = new Alarms(readAlarms(graph), new VirtualClock(), store);
  const body = JSON.stringify({ start: "-PT3H", widgets });
  return widgetData(body, { from: 0, to: 2 * MINUTE }, { store, alarms });
}

async function graph(properties: object): Promise<MetricContent> {
  const [widget] = await drawn({
    type: "metric",
    properties: { region: "r", period: 60, ...properties },
  });
  if (widget?.type === "metric") return widget;
  assert.fail();
}

const lines = ({ series }: MetricContent): unknown[] =>
  series.map(({ label, points }) => [label, ...points.map(([, value]) => value)]);

test("GIVEN a graph with all that a line may have WHEN it is drawn THEN nothing of it is lost", async () => {
  const content = await graph({
    title: "Calls",
    view: "timeSeries",
    stacked: true,
    metrics: [
      [
        "McpService",
        "Calls",
        "Service",
        "s",
        "Tool",
        "a",
        { stat: "Sum", label: "A", color: "#ff0000", yAxis: "right" },
      ],
    ],
    yAxis: { left: { min: 0, max: 10, label: "Calls", showUnits: false } },
    annotations: {
      horizontal: [
        { value: 5, label: "Limit", color: "#00ff00", fill: "above" },
        [{ value: 1, label: "Band" }, { value: 2 }],
        { value: 9, visible: false },
      ],
      vertical: [{ value: "1970-01-01T00:01:00Z", label: "Deployed" }],
    },
  });
  assert.deepEqual(content, {
    x: 0,
    y: 0,
    width: 6,
    height: 6,
    title: "Calls",
    type: "metric",
    view: "timeSeries",
    stacked: true,
    periodSeconds: 60,
    series: [{ label: "A", colour: "#ff0000", yAxis: "right", points: [[MINUTE, 3]] }],
    yAxis: {
      left: { minimum: 0, maximum: 10, label: "Calls" },
      right: { minimum: undefined, maximum: undefined, label: undefined },
    },
    horizontal: [
      { value: 5, to: undefined, label: "Limit", colour: "#00ff00", fill: "above", yAxis: "left" },
      { value: 1, to: 2, label: "Band", colour: undefined, fill: "none", yAxis: "left" },
    ],
    vertical: [{ at: MINUTE, to: undefined, label: "Deployed", colour: undefined }],
    problems: [],
  });
});

test("GIVEN rows that repeat the one above WHEN they are drawn THEN dots stand for its fields", async () => {
  const content = await graph({
    stat: "Sum",
    metrics: [
      ["McpService", "Calls", "Service", "s", "Tool", "a"],
      [".", ".", ".", ".", ".", "b"],
      ["...", "a", { label: "again" }],
      ["McpService"],
    ],
  });
  assert.deepEqual(lines(content), [
    ["s a Calls", 3],
    ["s b Calls", 6],
    ["again", 3],
  ]);
  assert.match(content.problems.join(), /^Row 4 of `metrics` is no metric/u);
});

test("GIVEN a search and mathematics WHEN they are drawn THEN each series has its label, and invisible ones none", async () => {
  const content = await graph({
    metrics: [
      [
        {
          expression: "SEARCH('{McpService,Service,Tool} MetricName=\"Calls\"', 'Sum')",
          label: "${PROP('Dim.Tool')} of ${PROP('Dim.Service')}: ${MAX}",
        },
      ],
      [{ expression: "60 * (FILL(c0, 0)) / PERIOD(c0)", label: "Calls" }],
      [
        "McpService",
        "Calls",
        "Service",
        "s",
        "Tool",
        "b",
        { stat: "Sum", id: "c0", visible: false },
      ],
      [{ expression: "METRICS() * 2", label: "Twice" }],
    ],
  });
  assert.deepEqual(lines(content), [
    ["b of s: 6", 6],
    ["a of s: 3", 3],
    ["Calls", 6, 0],
    ["Twice Calls", 12],
  ]);
});

test("GIVEN a line that nothing computes WHEN the graph is drawn THEN the others are there and a sentence says why", async () => {
  const content = await graph({
    metrics: [
      [{ expression: "ANOMALY_DETECTION_BAND(m)" }],
      ["McpService", "Calls", "Service", "s", "Tool", "a", { id: "m", stat: "Sum" }],
      [{ expression: "1 + 1" }],
    ],
  });
  assert.deepEqual(lines(content), [["s a Calls", 3]]);
  assert.deepEqual(content.problems, [
    "not modelled here: `ANOMALY_DETECTION_BAND`",
    "The expression `1 + 1` comes to a single number; a graph needs a time series.",
  ]);
});

test("GIVEN texts, alarms, queries and what is new WHEN they are drawn THEN each is there, or says why not", async () => {
  const widgets = await drawn(
    { type: "text", x: 0, y: 0, width: 24, height: 2, properties: { markdown: "# Hello" } },
    {
      type: "alarm",
      x: 0,
      y: 2,
      width: 12,
      height: 3,
      properties: { title: "Alarms", alarms: ["arn:rings", "arn:gone"] },
    },
    {
      type: "metric",
      x: 12,
      y: 2,
      width: 12,
      height: 3,
      properties: { annotations: { alarms: ["arn:rings"] } },
    },
    {
      type: "log",
      properties: {
        title: "Errors",
        query: "SOURCE 'a' | SOURCE 'b' | fields @message\n| limit 5",
      },
    },
    { type: "explorer", properties: {} },
    { type: "text", properties: {} },
  );
  const rings = {
    name: "rings",
    state: "INSUFFICIENT_DATA",
    since: 0,
    reason: "not evaluated yet",
    description: "",
    ofScaling: false,
  };
  const place = { title: "", width: 6, height: 6, y: 5 };
  assert.deepEqual(widgets, [
    { x: 0, y: 0, width: 24, height: 2, title: "", type: "text", markdown: "# Hello" },
    {
      x: 0,
      y: 2,
      width: 12,
      height: 3,
      title: "Alarms",
      type: "alarm",
      alarms: [rings],
      problems: ["The program declares no alarm `arn:gone`."],
    },
    { x: 12, y: 2, width: 12, height: 3, title: "", type: "alarm", alarms: [rings], problems: [] },
    {
      ...place,
      x: 0,
      title: "Errors",
      type: "log",
      logGroups: ["a", "b"],
      query: "fields @message\n| limit 5",
      reason: "not modelled here: queries of CloudWatch Logs Insights",
    },
    {
      ...place,
      x: 6,
      type: "unmodelled",
      declaredType: "explorer",
      reason: "not modelled here: widgets of the type `explorer`",
    },
    {
      ...place,
      x: 12,
      type: "unmodelled",
      declaredType: "text",
      reason:
        "The widget cannot be read: `markdown`: Invalid input: expected string, received undefined.",
    },
  ]);
});
