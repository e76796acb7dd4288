import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dashboardBody,
  perMinute,
  percentOf,
  searchLine,
  type Graph,
} from "../../../infra/dashboard/dashboard.ts";
import { EVERY } from "../../../infra/dashboard/metric-search.ts";
import {
  hostMetric,
  loadBalancerMetric,
  toolMetric,
} from "../../../infra/observability/metrics.ts";
import { dashboardSchema } from "../dashboard-schema.ts";

const graph: Graph = {
  title: "Duration",
  unit: "Milliseconds",
  lines: [
    {
      metric: hostMetric("CallDuration", { service: "weather" }),
      statistic: "p99",
      label: "p99",
    },
  ],
};

const rendered = (more: object = {}) => ({
  region: "eu-west-1",
  title: "Duration",
  view: "timeSeries",
  stacked: false,
  period: 60,
  metrics: [["McpService", "CallDuration", "Service", "weather", { stat: "p99", label: "p99" }]],
  yAxis: { left: { min: 0, label: "Milliseconds", showUnits: false } },
  ...more,
});

test("GIVEN rows of widgets WHEN the body is built THEN they stand below each other, and share the columns of the grid", () => {
  const body: unknown = JSON.parse(
    dashboardBody("eu-west-1", [
      { height: 3, widgets: [{ markdown: "# weather" }] },
      { height: 5, widgets: [] },
      { height: 6, widgets: [graph, { ...graph, region: "us-east-1" }, graph] },
      {
        height: 8,
        widgets: [{ title: "Errors", logGroupName: "logs", query: ["fields @message", "limit 5"] }],
      },
    ]),
  );

  assert.deepEqual(body, {
    start: "-PT3H",
    widgets: [
      { type: "text", properties: { markdown: "# weather" }, x: 0, y: 0, width: 24, height: 3 },
      { type: "metric", properties: rendered(), x: 0, y: 3, width: 8, height: 6 },
      {
        type: "metric",
        properties: rendered({ region: "us-east-1" }),
        x: 8,
        y: 3,
        width: 8,
        height: 6,
      },
      { type: "metric", properties: rendered(), x: 16, y: 3, width: 8, height: 6 },
      {
        type: "log",
        properties: {
          region: "eu-west-1",
          title: "Errors",
          view: "table",
          query: "SOURCE 'logs' | fields @message\n| limit 5",
        },
        x: 0,
        y: 9,
        width: 24,
        height: 8,
      },
    ],
  });
  dashboardSchema.parse(body);
});

/** The rows of the metrics of one graph, and its annotations. */
function propertiesOf(lines: Graph["lines"], thresholds?: Graph["thresholds"]) {
  const body = dashboardSchema.parse(
    JSON.parse(
      dashboardBody("eu-west-1", [
        {
          height: 6,
          widgets: [
            { title: "x", unit: "x", lines, ...(thresholds === undefined ? {} : { thresholds }) },
          ],
        },
      ]),
    ),
  );
  const [widget] = body.widgets;
  assert.ok(widget?.type === "metric");
  return widget.properties;
}

test("GIVEN thresholds WHEN a graph is built THEN each is a line across it", () => {
  const thresholds = [{ value: 20, label: "targetOngoingRequests" }];

  assert.deepEqual(propertiesOf(graph.lines, thresholds).annotations, { horizontal: thresholds });
  assert.ok(!("annotations" in propertiesOf(graph.lines, [])));
});

test("GIVEN sums WHEN they are drawn by the minute THEN only their sum is, whatever the period, and zero where nothing happened", () => {
  const sums = ["app/a", "app/b"].map((loadBalancer) =>
    loadBalancerMetric("RequestCount", { loadBalancer }),
  );

  assert.deepEqual(propertiesOf(perMinute("r", "Requests", sums)).metrics, [
    [{ expression: "60 * (FILL(r0, 0) + FILL(r1, 0)) / PERIOD(r0)", label: "Requests" }],
    [
      "AWS/ApplicationELB",
      "RequestCount",
      "LoadBalancer",
      "app/a",
      { stat: "Sum", id: "r0", visible: false },
    ],
    [
      "AWS/ApplicationELB",
      "RequestCount",
      "LoadBalancer",
      "app/b",
      { stat: "Sum", id: "r1", visible: false },
    ],
  ]);
});

test("GIVEN a part and a whole WHEN the share is drawn THEN nothing of nothing is 0 %", () => {
  const [faults, calls] = [
    hostMetric("Faults", { service: "weather" }),
    hostMetric("Calls", { service: "weather" }),
  ];
  assert.deepEqual(propertiesOf(percentOf("c", "Faults", [faults], [calls, calls])).metrics, [
    [
      {
        expression:
          "100 * (FILL(cp0, 0)) / IF((FILL(cw0, 0) + FILL(cw1, 0)) > 0, FILL(cw0, 0) + FILL(cw1, 0), 1)",
        label: "Faults",
      },
    ],
    ["McpService", "Faults", "Service", "weather", { stat: "Sum", id: "cp0", visible: false }],
    ["McpService", "Calls", "Service", "weather", { stat: "Sum", id: "cw0", visible: false }],
    ["McpService", "Calls", "Service", "weather", { stat: "Sum", id: "cw1", visible: false }],
  ]);
});

test("GIVEN a search WHEN it is drawn THEN its label is that of each line that it finds", () => {
  const line = searchLine(
    toolMetric("Calls", { service: "weather", tool: EVERY }),
    "Sum",
    "${PROP('Dim.Tool')}",
  );
  assert.deepEqual(propertiesOf([line]).metrics, [
    [
      {
        expression: `SEARCH('{McpService,Service,Tool} MetricName="Calls" Service="weather"', 'Sum')`,
        label: "${PROP('Dim.Tool')}",
      },
    ],
  ]);
});

test("GIVEN bodies that CloudWatch would not take WHEN the schema reads them THEN it takes them neither", () => {
  const body = (change: object = {}, properties: object = {}) => ({
    widgets: [
      {
        type: "metric",
        x: 0,
        y: 0,
        width: 24,
        height: 6,
        properties: { ...rendered(), ...properties },
        ...change,
      },
    ],
  });
  assert.ok(dashboardSchema.safeParse(body()).success);

  for (const [what, wrong] of Object.entries({
    "a widget beside the grid": body({ x: 12, width: 13 }),
    "a widget without height": body({ height: 0 }),
    "a type that there is not": body({ type: "graph" }),
    "a property that there is not": body({}, { unit: "Seconds" }),
    "no region": body({}, { region: undefined }),
    "no metric": body({}, { metrics: [] }),
    "a period of its own": body({}, { period: 90 }),
    "a statistic that there is not": body({}, { metrics: [["A", "b", { stat: "Mean" }]] }),
    "a dimension without a value": body({}, { metrics: [["A", "b", "Service", { stat: "Sum" }]] }),
    "an id in capitals": body({}, { metrics: [[{ expression: "a", label: "a", id: "A" }]] }),
    "two metrics of one id": body(
      {},
      {
        metrics: [
          ["A", "b", { id: "a" }],
          ["A", "c", { id: "a" }],
        ],
      },
    ),
    "more metrics than a graph has": body(
      {},
      { metrics: Array.from({ length: 501 }, () => ["A", "b"]) },
    ),
    "more widgets than a dashboard has": {
      widgets: Array.from({ length: 501 }, () => body().widgets[0]),
    },
    "a start that is no time": { ...body(), start: "3h" },
    "a query without a log group": {
      widgets: [
        {
          type: "log",
          x: 0,
          y: 0,
          width: 24,
          height: 6,
          properties: { region: "eu-west-1", query: "fields @message" },
        },
      ],
    },
  })) {
    assert.ok(!dashboardSchema.safeParse(wrong).success, what);
  }
});
