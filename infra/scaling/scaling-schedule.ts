import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { coincide, CronError, parseCron, type Cron } from "./scaling-cron.ts";
import { ArgumentError, check, checkTogether, wholeNumberBetween } from "../validation.ts";

/** A time from which other numbers of replicas hold, until the next schedule's. Costs nothing by itself. */
export interface Schedule {
  /** What the schedule is for, unique within the service: 1 to 64 lower-case letters, digits and single hyphens, beginning with a letter. */
  name: string;
  /**
   * When, to the minute, as six fields: minutes, hours, day of month, month, day of week, year. One of the two days is `?`, such as in
   * `0 8 ? * MON-FRI *`. Two schedules of a service may not meet in one minute.
   */
  cron: pulumi.Input<string>;
  /**
   * The time zone of `cron`, by its name in the IANA database, such as `Europe/Berlin`; summer time is followed.
   * Default: `UTC`.
   */
  timezone?: pulumi.Input<string>;
  /** The least number of replicas from then on, 1 to 5000, or 0 where `maxReplicas` is 0, too. */
  minReplicas: pulumi.Input<number>;
  /** The greatest number of replicas from then on, 0 to 5000. 0 switches the service off until a schedule with a minimum. */
  maxReplicas: pulumi.Input<number>;
}

const UTC = "UTC";

/** What Application Auto Scaling takes for one target (its guide, "Quotas"). */
const MOST_SCHEDULES = 200;

/** Refuses schedules that AWS would refuse, or that would leave open how many replicas there are. */
export function checkSchedules(component: string, schedules: readonly Schedule[]): void {
  if (schedules.length > MOST_SCHEDULES) {
    throw new ArgumentError(
      component,
      `\`schedules\` are ${schedules.length}; AWS takes ${MOST_SCHEDULES} for a service. Join some: a field may list several values.`,
    );
  }
  for (const [index, schedule] of schedules.entries()) {
    checkScheduleName(component, schedule, schedules.slice(0, index));
    checkSchedule(component, schedule);
    for (const earlier of schedules.slice(0, index)) checkApart(component, earlier, schedule);
  }
  checkWakes(component, schedules);
}

function checkScheduleName(
  component: string,
  { name }: Schedule,
  earlier: readonly Schedule[],
): void {
  if (name.length > 64 || !/^[a-z](?:-?[a-z0-9])*$/u.test(name)) {
    throw new ArgumentError(
      component,
      `a schedule has the name \`${name}\`; give 1 to 64 lower-case letters, digits and single hyphens, beginning with a letter.`,
    );
  }
  if (earlier.some((other) => other.name === name)) {
    throw new ArgumentError(
      component,
      `two schedules have the name \`${name}\`; give each one of its own.`,
    );
  }
}

function checkSchedule(component: string, schedule: Schedule): void {
  const { name, minReplicas, maxReplicas } = schedule;
  const at = `schedules.${name}`;
  check(schedule.cron, (cron) => {
    try {
      parseCron(cron);
    } catch (error) {
      if (!(error instanceof CronError)) throw error;
      throw new ArgumentError(component, `\`${at}.cron\` is \`${cron}\`: ${error.message}.`);
    }
  });
  check(schedule.timezone, (timezone) => {
    if (isTimezone(timezone)) return;
    throw new ArgumentError(
      component,
      `\`${at}.timezone\` is \`${timezone}\`; give a name of the IANA time zone database, such as \`Europe/Berlin\` or \`UTC\`.`,
    );
  });
  check(minReplicas, wholeNumberBetween(component, `${at}.minReplicas`, 0, 5000));
  check(maxReplicas, wholeNumberBetween(component, `${at}.maxReplicas`, 0, 5000));
  checkTogether([minReplicas, maxReplicas], ([least = 0, most = 0]) => {
    if (least > most) {
      throw new ArgumentError(
        component,
        `\`${at}.minReplicas\` is ${least} and \`${at}.maxReplicas\` is ${most}; give a maximum that is not below the minimum.`,
      );
    }
    if (least === 0 && most > 0) {
      throw new ArgumentError(
        component,
        `\`${at}.minReplicas\` is 0 and \`${at}.maxReplicas\` is ${most}: once no replica is left nothing can be measured, and none comes back.` +
          " Give a minimum of 1, or 0 for both to switch the service off.",
      );
    }
  });
}

/** By the name that it has in the database: AWS is asked in exactly these letters. */
function isTimezone(name: string): boolean {
  if (!/^[A-Z][A-Za-z]*(?:[/_+-][A-Za-z0-9]+)*$/u.test(name)) return false;
  try {
    const canonical = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    return canonical === name || canonical.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** Of two schedules in one minute AWS does not say which one holds. Those of different time zones are not compared. */
function checkApart(component: string, left: Schedule, right: Schedule): void {
  checkTogether(
    [left.timezone ?? UTC, right.timezone ?? UTC, left.cron, right.cron],
    ([leftZone, rightZone, leftCron = "", rightCron = ""]) => {
      const both = [leftCron, rightCron].map(readable);
      const [first, second] = both;
      if (leftZone !== rightZone || first === undefined || second === undefined) return;
      if (!coincide(first, second)) return;
      throw new ArgumentError(
        component,
        `the schedules \`${left.name}\` (\`${leftCron}\`) and \`${right.name}\` (\`${rightCron}\`) meet in one minute, and AWS does not say which one` +
          " would hold; move one of them by a minute.",
      );
    },
  );
}

/** What another check has refused already is nothing here. */
function readable(cron: string): Cron | undefined {
  try {
    return parseCron(cron);
  } catch {
    return undefined;
  }
}

function checkWakes(component: string, schedules: readonly Schedule[]): void {
  checkTogether(
    schedules.map(({ maxReplicas }) => maxReplicas),
    (most) => {
      const off = schedules[most.indexOf(0)];
      if (off === undefined || most.some((replicas) => replicas > 0)) return;
      throw new ArgumentError(
        component,
        `the schedule \`${off.name}\` switches the service off, and none switches it on again; add one with a \`minReplicas\` of at least 1.`,
      );
    },
  );
}

/** A scheduled action; it sets minimum and maximum, so that what holds never depends on the schedule before. */
export function createSchedule(
  name: string,
  schedule: Schedule,
  target: aws.appautoscaling.Target,
  opts: pulumi.CustomResourceOptions,
): aws.appautoscaling.ScheduledAction {
  return new aws.appautoscaling.ScheduledAction(
    `${name}-${schedule.name}`,
    {
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      schedule: pulumi.interpolate`cron(${schedule.cron})`,
      timezone: schedule.timezone ?? UTC,
      scalableTargetAction: {
        minCapacity: schedule.minReplicas,
        maxCapacity: schedule.maxReplicas,
      },
    },
    opts,
  );
}
