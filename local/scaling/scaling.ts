import type { Cancel, Clock } from "../clock.ts";
import type { Alarms } from "../cloudwatch/alarms.ts";
import type { MetricStore } from "../cloudwatch/metric-store.ts";
import type { Graph } from "../graph/graph.ts";
import type { PolicySnapshot } from "../snapshot/snapshot.ts";
import { readScaling, type DeclaredScaling, type DeclaredSchedule } from "./declared-scaling.ts";
import { policySnapshots } from "./policy-snapshots.ts";
import { ScalableTarget } from "./scalable-target.ts";
import type { ScalableService } from "./scalable-service.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";
import { trackingAlarms } from "./tracking-alarms.ts";
import type { Limits } from "./tracking-size.ts";

export interface ScalingOptions {
  readonly clock: Clock;
  /** Knows the time on the wall. */
  readonly store: Pick<MetricStore, "epoch" | "startOfPeriod">;
  readonly alarms: Alarms;
  /**
   * Services by the ids of scalable targets.
   *
   * @param resourceId such as `service/cluster/name`.
   */
  readonly service: (resourceId: string) => ScalableService | undefined;
}

/** Application Auto Scaling at work. */
export interface Scaling {
  /** By the name of a service; undefined where nothing scales it. */
  limits(service: string): Limits | undefined;
  policies(service: string): readonly PolicySnapshot[];
  close(): void;
}

interface Scaled {
  readonly declared: DeclaredScaling;
  readonly target: ScalableTarget;
  readonly service: ScalableService;
  readonly schedules: readonly { readonly declared: DeclaredSchedule; readonly due: Schedule }[];
}

const MINUTE = 60_000;

/**
 * Starts the scaling of the services of a graph: adds the alarms of target tracking to the others, and follows alarms and schedules.
 *
 * @throws {LocalError} where a schedule cannot be read.
 */
export function startScaling(graph: Graph, options: ScalingOptions): Scaling {
  const { alarms, clock, store } = options;
  const scaled = readScaling(graph).flatMap((declared) => scaledOf(declared, options));
  alarms.onAction((action) => {
    for (const { declared, target } of scaled) {
      const policy = declared.policies.find(({ arn }) => arn === action.arn);
      if (policy !== undefined) target.act(policy, action);
    }
  });
  let cancel: Cancel = () => undefined;
  const scheduleFrom = (now: number): void => {
    const next = store.startOfPeriod(now, MINUTE) + MINUTE;
    cancel = clock.after(next - clock.now(), () => {
      runSchedules(scaled, next + store.epoch);
      scheduleFrom(Math.max(next, clock.now()));
    });
  };
  if (scaled.some(({ schedules }) => schedules.length > 0)) scheduleFrom(clock.now());
  const find = (name: string): Scaled | undefined =>
    scaled.find(({ service }) => service.name === name);
  return {
    limits: (name) => find(name)?.target.limits,
    policies: (name) => {
      const found = find(name);
      return found === undefined ? [] : policySnapshots(found.declared, found.target, alarms);
    },
    close: () => {
      cancel();
    },
  };
}

function scaledOf(declared: DeclaredScaling, options: ScalingOptions): Scaled[] {
  const { alarms, clock, store } = options;
  const service = options.service(declared.resourceId);
  if (service === undefined) return [];
  const made = new Map(
    declared.policies
      .filter((policy) => policy.kind === "tracking")
      .map((policy) => [policy.arn, trackingAlarms(policy, declared.resourceId)] as const),
  );
  for (const { high, low } of made.values()) {
    alarms.add(high);
    if (low !== undefined) alarms.add(low);
  }
  const since = clock.now() + store.epoch;
  return [
    {
      declared,
      service,
      target: new ScalableTarget(declared, { clock, service, alarms, trackingAlarms: made }),
      schedules: declared.schedules.map((each) => ({
        declared: each,
        due: parseSchedule(each.expression, each.timezone, each.start ?? since),
      })),
    },
  ];
}

/** @param minute the start of a minute, in milliseconds since 1970. */
function runSchedules(scaled: readonly Scaled[], minute: number): void {
  for (const { target, schedules } of scaled) {
    for (const { declared, due } of schedules) {
      const { start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY } = declared;
      if (minute >= start && minute <= end && due(minute)) target.schedule(declared);
    }
  }
}
