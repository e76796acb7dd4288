import type {
  DashboardData,
  MetricContent,
  SeriesData,
  WidgetData,
} from "../../../local/cloudwatch/widget-data.ts";

/** A dashboard with a widget of every kind. */
export function scriptedDashboard(name: string, now: number, minutes: number): DashboardData {
  const from = now - minutes * 60_000;
  const series = (label: string, level: number, swing: number): SeriesData => ({
    label,
    colour: undefined,
    yAxis: "left",
    points: Array.from({ length: minutes }, (_, index) => index)
      .filter((index) => index !== Math.floor(minutes / 2))
      .map(
        (index) =>
          [from + index * 60_000, Math.max(0, level + swing * Math.sin(index * 1.7))] as const,
      ),
  });
  const metric = (
    view: MetricContent["view"],
    lines: readonly SeriesData[],
    label: string,
    changes: Partial<MetricContent> = {},
  ): MetricContent => ({
    type: "metric",
    view,
    stacked: false,
    periodSeconds: 60,
    series: lines,
    yAxis: {
      left: { minimum: 0, maximum: undefined, label },
      right: { minimum: undefined, maximum: undefined, label: undefined },
    },
    horizontal: [],
    vertical: [],
    problems: [],
    ...changes,
  });
  const widgets: WidgetData[] = [
    {
      ...place(0, 0, 24, 2, ""),
      type: "text",
      markdown:
        "# weather\n\nOne MCP server. **Runbook:** [what to do](https://example.com/runbook), or `kubectl` nothing. <script>alert(1)</script>",
    },
    {
      ...place(0, 2, 12, 6, "Requests"),
      ...metric(
        "timeSeries",
        [series("Requests", 4800, 900), series("Failed", 130, 90)],
        "Per minute",
      ),
    },
    {
      ...place(12, 2, 12, 6, "Time to the first byte of an answer"),
      ...metric(
        "timeSeries",
        [series("p50", 0.014, 0.003), series("p90", 0.04, 0.01), series("p99", 0.12, 0.06)],
        "Seconds",
        {
          horizontal: [
            {
              value: 0.2,
              to: undefined,
              label: "alarm",
              colour: undefined,
              fill: "none",
              yAxis: "left",
            },
          ],
        },
      ),
    },
    {
      ...place(0, 8, 6, 4, "Healthy replicas"),
      ...metric("singleValue", [series("weather", 3, 0)], "Replicas"),
    },
    {
      ...place(6, 8, 6, 4, "CPU"),
      ...metric("gauge", [series("CPU", 62, 4)], "Percent", {
        yAxis: {
          left: { minimum: 0, maximum: 100, label: "Percent" },
          right: { minimum: undefined, maximum: undefined, label: undefined },
        },
      }),
    },
    {
      ...place(12, 8, 6, 4, "Calls by tool"),
      ...metric("bar", [series("forecast", 3100, 10), series("alerts", 900, 10)], "Per period"),
    },
    {
      ...place(18, 8, 6, 4, "NAT gateways"),
      ...metric("timeSeries", [], "Bytes per period", {
        problems: ["Nothing here measures `AWS/NATGateway`."],
      }),
    },
    {
      ...place(0, 12, 12, 4, "Slowest calls"),
      type: "log",
      logGroups: ["/ecs/weather"],
      query: "SOURCE '/ecs/weather' | filter msg = \"call\"\n| sort durationMs desc\n| limit 20",
      reason: "Queries of CloudWatch Logs Insights are not answered here.",
    },
    {
      ...place(12, 12, 12, 4, "Alarms"),
      type: "alarm",
      problems: [],
      alarms: [
        {
          name: "weather-response-time",
          state: "OK",
          since: now - 90_000,
          reason: "",
          description: "",
          ofScaling: false,
        },
      ],
    },
  ];
  return { name, from, to: now, widgets };
}

function place(
  x: number,
  y: number,
  width: number,
  height: number,
  title: string,
): { x: number; y: number; width: number; height: number; title: string } {
  return { x, y, width, height, title };
}
