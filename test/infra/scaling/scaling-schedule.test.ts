import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { checkSchedules, type Schedule } from "../../../infra/scaling/scaling-schedule.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

const DAY: Schedule = { name: "day", cron: "0 8 * * ? *", minReplicas: 4, maxReplicas: 40 };
const NIGHT: Schedule = { name: "night", cron: "0 20 * * ? *", minReplicas: 2, maxReplicas: 10 };

function refused(schedules: readonly Schedule[], message: string): void {
  assertRefused(() => {
    checkSchedules("McpService", schedules);
  }, `McpService: ${message}`);
}

test("GIVEN schedules that AWS takes WHEN they are checked THEN they pass", () => {
  checkSchedules("McpService", []);
  checkSchedules("McpService", [DAY, NIGHT]);
  checkSchedules("McpService", [DAY, { ...NIGHT, minReplicas: 0, maxReplicas: 0 }]);
  checkSchedules("McpService", [{ ...DAY, minReplicas: 5000, maxReplicas: 5000 }]);
  for (const timezone of [
    "UTC",
    "Europe/Berlin",
    "America/Argentina/Buenos_Aires",
    "Etc/GMT+9",
    "Asia/Calcutta",
    "Asia/Kolkata",
  ])
    checkSchedules("McpService", [{ ...DAY, timezone }]);
});

test("GIVEN names that are none, or not unique WHEN they are checked THEN they are refused", () => {
  for (const name of ["", "Day", "day_time", "1day", "day-", "x".repeat(65)]) {
    refused(
      [{ ...DAY, name }],
      `a schedule has the name \`${name}\`; give 1 to 64 lower-case letters, digits and single hyphens, beginning with a letter.`,
    );
  }
  refused(
    [DAY, { ...NIGHT, name: "day" }],
    "two schedules have the name `day`; give each one of its own.",
  );
});

test("GIVEN more schedules than AWS takes WHEN they are checked THEN they are refused", () => {
  const schedules = Array.from({ length: 201 }, (_, index) => ({
    ...DAY,
    name: `at-${index}`,
    cron: `${index % 60} ${Math.floor(index / 60)} * * ? *`,
  }));
  checkSchedules("McpService", schedules.slice(0, 200));
  refused(
    schedules,
    "`schedules` are 201; AWS takes 200 for a service. Join some: a field may list several values.",
  );
});

test("GIVEN an expression that AWS would refuse WHEN it is checked THEN it is refused with the reason", () => {
  refused(
    [{ ...DAY, cron: "0 8 * * *" }],
    "`schedules.day.cron` is `0 8 * * *`: give six fields between spaces: minutes, hours, day of month, month, day of week and year, such as" +
      " `0 8 ? * MON-FRI *`.",
  );
});

test("GIVEN a time zone that is none WHEN it is checked THEN it is refused", () => {
  for (const timezone of [
    "",
    "Berlin",
    "europe/berlin",
    "Europe/Berlín",
    "+02:00",
    "Mars/Olympus",
  ]) {
    refused(
      [{ ...DAY, timezone }],
      `\`schedules.day.timezone\` is \`${timezone}\`; give a name of the IANA time zone database, such as \`Europe/Berlin\` or \`UTC\`.`,
    );
  }
});

test("GIVEN numbers of replicas that AWS would refuse WHEN they are checked THEN they are refused", () => {
  refused(
    [{ ...DAY, minReplicas: -1 }],
    "`schedules.day.minReplicas` is -1; give a whole number from 0 to 5000.",
  );
  refused(
    [{ ...DAY, maxReplicas: 5001 }],
    "`schedules.day.maxReplicas` is 5001; give a whole number from 0 to 5000.",
  );
  refused(
    [{ ...DAY, minReplicas: 41 }],
    "`schedules.day.minReplicas` is 41 and `schedules.day.maxReplicas` is 40; give a maximum that is not below the minimum.",
  );
});

test("GIVEN a minimum of 0 WHEN it is checked THEN it is refused unless the service is switched off: no metric would bring a replica back", () => {
  refused(
    [{ ...DAY, minReplicas: 0 }],
    "`schedules.day.minReplicas` is 0 and `schedules.day.maxReplicas` is 40: once no replica is left nothing can be measured, and none comes back." +
      " Give a minimum of 1, or 0 for both to switch the service off.",
  );
});

test("GIVEN a schedule that switches the service off WHEN none switches it on again THEN it is refused", () => {
  const off = { ...NIGHT, minReplicas: 0, maxReplicas: 0 };
  refused(
    [off, { ...off, name: "also", cron: "0 21 * * ? *" }],
    "the schedule `night` switches the service off, and none switches it on again; add one with a `minReplicas` of at least 1.",
  );
});

const MEET =
  "the schedules `day` (`0 8 * * ? *`) and `night` (`0 8 ? * MON *`) meet in one minute, and AWS does not say which one would hold; move one of" +
  " them by a minute.";

test("GIVEN two schedules that meet in a minute WHEN they are checked THEN they are refused, as far as their time zones are one", () => {
  refused([DAY, { ...NIGHT, cron: "0 8 ? * MON *" }], MEET);
  refused([DAY, { ...NIGHT, cron: "0 8 ? * MON *", timezone: "UTC" }], MEET);
  checkSchedules("McpService", [DAY, { ...NIGHT, cron: "0 8 ? * MON *", timezone: "Asia/Tokyo" }]);
});

test("GIVEN mistakes in outputs WHEN they are checked THEN the program fails with the same sentences", async () => {
  const rejections = (schedules: readonly Schedule[]): Promise<string[]> =>
    rejectionsOf(() => {
      checkSchedules("McpService", schedules);
    });

  assert.deepEqual(await rejections([DAY, { ...NIGHT, cron: pulumi.output("0 8 ? * MON *") }]), [
    `McpService: ${MEET}`,
  ]);
  assert.deepEqual(await rejections([{ ...DAY, cron: Promise.resolve("0 24 * * ? *") }, NIGHT]), [
    "McpService: `schedules.day.cron` is `0 24 * * ? *`: the hours `24` cannot be; give numbers from 0 to 23, ranges of them with the lower one first," +
      " steps such as `0/15`, or lists between commas.",
  ]);
  assert.deepEqual(await rejections([{ ...DAY, minReplicas: pulumi.output(41) }]), [
    "McpService: `schedules.day.minReplicas` is 41 and `schedules.day.maxReplicas` is 40; give a maximum that is not below the minimum.",
  ]);
  assert.deepEqual(await rejections([{ ...DAY, minReplicas: 0, maxReplicas: pulumi.output(0) }]), [
    "McpService: the schedule `day` switches the service off, and none switches it on again; add one with a `minReplicas` of at least 1.",
  ]);
});
