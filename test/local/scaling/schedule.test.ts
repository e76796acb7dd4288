import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalError } from "../../../local/graph/graph.ts";
import { parseSchedule } from "../../../local/scaling/schedule.ts";

const MINUTE = 60_000;

/** The minutes of a range at which a schedule is due, as UTC has them. */
function due(expression: string, timezone: string, from: string, to: string): string[] {
  const start = Date.parse(`${from}Z`);
  const schedule = parseSchedule(expression, timezone, start);
  const found: string[] = [];
  for (let minute = start; minute < Date.parse(`${to}Z`); minute += MINUTE) {
    if (schedule(minute)) found.push(new Date(minute).toISOString().slice(0, 16));
  }
  return found;
}

test("GIVEN a cron expression in Berlin WHEN summer time begins THEN it keeps the hour on the wall", () => {
  assert.deepEqual(
    due("cron(0 22 * * ? *)", "Europe/Berlin", "2026-03-28T00:00", "2026-03-30T00:00"),
    ["2026-03-28T21:00", "2026-03-29T20:00"],
  );
});

test("GIVEN fields with ranges, lists, steps and names WHEN days pass THEN the meant minutes are due", () => {
  const week = (cron: string): string[] =>
    due(`cron(${cron})`, "UTC", "2026-11-23T00:00", "2026-11-30T00:00");
  // 2026-11-23 is a Monday.
  assert.deepEqual(week("0 8 ? * MON-TUE,5 *"), [
    "2026-11-23T08:00",
    "2026-11-24T08:00",
    "2026-11-26T08:00",
  ]);
  assert.deepEqual(week("0/20 9 25 NOV ? 2026"), [
    "2026-11-25T09:00",
    "2026-11-25T09:20",
    "2026-11-25T09:40",
  ]);
  assert.deepEqual(week("5 6-7 24 11 ? *"), ["2026-11-24T06:05", "2026-11-24T07:05"]);
  assert.deepEqual(week("0 0 25 11 ? 2027"), []);
});

test("GIVEN the last day, the nearest weekday and the nth weekday WHEN months pass THEN those days are due", () => {
  const days = (cron: string): string[] =>
    due(`cron(0 0 ${cron} *)`, "UTC", "2026-01-01T00:00", "2026-03-01T00:00").map((at) =>
      at.slice(5, 10),
    );
  assert.deepEqual(days("L * ?"), ["01-31", "02-28"]);
  assert.deepEqual(days("31W * ?"), ["01-30", "02-27"]);
  assert.deepEqual(days("1W * ?"), ["01-01", "02-02"]);
  assert.deepEqual(days("? * 6L"), ["01-30", "02-27"]);
  assert.deepEqual(days("? * 2#1"), ["01-05", "02-02"]);
});

test("GIVEN a rate and a moment WHEN time passes THEN each is due when it says", () => {
  assert.deepEqual(due("rate(5 minutes)", "UTC", "2026-01-01T00:02", "2026-01-01T00:15"), [
    "2026-01-01T00:02",
    "2026-01-01T00:07",
    "2026-01-01T00:12",
  ]);
  assert.deepEqual(due("rate(1 day)", "UTC", "2026-01-01T00:00", "2026-01-03T00:00").length, 2);
  assert.deepEqual(
    due("at(2026-01-01T10:30:00)", "America/New_York", "2026-01-01T00:00", "2026-01-02T00:00"),
    ["2026-01-01T15:30"],
  );
});

test("GIVEN what is no schedule WHEN it is read THEN a sentence says so", () => {
  for (const expression of [
    "",
    "daily",
    "rate(0 minutes)",
    "rate(5 weeks)",
    "at(tomorrow)",
    "cron(* * *)",
    "cron(60 * * * ? *)",
    "cron(0 0 ? * 8 *)",
    "cron(5-1 * * * ? *)",
    "cron(x * * * ? *)",
  ]) {
    assert.throws(() => parseSchedule(expression, "UTC", 0), LocalError, expression);
  }
  assert.throws(
    () => due("cron(0 0 * * ? *)", "Mars/Base", "2026-01-01T00:00", "2026-01-01T00:01"),
    /`Mars\/Base`/u,
  );
});
