import { createHash } from "node:crypto";
import type { AlarmDefinition, MetricWatch } from "../cloudwatch/alarm-definition.ts";
import type { TrackingPolicy } from "./declared-scaling.ts";
import { trackedMetric, type TrackedMetric } from "./tracking-metric.ts";

/** The alarms of a target-tracking policy; no low one where it never scales in. */
export interface TrackingAlarms {
  readonly high: AlarmDefinition;
  readonly low: AlarmDefinition | undefined;
}

/** Documented as "usually more than 10 % lower"; real ones are at 90 %. */
const LOW_SHARE = 0.9;

const HIGH_SECONDS = 180;
const LOW_SECONDS = 900;

/** AWS does not publish the counts of high-resolution metrics: three of them fit its measurement of 86 s, and scaling in keeps its 15 minutes. */
const HIGH_PERIODS = 3;

/** The alarms that Application Auto Scaling makes of a policy, as it names and counts them. */
export function trackingAlarms(policy: TrackingPolicy, resourceId: string): TrackingAlarms {
  const { configuration, arn } = policy;
  const metric = trackedMetric(configuration, resourceId);
  const { targetValue } = configuration;
  const alarm = (
    kind: "AlarmHigh" | "AlarmLow",
    watches: AlarmDefinition["watches"],
  ): AlarmDefinition => {
    const name = `TargetTracking-${resourceId}-${kind}-${uuid(`${arn} ${kind}`)}`;
    return {
      name,
      arn: `${arn}/alarm/${name}`,
      description: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${arn}.`,
      ofScaling: true,
      after: [],
      watches,
      actions: { ALARM: [arn], OK: [], INSUFFICIENT_DATA: [] },
    };
  };
  const watches = (
    comparison: MetricWatch["comparison"],
    threshold: number,
    seconds: number,
  ): AlarmDefinition["watches"] =>
    typeof metric === "string"
      ? { kind: "unwatchable", reason: metric }
      : watch(metric, comparison, threshold, seconds);
  return {
    high: alarm("AlarmHigh", watches("GreaterThanThreshold", targetValue, HIGH_SECONDS)),
    low: configuration.disableScaleIn
      ? undefined
      : alarm("AlarmLow", watches("LessThanThreshold", LOW_SHARE * targetValue, LOW_SECONDS)),
  };
}

function watch(
  { queries, watched, periodSeconds }: TrackedMetric,
  comparison: MetricWatch["comparison"],
  threshold: number,
  seconds: number,
): MetricWatch {
  const periods = seconds === HIGH_SECONDS ? HIGH_PERIODS : seconds / periodSeconds;
  return {
    kind: "metric",
    queries,
    watched,
    periodSeconds,
    counts: {
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      // Neither way, as documented: without data there is no scaling.
      treatMissingData: "missing",
    },
    comparison,
    threshold,
    leastSamples: 0,
  };
}

/** The same in every run, unlike AWS's. */
function uuid(text: string): string {
  return createHash("sha256")
    .update(text)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/u, "$1-$2-$3-$4-$5");
}
