import { LocalError } from "../graph/graph.ts";

/** A minute of a calendar; months and days count from 1, weekdays from 0, which is Sunday. */
export interface CalendarMinute {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly year: number;
  readonly weekday: number;
}

type Matcher = (moment: CalendarMinute) => boolean;

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly words: readonly string[];
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");
const MINUTE: Field = { name: "minutes", least: 0, most: 59, words: [] };
const HOUR: Field = { name: "hours", least: 0, most: 23, words: [] };
const DAY_OF_MONTH: Field = { name: "day of month", least: 1, most: 31, words: [] };
const MONTH: Field = { name: "month", least: 1, most: 12, words: MONTHS };
const DAY_OF_WEEK: Field = { name: "day of week", least: 1, most: 7, words: WEEKDAYS };
const YEAR: Field = { name: "year", least: 1970, most: 2199, words: [] };

/**
 * Reads the six fields of Application Auto Scaling: minutes, hours, day of month, month, day of week, year (Amazon EventBridge guide, "Cron expressions").
 *
 * @returns whether a minute is meant.
 * @throws {LocalError} that names the field.
 */
export function parseCron(text: string): Matcher {
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year, ...more] = text.trim().split(/\s+/u);
  if (
    minutes === undefined ||
    hours === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined ||
    year === undefined ||
    more.length > 0
  ) {
    throw new LocalError(
      `The cron expression \`${text}\` needs six fields: minutes, hours, day of month, month, day of week, year.`,
    );
  }
  const fields = [
    oneOf(MINUTE, minutes, (moment) => moment.minute),
    oneOf(HOUR, hours, (moment) => moment.hour),
    oneOf(MONTH, month, (moment) => moment.month),
    oneOf(YEAR, year, (moment) => moment.year),
    dayOfMonth === "?" ? () => true : inMonth(dayOfMonth),
    dayOfWeek === "?" ? () => true : inWeek(dayOfWeek),
  ];
  return (moment) => fields.every((matches) => matches(moment));
}

function oneOf(field: Field, text: string, of: (moment: CalendarMinute) => number): Matcher {
  const numbers = new Set(text.split(",").flatMap((item) => range(field, item)));
  return (moment) => numbers.has(of(moment));
}

/** Such as `*`, `5`, `1-5`, `0/15`, `MON-FRI`. */
function range(field: Field, item: string): number[] {
  const [, from = "", to, step = "1"] = /^([^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/u.exec(item) ?? [];
  const first = from === "*" ? field.least : numberOf(field, from, item);
  const open = from === "*" || (item.includes("/") && to === undefined);
  const last = open ? field.most : to === undefined ? first : numberOf(field, to, item);
  const distance = Number(step);
  if (first > last || distance < 1) throw wrong(field, item);
  return Array.from(
    { length: Math.floor((last - first) / distance) + 1 },
    (_, index) => first + index * distance,
  );
}

function numberOf(field: Field, text: string, item: string): number {
  const word = field.words.indexOf(text.toUpperCase());
  const number = word >= 0 ? word + field.least : /^\d+$/u.test(text) ? Number(text) : Number.NaN;
  if (number >= field.least && number <= field.most) return number;
  throw wrong(field, item);
}

/** `L` is the last day, `15W` the weekday nearest to the fifteenth, in the same month. */
function inMonth(text: string): Matcher {
  if (text === "L") return (moment) => moment.day === lastDay(moment);
  const nearest = /^(\d{1,2}|L)W$/u.exec(text)?.[1];
  if (nearest === undefined) return oneOf(DAY_OF_MONTH, text, ({ day }) => day);
  return (moment) => {
    const last = lastDay(moment);
    const wanted = nearest === "L" ? last : Math.min(last, Number(nearest));
    return moment.day === nearestWeekday(moment, wanted, last);
  };
}

function nearestWeekday(moment: CalendarMinute, wanted: number, last: number): number {
  const weekday = (((moment.weekday + wanted - moment.day) % 7) + 7) % 7;
  if (weekday === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 0) return wanted === last ? wanted - 2 : wanted + 1;
  return wanted;
}

/** `L` is Saturday, `6L` the last Friday of the month, `2#1` its first Monday. */
function inWeek(text: string): Matcher {
  const last = /^(\w+)L$/u.exec(text)?.[1];
  if (last !== undefined) {
    const wanted = numberOf(DAY_OF_WEEK, last, text) - 1;
    return (moment) => moment.weekday === wanted && moment.day > lastDay(moment) - 7;
  }
  const [, day, week] = /^(\w+)#([1-5])$/u.exec(text) ?? [];
  if (day !== undefined) {
    const wanted = numberOf(DAY_OF_WEEK, day, text) - 1;
    return (moment) => moment.weekday === wanted && Math.ceil(moment.day / 7) === Number(week);
  }
  return oneOf(DAY_OF_WEEK, text === "L" ? "SAT" : text, ({ weekday }) => weekday + 1);
}

function lastDay({ year, month }: CalendarMinute): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function wrong({ name, least, most }: Field, item: string): LocalError {
  return new LocalError(
    `The ${name} \`${item}\` of a cron expression cannot be; give numbers from ${least} to ${most}, ranges, steps such as \`0/15\`, or lists of them.`,
  );
}
