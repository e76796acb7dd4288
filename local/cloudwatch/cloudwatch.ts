import type { Clock } from "../clock.ts";
import type { Graph } from "../graph/graph.ts";
import { Alarms, type AlarmChange } from "./alarms.ts";
import { readAlarms } from "./declared-alarms.ts";
import { takeEmbeddedMetrics, type RunTime } from "./embedded-metrics-intake.ts";
import { MetricStore } from "./metric-store.ts";
import type { DashboardData } from "./widget-data.ts";
import { widgetData, type WidgetRange } from "./widgets.ts";

export interface CloudWatchOptions {
  readonly clock: Clock;
  /** How much faster than real time the clock goes. Default: 1. */
  readonly speed?: number;
  /** The time on the wall. Default: this machine's. */
  readonly wall?: () => number;
  /** Is told what an alarm does. */
  /** Whether the first deployment of a service is over. Default: always. */
  readonly isCompleted?: (service: string) => boolean;
  readonly tell: (alarm: string, text: string) => void;
}

/** CloudWatch, as far as a run needs it. */
export interface CloudWatch {
  readonly store: MetricStore;
  readonly alarms: Alarms;
  /** Takes a line that a container has written; most are no metrics. */
  takeLine(line: string): void;
  /** The declared dashboards, drawn from what was measured. */
  dashboards(range: WidgetRange): DashboardData[];
  close(): void;
}

/** Starts the alarms of a graph over an empty store of metrics. */
export function startCloudWatch(graph: Graph, options: CloudWatchOptions): CloudWatch {
  const { clock, speed = 1, wall = Date.now, tell } = options;
  // Whole milliseconds, so that the starts of periods are exact.
  const store = new MetricStore(clock, Math.round(wall() - clock.now()));
  const alarms = new Alarms(readAlarms(graph), clock, store, options.isCompleted);
  const time: RunTime = { clock, speed, wall };
  alarms.onChange((change) => {
    for (const text of sentences(change)) tell(change.alarm.name, text);
  });
  alarms.start();
  const bodies = graph.resources
    .filter(({ type }) => type === "aws:cloudwatch/dashboard:Dashboard")
    .map(({ inputs }) => ({
      name: String(inputs["dashboardName"]),
      body: inputs["dashboardBody"],
    }));
  return {
    store,
    alarms,
    takeLine: (line) => {
      takeEmbeddedMetrics(line, store, time);
    },
    dashboards: ({ from, to }) =>
      bodies.map(({ name, body }) => ({
        name,
        from,
        to,
        widgets: widgetData(body, { from, to }, { store, alarms }),
      })),
    close: () => {
      alarms.close();
    },
  };
}

/** What an alarm says as it changes. That it has data at last, and all is well, is not worth a line. */
function sentences({ alarm, state, before, reason }: AlarmChange): string[] {
  if (before === "INSUFFICIENT_DATA" && state === "OK") return [];
  const topics = alarm.actions[state]
    .filter((arn) => arn.split(":")[2] === "sns")
    .map((arn) => `the topic ${arn.split(":").at(-1) ?? arn} would be told`);
  return [`alarm ${state}: ${[reason, ...topics].join("; ")}`];
}
