import type { AlarmCounts, AlarmState, Comparison } from "./alarm-state.ts";
import type { CompositeRule } from "./composite-rule.ts";
import type { MetricQuery } from "./metric-queries.ts";

/** An alarm, as it is declared or as Application Auto Scaling makes it. */
export interface AlarmDefinition {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  /** Made by Application Auto Scaling for a target-tracking policy. */
  readonly ofScaling: boolean;
  /** The ids of the services that it is created after: those whose deployment Pulumi waits for. */
  readonly after: readonly string[];
  readonly watches: MetricWatch | CompositeWatch | Unwatchable;
  /** ARNs of what is told when the alarm comes into a state. */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
}

export interface MetricWatch {
  readonly kind: "metric";
  readonly queries: readonly MetricQuery[];
  /** The query that is compared with the threshold. */
  readonly watched: MetricQuery;
  readonly periodSeconds: number;
  readonly counts: AlarmCounts;
  readonly comparison: Comparison;
  readonly threshold: number;
  /** A percentile of fewer samples than this says nothing, and the alarm stays as it is. */
  readonly leastSamples: number;
}

export interface CompositeWatch {
  readonly kind: "composite";
  readonly rule: CompositeRule;
}

/** What nothing here evaluates; the reason says why. */
export interface Unwatchable {
  readonly kind: "unwatchable";
  readonly reason: string;
}
