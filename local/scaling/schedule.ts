import { LocalError } from "../graph/graph.ts";
import { parseCron, type CalendarMinute } from "./cron.ts";

/** Whether a schedule is due in the minute that begins at a moment, in milliseconds since 1970. */
export type Schedule = (minute: number) => boolean;

const UNITS: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1440 };
const MINUTE = 60_000;

/**
 * Reads when a scheduled action runs: `at(2026-12-01T08:00:00)`, `rate(5 minutes)` or `cron(0 8 ? * MON-FRI *)`.
 *
 * @param since from when on rates count.
 * @throws {LocalError} where it is none of these.
 */
export function parseSchedule(expression: string, timezone: string, since: number): Schedule {
  const [, kind, inner = ""] = /^(at|rate|cron)\((.*)\)$/u.exec(expression.trim()) ?? [];
  switch (kind) {
    case "at": {
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/u.test(inner)) throw unreadable(expression);
      const wanted = inner.slice(0, 16);
      return (minute) => written(calendarMinute(minute, timezone)) === wanted;
    }
    case "rate": {
      const [, count, unit = ""] = /^(\d+) (minute|hour|day)s?$/u.exec(inner) ?? [];
      const minutes = Number(count) * (UNITS[unit] ?? Number.NaN);
      if (!(minutes >= 1)) throw unreadable(expression);
      const first = Math.ceil(since / MINUTE);
      return (minute) => {
        const passed = Math.floor(minute / MINUTE) - first;
        return passed >= 0 && passed % minutes === 0;
      };
    }
    case "cron": {
      const matches = parseCron(inner);
      return (minute) => matches(calendarMinute(minute, timezone));
    }
    case undefined:
    default:
      throw unreadable(expression);
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a calendar and a clock on the wall of a time zone show. */
export function calendarMinute(at: number, timezone: string): CalendarMinute {
  let format = formats.get(timezone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat("en-US", {
        timeZone: timezone,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
      });
    } catch {
      throw new LocalError(
        `The time zone \`${timezone}\` of a scheduled action is unknown; give a name of the IANA database, such as \`Europe/Berlin\`.`,
      );
    }
    formats.set(timezone, format);
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
  const [year, month, day] = [part("year"), part("month"), part("day")];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return { year, month, day, hour: part("hour"), minute: part("minute"), weekday };
}

function written({ year, month, day, hour, minute }: CalendarMinute): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

function unreadable(expression: string): LocalError {
  return new LocalError(
    `The schedule \`${expression}\` cannot be read; give \`at(yyyy-mm-ddThh:mm:ss)\`, \`rate(5 minutes)\` or \`cron(0 8 ? * MON-FRI *)\`.`,
  );
}
