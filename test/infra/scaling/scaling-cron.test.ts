import assert from "node:assert/strict";
import { test } from "node:test";
import { coincide, CronError, parseCron } from "../../../infra/scaling/scaling-cron.ts";

/** The days of a month that an expression names. */
function daysIn(cron: string, year: number, month: number): number[] {
  const { isDay } = parseCron(cron);
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Array.from({ length: last }, (_, index) => index + 1).filter((day) =>
    isDay({ year, month, day }),
  );
}

test("GIVEN an expression WHEN it is read THEN its fields name these numbers", () => {
  const { minutes, hours, months, years } = parseCron(" 0/20,7  8-10 ? JAN,3-5 mon 2027-2028 ");

  assert.deepEqual([...minutes], [0, 20, 40, 7]);
  assert.deepEqual([...hours], [8, 9, 10]);
  assert.deepEqual([...months], [1, 3, 4, 5]);
  assert.deepEqual([...(years ?? [])], [2027, 2028]);
  assert.deepEqual([...parseCron("10-30/10 */6 * * ? *").hours], [0, 6, 12, 18]);
  assert.deepEqual([...parseCron("10-30/10 */6 * * ? *").minutes], [10, 20, 30]);
  assert.equal(parseCron("0 8 * * ? *").years, undefined);
});

test("GIVEN days WHEN an expression is read THEN it names these of the calendar", () => {
  // 2027-02 begins on a Monday and has 28 days; 2027-05 begins on a Saturday and ends on a Monday; 2027-10 ends on a Sunday.
  assert.deepEqual(daysIn("0 0 ? * SUN *", 2027, 2), [7, 14, 21, 28]);
  assert.deepEqual(daysIn("0 0 ? * 1 *", 2027, 2), [7, 14, 21, 28]);
  assert.deepEqual(
    daysIn("0 0 ? * MON-WED *", 2027, 2),
    [1, 2, 3, 8, 9, 10, 15, 16, 17, 22, 23, 24],
  );
  assert.deepEqual(daysIn("0 0 ? * L *", 2027, 2), [6, 13, 20, 27]);
  assert.deepEqual(daysIn("0 0 ? * 6L *", 2027, 2), [26]);
  assert.deepEqual(daysIn("0 0 ? * FRIL *", 2027, 2), [26]);
  assert.deepEqual(daysIn("0 0 ? * 6#3 *", 2027, 2), [19]);
  assert.deepEqual(daysIn("0 0 ? * MON#5 *", 2027, 2), []);
  assert.deepEqual(daysIn("0 0 ? * MON#5 *", 2027, 5), [31]);
  assert.deepEqual(daysIn("0 0 1,15,31 * ? *", 2027, 2), [1, 15]);
  assert.deepEqual(daysIn("0 0 L * ? *", 2028, 2), [29]);
  assert.deepEqual(daysIn("0 0 1W * ? *", 2027, 5), [3]);
  assert.deepEqual(daysIn("0 0 15W * ? *", 2027, 5), [14]);
  assert.deepEqual(daysIn("0 0 16W * ? *", 2027, 5), [17]);
  assert.deepEqual(daysIn("0 0 LW * ? *", 2027, 10), [29]);
});

const DAYS_TWICE =
  "give `?` for exactly one of the day of month and the day of week, and the days in the other, such as `0 8 ? * MON-FRI *`";
const SIX =
  "give six fields between spaces: minutes, hours, day of month, month, day of week and year, such as `0 8 ? * MON-FRI *`";

function outOf(field: string, item: string, range: string): string {
  return (
    `the ${field} \`${item}\` cannot be; give numbers from ${range}, ranges of them with the lower one first, steps such as \`0/15\`, or lists` +
    " between commas"
  );
}

test("GIVEN an expression that AWS would refuse WHEN it is read THEN the reason names the field", () => {
  const refused: [cron: string, reason: string][] = [
    ["", SIX],
    ["0 8 * * *", SIX],
    ["0 0 8 * * ? *", SIX],
    ["cron(0 8 * * ? *)", outOf("minutes", "cron(0", "0 to 59")],
    ["0 8 * * * *", DAYS_TWICE],
    ["0 8 1 * MON *", DAYS_TWICE],
    ["0 8 ? * ? *", DAYS_TWICE],
    ["60 8 * * ? *", outOf("minutes", "60", "0 to 59")],
    ["? 8 * * ? *", outOf("minutes", "?", "0 to 59")],
    ["0,,5 8 * * ? *", outOf("minutes", "", "0 to 59")],
    ["0/0 8 * * ? *", outOf("minutes", "0/0", "0 to 59")],
    ["*-5 8 * * ? *", outOf("minutes", "*-5", "0 to 59")],
    ["0 24 * * ? *", outOf("hours", "24", "0 to 23")],
    ["0 18-8 * * ? *", outOf("hours", "18-8", "0 to 23")],
    ["0 8 0 * ? *", outOf("day of month", "0", "1 to 31")],
    ["0 8 32W * ? *", outOf("day of month", "32", "1 to 31")],
    ["0 8 * 13 ? *", outOf("month", "13", "1 to 12 or JAN to DEC")],
    ["0 8 ? * 0 *", outOf("day of week", "0", "1 to 7 or SUN to SAT")],
    ["0 8 ? * MO *", outOf("day of week", "MO", "1 to 7 or SUN to SAT")],
    ["0 8 ? * MON#6 *", outOf("day of week", "MON#6", "1 to 7 or SUN to SAT")],
    ["0 8 * * ? 1969", outOf("year", "1969", "1970 to 2199")],
  ];
  for (const [cron, reason] of refused) {
    assert.throws(
      () => parseCron(cron),
      (error) => {
        assert.ok(error instanceof CronError);
        assert.equal(error.message, reason);
        return true;
      },
      cron,
    );
  }
});

test("GIVEN two expressions WHEN they are compared THEN they coincide where some minute of the calendar is in both", () => {
  const pairs: [left: string, right: string, meet: boolean][] = [
    ["0 8 * * ? *", "0 8 * * ? *", true],
    ["0 8 * * ? *", "1 8 * * ? *", false],
    ["0 8 * * ? *", "0 9 * * ? *", false],
    ["0/15 * * * ? *", "45 17 ? * FRI *", true],
    ["0 8 ? * MON-FRI *", "0 8 ? * SAT,SUN *", false],
    ["0 8 ? * MON-FRI *", "0 8 1 * ? *", true],
    ["0 8 29 2 ? *", "0 8 ? 2 MON *", true],
    ["0 8 30 2 ? *", "0 8 * * ? *", false],
    ["0 8 * JAN ? *", "0 8 * FEB-DEC ? *", false],
    ["0 8 * * ? 2027", "0 8 * * ? 2028", false],
    ["0 8 * * ? 2027", "0 8 * * ? *", true],
    ["0 8 29 2 ? 2027", "0 8 * * ? *", false],
    ["0 8 L * ? *", "0 8 1-27 * ? *", false],
    ["0 8 ? * 6L *", "0 8 1-21 * ? *", false],
  ];
  for (const [left, right, meet] of pairs) {
    assert.equal(coincide(parseCron(left), parseCron(right)), meet, `${left} | ${right}`);
    assert.equal(coincide(parseCron(right), parseCron(left)), meet, `${right} | ${left}`);
  }
});
