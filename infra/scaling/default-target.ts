import * as pulumi from "@pulumi/pulumi";
import {
  DEFAULT_ONGOING_REQUESTS,
  DEFAULT_PROCESSES,
  StdioIsolation,
  type StdioServer,
} from "../task/stdio.ts";

/** What decides on a target that nobody has given. */
export interface TargetFacts {
  readonly discoverable?: boolean | undefined;
  readonly metrics: boolean;
  readonly maxOngoingRequests: pulumi.Input<number>;
  readonly requestCountPerTarget?: pulumi.Input<number> | undefined;
  readonly stdio?: StdioServer | undefined;
}

/**
 * The ongoing requests of a replica that the autoscaler aims at where callers reach it by its private name: half of what it works on at once, so that the
 * other half takes what comes until new replicas serve. The load balancer counts none of these calls.
 *
 * @returns undefined where the load balancer counts the calls, or somebody has said what to count; and where no metrics are written.
 */
export function defaultTarget(facts: TargetFacts): pulumi.Input<number> | undefined {
  const { discoverable, metrics, requestCountPerTarget } = facts;
  if (discoverable !== true || !metrics || requestCountPerTarget !== undefined) return undefined;
  const { maxOngoingRequests, stdio } = facts;
  const processes = stdio?.processes ?? DEFAULT_PROCESSES;
  const each =
    stdio?.isolation === StdioIsolation.PerCall
      ? 1
      : (stdio?.maxOngoingRequestsPerProcess ?? DEFAULT_ONGOING_REQUESTS);
  // A preview shows a number that is known as one.
  if (typeof maxOngoingRequests === "number") {
    if (stdio === undefined) return maxOngoingRequests / 2;
    if (typeof processes === "number" && typeof each === "number")
      return Math.min(maxOngoingRequests, processes * each) / 2;
  }
  return pulumi
    .all([maxOngoingRequests, processes, each])
    .apply(
      ([most, count, calls]) => Math.min(most, stdio === undefined ? most : count * calls) / 2,
    );
}
