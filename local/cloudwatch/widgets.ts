import type { z } from "zod";
import type { Alarms } from "./alarms.ts";
import { dashboardBody, widgetProperties, type DeclaredWidget } from "./dashboard-body.ts";
import { metricContent } from "./metric-widget.ts";
import type { MetricStore } from "./metric-store.ts";
import type { AlarmContent, LogContent, WidgetContent, WidgetData } from "./widget-data.ts";

/** What widgets are drawn from. */
export interface WidgetSources {
  readonly store: MetricStore;
  readonly alarms: Pick<Alarms, "snapshot">;
}

/** Of the run's clock. */
export interface WidgetRange {
  readonly from: number;
  readonly to: number;
}

/** The columns of CloudWatch's grid. */
const COLUMNS = 24;

/** Every widget of a dashboard's body over a range of time, none left out: what cannot be drawn says so. */
export function widgetData(
  body: unknown,
  range: WidgetRange,
  sources: WidgetSources,
): WidgetData[] {
  const read = dashboardBody.safeParse(typeof body === "string" ? parsed(body) : body);
  if (!read.success) return [];
  let [x, y, rowHeight] = [0, 0, 0];
  return read.data.widgets.map((widget) => {
    // A widget without a place of its own comes after the one before, in the row or below it.
    if (x + widget.width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const place = {
      x: widget.x ?? x,
      y: widget.y ?? y,
      width: widget.width,
      height: widget.height,
    };
    if (widget.x === undefined) {
      x += widget.width;
      rowHeight = Math.max(rowHeight, widget.height);
    } else {
      y = Math.max(y, place.y + place.height);
    }
    const { title = "" } = widget.properties;
    return {
      ...place,
      title: typeof title === "string" ? title : "",
      ...contentOf(widget, range, sources),
    };
  });
}

function contentOf(
  { type, properties }: DeclaredWidget,
  range: WidgetRange,
  { store, alarms }: WidgetSources,
): WidgetContent {
  const unreadable = (error: z.ZodError): WidgetContent => ({
    type: "unmodelled",
    declaredType: type,
    reason: `The widget cannot be read: ${error.issues.map(({ path, message }) => `\`${path.join(".")}\`: ${message}`).join("; ")}.`,
  });
  switch (type) {
    case "text": {
      const read = widgetProperties.text.safeParse(properties);
      return read.success ? { type, markdown: read.data.markdown } : unreadable(read.error);
    }
    case "metric": {
      const read = widgetProperties.metric.safeParse(properties);
      if (!read.success) return unreadable(read.error);
      const ofAlarms = read.data.annotations.alarms;
      if (ofAlarms.length > 0 && read.data.metrics.length === 0)
        return alarmContent(ofAlarms, alarms);
      return metricContent(read.data, store, range);
    }
    case "alarm": {
      const read = widgetProperties.alarm.safeParse(properties);
      return read.success ? alarmContent(read.data.alarms, alarms) : unreadable(read.error);
    }
    case "log": {
      const read = widgetProperties.log.safeParse(properties);
      return read.success ? logContent(read.data.query) : unreadable(read.error);
    }
    default:
      return {
        type: "unmodelled",
        declaredType: type,
        reason: `not modelled here: widgets of the type \`${type}\``,
      };
  }
}

function alarmContent(arns: readonly string[], alarms: WidgetSources["alarms"]): AlarmContent {
  const found = arns.map((arn) => alarms.snapshot(arn) ?? arn);
  return {
    type: "alarm",
    alarms: found.filter((alarm) => typeof alarm !== "string"),
    problems: found
      .filter((alarm) => typeof alarm === "string")
      .map((arn) => `The program declares no alarm \`${arn}\`.`),
  };
}

function logContent(query: string): LogContent {
  const sources = [...query.matchAll(/SOURCE\s+'([^']*)'/gu)].map(([, group = ""]) => group);
  return {
    type: "log",
    logGroups: sources,
    query: query.replaceAll(/SOURCE\s+'[^']*'\s*\|\s*/gu, ""),
    reason: "not modelled here: queries of CloudWatch Logs Insights",
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
