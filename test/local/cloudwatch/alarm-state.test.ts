import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fetchedPeriods,
  nextState,
  type AlarmState,
  type MissingData,
} from "../../../local/cloudwatch/alarm-state.ts";

const SETTINGS: readonly MissingData[] = ["missing", "ignore", "breaching", "notBreaching"];

/** As CloudWatch's tables have it: 0 is good, X breaches, - is missing, the newest on the right. */
function state(
  pattern: string,
  datapointsToAlarm: number,
  treatMissingData: MissingData,
  before: AlarmState = "INSUFFICIENT_DATA",
): AlarmState {
  const fetched = Array.from(pattern, (sign) => (sign === "-" ? undefined : sign === "X"));
  return nextState(fetched, { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }, before);
}

/** "keep": the state from before. */
function assertTable(
  datapointsToAlarm: number,
  table: readonly (readonly [string, ...string[]])[],
): void {
  for (const [pattern, ...expected] of table) {
    for (const [index, setting] of SETTINGS.entries()) {
      for (const before of ["OK", "ALARM", "INSUFFICIENT_DATA"] as const) {
        const wanted = expected[index] === "keep" ? before : expected[index];
        const found = state(pattern, datapointsToAlarm, setting, before);
        assert.equal(found, wanted, `${pattern}, ${setting}, from ${before}`);
      }
    }
  }
}

test("GIVEN three of three WHEN data is missing THEN the states are those of AWS's table", () => {
  assertTable(3, [
    ["0-X-X", "OK", "OK", "OK", "OK"],
    ["0----", "OK", "OK", "OK", "OK"],
    ["-----", "INSUFFICIENT_DATA", "keep", "ALARM", "OK"],
    ["0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["--X--", "ALARM", "keep", "ALARM", "OK"],
  ]);
});

test("GIVEN two of three WHEN data is missing THEN the states are those of AWS's table", () => {
  assertTable(2, [
    ["0-X-X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["00X0X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["0-X--", "OK", "OK", "ALARM", "OK"],
    ["----0", "OK", "OK", "ALARM", "OK"],
    ["---X-", "ALARM", "keep", "ALARM", "OK"],
  ]);
});

test("GIVEN a young breach and nothing else WHEN three are wanted THEN it is too early for an alarm", () => {
  for (const pattern of ["----X", "---X-", "---XX"]) {
    assert.equal(state(pattern, 3, "missing", "OK"), "OK", pattern);
    assert.equal(state(pattern, 3, "missing"), "INSUFFICIENT_DATA", pattern);
  }
  assert.equal(state("--XX-", 3, "missing", "OK"), "ALARM");
  assert.equal(state("--X-X", 3, "missing", "OK"), "ALARM");
});

test("GIVEN an alarm over three periods WHEN it is evaluated THEN five are fetched", () => {
  assert.equal(fetchedPeriods(3), 5);
});
