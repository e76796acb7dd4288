import type * as pulumi from "@pulumi/pulumi";
import type { Metric } from "../observability/metrics.ts";

/** How often a rule of the default event bus has matched (EventBridge guide, "Monitoring"); written only where it has, with or without targets. */
export function ruleMetric(rule: pulumi.Input<string>): Metric {
  return { namespace: "AWS/Events", metricName: "TriggeredRules", dimensions: { RuleName: rule } };
}
