import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alarmDefaults,
  checkAlarms,
  type AlarmArguments,
} from "../../../infra/alarms/alarms-args.ts";
import { assertRefused } from "../mocks.ts";

const refused = (args: AlarmArguments, message: string): void => {
  assertRefused(() => {
    checkAlarms("McpService", args, { longestCallSeconds: 60 });
  }, `McpService: ${message}`);
};

test("GIVEN nothing WHEN defaults are filled in THEN they are those that are documented", () => {
  assert.deepEqual(alarmDefaults({}), {
    alarms: true,
    alarmErrorPercent: 5,
    alarmLatencySeconds: undefined,
    alarmRefusedTokenPercent: 20,
  });
  assert.equal(alarmDefaults({ alarms: false }).alarms, false);
});

test("GIVEN thresholds that nothing or everything reaches WHEN they are checked THEN they are refused", () => {
  for (const percent of [0, -1, 100, NaN]) {
    refused(
      { alarmErrorPercent: percent },
      `\`alarmErrorPercent\` is ${percent}; give a percentage of more than 0 and less than 100.`,
    );
    refused(
      { alarmRefusedTokenPercent: percent },
      `\`alarmRefusedTokenPercent\` is ${percent}; give a percentage of more than 0 and less than 100.`,
    );
  }
  for (const seconds of [0, 3601]) {
    refused(
      { alarmLatencySeconds: seconds },
      `\`alarmLatencySeconds\` is ${seconds}; give a number of seconds of more than 0 and at most 3600.`,
    );
  }
  refused(
    { alarmLatencySeconds: 60 },
    "`alarmLatencySeconds` is 60 and `longestCallSeconds` is 60: calls are ended before they are that slow, so that the alarm would never ring. Give less" +
      " than the longest call.",
  );
});

test("GIVEN thresholds of alarms that are turned off WHEN they are checked THEN they are refused", () => {
  refused(
    { alarms: false, alarmErrorPercent: 1 },
    "`alarmErrorPercent` is given, but `alarms` is false: nothing would ring. Leave it out, or `alarms`.",
  );
  refused(
    { alarms: false, alarmErrorPercent: 1, alarmLatencySeconds: 1 },
    "`alarmErrorPercent`, `alarmLatencySeconds` are given, but `alarms` is false: nothing would ring. Leave them out, or `alarms`.",
  );
});

test("GIVEN thresholds within their ranges WHEN they are checked THEN they pass", () => {
  for (const args of [
    {},
    { alarms: false },
    { alarmErrorPercent: 0.1, alarmLatencySeconds: 59.9, alarmRefusedTokenPercent: 99.9 },
  ])
    checkAlarms("McpService", args, { longestCallSeconds: 60 });
});
