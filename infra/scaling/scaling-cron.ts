/** A day of the calendar; months count from 1, and so do days. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** When a schedule's minutes are. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Undefined: every year. */
  readonly years: ReadonlySet<number> | undefined;
  readonly isDay: (day: Day) => boolean;
}

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly words?: readonly string[];
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");
const MINUTES: Field = { name: "minutes", least: 0, most: 59 };
const HOURS: Field = { name: "hours", least: 0, most: 23 };
const DAY_OF_MONTH: Field = { name: "day of month", least: 1, most: 31 };
const MONTH: Field = { name: "month", least: 1, most: 12, words: MONTHS };
const DAY_OF_WEEK: Field = { name: "day of week", least: 1, most: 7, words: WEEKDAYS };
const YEAR: Field = { name: "year", least: 1970, most: 2199 };

/** What is wrong with an expression, as the rest of a sentence. */
export class CronError extends Error {}

/**
 * Reads the six fields that Application Auto Scaling takes: minutes, hours, day of month, month, day of week, year (its guide, "Schedule
 * recurring scaling actions using cron expressions"; Amazon EventBridge guide, "Cron expressions reference").
 *
 * @throws {CronError} that names the field.
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/u);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields;
  if (
    fields.length !== 6 ||
    minutes === undefined ||
    hours === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined ||
    year === undefined
  ) {
    throw new CronError(
      "give six fields between spaces: minutes, hours, day of month, month, day of week and year, such as `0 8 ? * MON-FRI *`",
    );
  }
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new CronError(
      "give `?` for exactly one of the day of month and the day of week, and the days in the other, such as `0 8 ? * MON-FRI *`",
    );
  }
  return {
    minutes: numbers(MINUTES, minutes),
    hours: numbers(HOURS, hours),
    months: numbers(MONTH, month),
    years: year === "*" ? undefined : numbers(YEAR, year),
    isDay: dayOfWeek === "?" ? daysOfMonth(dayOfMonth) : daysOfWeek(dayOfWeek),
  };
}

/** The numbers that a field names: `*`, `5`, `1-5`, `0/15`, `MON-FRI`, and lists of them. */
function numbers(field: Field, text: string): ReadonlySet<number> {
  return new Set(text.split(",").flatMap((item) => range(field, item)));
}

function range(field: Field, item: string): number[] {
  const [, from = "", to, step] = /^([^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/u.exec(item) ?? [];
  const first = from === "*" ? field.least : numberOf(field, from);
  const open = from === "*" || (step !== undefined && to === undefined);
  const last = open ? field.most : numberOf(field, to ?? from);
  const distance = Number(step ?? 1);
  if (
    first === undefined ||
    last === undefined ||
    first > last ||
    distance < 1 ||
    (from === "*" && to !== undefined)
  ) {
    const { name, least, most, words } = field;
    throw new CronError(
      `the ${name} \`${item}\` cannot be; give numbers from ${least} to ${most}${words === undefined ? "" : ` or ${words[0] ?? ""} to ${words.at(-1) ?? ""}`},` +
        " ranges of them with the lower one first, steps such as `0/15`, or lists between commas",
    );
  }
  return Array.from(
    { length: Math.floor((last - first) / distance) + 1 },
    (_, index) => first + index * distance,
  );
}

function numberOf({ least, most, words = [] }: Field, text: string): number | undefined {
  const word = words.indexOf(text.toUpperCase());
  const number = word >= 0 ? word + least : /^\d+$/u.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}

/** Days of the month; `L` is the last one, `15W` the weekday nearest to the fifteenth, `LW` the last weekday. */
function daysOfMonth(text: string): Cron["isDay"] {
  const nearest = /^(\d{1,2}|L)W$/u.exec(text)?.[1];
  if (nearest !== undefined) {
    const [wanted] =
      nearest === "L" ? [DAY_OF_MONTH.most] : numbers(DAY_OF_MONTH, nearest).values();
    return (day) => day.day === nearestWeekday(day, wanted ?? DAY_OF_MONTH.most);
  }
  if (text === "L") return (day) => day.day === lastOfMonth(day);
  const days = numbers(DAY_OF_MONTH, text);
  return ({ day }) => days.has(day);
}

/** Days of the week from Sunday, 1; `L` is the last day of it, `6L` the last Friday of the month, `6#3` its third. */
function daysOfWeek(text: string): Cron["isDay"] {
  const [, name = "", last, nth] = /^([1-7]|[A-Za-z]{3})(?:(L)|#([1-5]))$/u.exec(text) ?? [];
  const only = numberOf(DAY_OF_WEEK, name);
  if (only !== undefined && last !== undefined)
    return (day) => weekdayOf(day) === only && day.day > lastOfMonth(day) - 7;
  if (only !== undefined && nth !== undefined)
    return (day) => weekdayOf(day) === only && Math.ceil(day.day / 7) === Number(nth);
  const days = text === "L" ? new Set([DAY_OF_WEEK.most]) : numbers(DAY_OF_WEEK, text);
  return (day) => days.has(weekdayOf(day));
}

function weekdayOf({ year, month, day }: Day): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function lastOfMonth({ year, month }: Day): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The weekday nearest to a day, without leaving the month. */
function nearestWeekday(month: Day, wanted: number): number {
  const last = lastOfMonth(month);
  const day = Math.min(wanted, last);
  const weekday = weekdayOf({ ...month, day });
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === last ? day - 2 : day + 1;
  return day;
}

/** The calendar repeats after 28 years, until 2100. */
const CALENDAR = Array.from({ length: 28 }, (_, index) => 2028 + index);

/** Whether two expressions of one time zone ever name the same minute. */
export function coincide(left: Cron, right: Cron): boolean {
  if (!meet(left.minutes, right.minutes) || !meet(left.hours, right.hours)) return false;
  const years = [...(left.years ?? right.years ?? CALENDAR)].filter(
    (year) => right.years?.has(year) !== false,
  );
  const months = [...left.months].filter((month) => right.months.has(month));
  return years.some((year) =>
    months.some((month) =>
      Array.from({ length: lastOfMonth({ year, month, day: 1 }) }, (_, index) => ({
        year,
        month,
        day: index + 1,
      })).some((day) => left.isDay(day) && right.isDay(day)),
    ),
  );
}

function meet(left: ReadonlySet<number>, right: ReadonlySet<number>): boolean {
  return [...left].some((number) => right.has(number));
}
