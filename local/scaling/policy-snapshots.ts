import type { Alarms } from "../cloudwatch/alarms.ts";
import type { PolicySnapshot } from "../snapshot/snapshot.ts";
import type { DeclaredPolicy, DeclaredScaling, DeclaredSchedule } from "./declared-scaling.ts";
import type { ScalableTarget } from "./scalable-target.ts";
import { trackingAlarms } from "./tracking-alarms.ts";
import { trackedMetric } from "./tracking-metric.ts";

/** What moves a service, for those who look at it. */
export function policySnapshots(
  declared: DeclaredScaling,
  target: ScalableTarget,
  alarms: Pick<Alarms, "latestValue" | "calling">,
): PolicySnapshot[] {
  const { resourceId, policies, schedules } = declared;
  return [
    ...policies.map((policy) => ({
      name: policy.name,
      lastActivity: target.lastActivity(policy.name),
      ...(policy.kind === "tracking" ? tracking(policy, resourceId, alarms) : step(policy, alarms)),
    })),
    ...schedules.map((schedule) => ({
      name: schedule.name,
      type: "Scheduled" as const,
      text: scheduleText(schedule),
      value: undefined,
      target: undefined,
      lastActivity: target.lastActivity(schedule.name),
    })),
  ];
}

type Watched = Pick<PolicySnapshot, "type" | "text" | "value" | "target">;

function tracking(
  policy: DeclaredPolicy & { readonly kind: "tracking" },
  resourceId: string,
  alarms: Pick<Alarms, "latestValue">,
): Watched {
  const metric = trackedMetric(policy.configuration, resourceId);
  const { targetValue } = policy.configuration;
  return {
    type: "TargetTrackingScaling",
    text: typeof metric === "string" ? metric : `keeps the ${metric.text} at ${targetValue}`,
    value: alarms.latestValue(trackingAlarms(policy, resourceId).high.name),
    target: targetValue,
  };
}

function step(
  policy: DeclaredPolicy & { readonly kind: "step" },
  alarms: Pick<Alarms, "latestValue" | "calling">,
): Watched {
  const alarm = alarms.calling(policy.arn);
  const unit = policy.adjustmentType === "PercentChangeInCapacity" ? " %" : "";
  const sign = policy.adjustmentType === "ExactCapacity" ? "to " : "by ";
  const sizes = policy.steps.map(({ adjustment }) => `${adjustment}${unit}`).join(", ");
  return {
    type: "StepScaling",
    text:
      alarm === undefined
        ? `no alarm calls it; ${sign}${sizes}`
        : `on the alarm ${alarm.name}: ${sign}${sizes}`,
    value: alarm === undefined ? undefined : alarms.latestValue(alarm.name),
    target: alarm?.watches.kind === "metric" ? alarm.watches.threshold : undefined,
  };
}

function scheduleText({ expression, timezone, minimum, maximum }: DeclaredSchedule): string {
  const limits = [
    ...(minimum === undefined ? [] : [`minimum ${minimum}`]),
    ...(maximum === undefined ? [] : [`maximum ${maximum}`]),
  ];
  return `${expression} ${timezone}: ${limits.join(", ")}`;
}
