/** Where the real API lives. Addresses in answers name it, wherever the stand-in listens. */
export const WEATHER_API_ORIGIN = "https://api.weather.gov";

/** What every text that a person may read begins with, so that nobody takes it for real. */
export const MARK = "SAMPLE DATA";

/** In milliseconds. */
export const HOUR = 3_600_000;

/** The last full hour: what the data changes with. */
export function floorHour(time: Date): Date {
  return new Date(Math.floor(time.getTime() / HOUR) * HOUR);
}

/** How far a zone is ahead of UTC, in milliseconds. A change of clocks within the week is ignored. */
export function offsetOf(timeZone: string, time: Date): number {
  const name = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" })
    .formatToParts(time)
    .find(({ type }) => type === "timeZoneName")?.value;
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/u.exec(name ?? "") ?? [];
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return sign === "-" ? -size : size;
}

/** ISO 8601 at an offset from UTC in milliseconds, as the API writes it: `2026-04-03T06:00:00-07:00`. */
export function iso(time: Date, offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return (
    new Date(time.getTime() + offset).toISOString().slice(0, 19) +
    `${offset < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`
  );
}

/** A number that looks random but is the same for the same text everywhere: FNV-1a, then mixed. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

export function pick<T>(items: readonly T[], seed: number): T {
  const item = items[seed % items.length];
  if (item === undefined) throw new Error("There is nothing to pick from an empty list.");
  return item;
}
