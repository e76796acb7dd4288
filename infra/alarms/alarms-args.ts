import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError, check, checkTogether } from "../validation.ts";

/** The arguments of a service about its alarms; docs/runbook.md has an entry for each. */
export interface AlarmArguments {
  /**
   * Whether CloudWatch watches the service and tells the platform's topic: of calls that fail or are slow, of replicas that are missing, start again and
   * again or refuse tokens, and of a maximum that is too low. The alarms on errors and latency also take deployments back.
   * Default: true; about 2.10 USD a month over three zones, 3.40 where deployments shift traffic.
   */
  alarms?: boolean;
  /**
   * From which share of failed requests on (answers of 500 to 599) the alarm rings, in percent, more than 0 to less than 100; less than 10 requests a minute
   * do not count.
   * Default: 5.
   */
  alarmErrorPercent?: pulumi.Input<number>;
  /**
   * From which response time on the alarm rings, in seconds, more than 0 to 3600, fractions allowed: of all but the slowest one in a hundred requests,
   * until an answer or a stream begins.
   * Default: half of `longestCallSeconds`, before calls are ended.
   */
  alarmLatencySeconds?: pulumi.Input<number>;
  /**
   * From which share of calls on whose token is refused the alarm rings, in percent, more than 0 to less than 100; less than 20 refusals in five minutes do not
   * count. Some are normal: clients learn from them that a token has expired.
   * Default: 20.
   */
  alarmRefusedTokenPercent?: pulumi.Input<number>;
}

/** What decides on a service's alarms, with every default filled in. */
export interface AlarmSettings {
  readonly alarms: boolean;
  readonly alarmErrorPercent: pulumi.Input<number>;
  /** Undefined: half of the longest call. */
  readonly alarmLatencySeconds: pulumi.Input<number> | undefined;
  readonly alarmRefusedTokenPercent: pulumi.Input<number>;
}

/** Fills in the defaults that the arguments document. */
export function alarmDefaults(args: AlarmArguments): AlarmSettings {
  return {
    alarms: args.alarms ?? true,
    alarmErrorPercent: args.alarmErrorPercent ?? 5,
    alarmLatencySeconds: args.alarmLatencySeconds,
    alarmRefusedTokenPercent: args.alarmRefusedTokenPercent ?? 20,
  };
}

/** Refuses thresholds that nothing would ever reach, or everything, and those of alarms that are not there. */
export function checkAlarms(
  component: string,
  args: AlarmArguments,
  { longestCallSeconds }: { readonly longestCallSeconds: pulumi.Input<number> },
): void {
  checkUsed(component, args);
  check(args.alarmErrorPercent, (percent) => {
    if (percent > 0 && percent < 100) return;
    throw new ArgumentError(
      component,
      `\`alarmErrorPercent\` is ${percent}; give a percentage of more than 0 and less than 100.`,
    );
  });
  check(args.alarmRefusedTokenPercent, (percent) => {
    if (percent > 0 && percent < 100) return;
    throw new ArgumentError(
      component,
      `\`alarmRefusedTokenPercent\` is ${percent}; give a percentage of more than 0 and less than 100.`,
    );
  });
  check(args.alarmLatencySeconds, (seconds) => {
    if (seconds > 0 && seconds <= 3600) return;
    throw new ArgumentError(
      component,
      `\`alarmLatencySeconds\` is ${seconds}; give a number of seconds of more than 0 and at most 3600.`,
    );
  });
  if (args.alarmLatencySeconds === undefined) return;
  checkTogether([args.alarmLatencySeconds, longestCallSeconds], ([seconds = 0, longest = 0]) => {
    if (seconds < longest) return;
    throw new ArgumentError(
      component,
      `\`alarmLatencySeconds\` is ${seconds} and \`longestCallSeconds\` is ${longest}: calls are ended before they are that slow, so that the alarm would` +
        " never ring. Give less than the longest call.",
    );
  });
}

function checkUsed(component: string, args: AlarmArguments): void {
  if (args.alarms !== false) return;
  const given = (
    ["alarmErrorPercent", "alarmLatencySeconds", "alarmRefusedTokenPercent"] as const
  ).filter((argument) => args[argument] !== undefined);
  if (given.length === 0) return;
  throw new ArgumentError(
    component,
    `${given.map((argument) => `\`${argument}\``).join(", ")} ${given.length === 1 ? "is" : "are"} given, but \`alarms\` is false: nothing would ring.` +
      ` Leave ${given.length === 1 ? "it" : "them"} out, or \`alarms\`.`,
  );
}
