import * as pulumi from "@pulumi/pulumi";
import {
  DEFAULT_BATCH_SIZE,
  DEFAULT_WORKERS,
  isModelServer,
  type ServedModel,
} from "../task/models.ts";
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
  readonly server?: string | undefined;
  readonly model?: ServedModel | undefined;
}

/**
 * The ongoing requests of a replica that the autoscaler aims at where callers reach it by its private name: half of what it works on at once, so that the
 * other half takes what comes until new replicas serve. The load balancer counts none of these calls.
 *
 * @returns undefined where the load balancer counts the calls, or somebody has said what to count; and where no metrics are written.
 */
export function defaultTarget(facts: TargetFacts): pulumi.Input<number> | undefined {
  const { discoverable, metrics, requestCountPerTarget, server } = facts;
  if (isModelServer(server) && metrics && requestCountPerTarget === undefined)
    return modelTarget(facts);
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

/**
 * The same of a server that runs a model, whoever counts its calls: as many as its workers take at once. Those above wait, and how many a minute that is depends on
 * model, processor and GPU.
 */
function modelTarget({
  maxOngoingRequests,
  model: { workers = DEFAULT_WORKERS, batchSize = DEFAULT_BATCH_SIZE } = {},
}: TargetFacts): pulumi.Input<number> {
  if (
    typeof maxOngoingRequests === "number" &&
    typeof workers === "number" &&
    typeof batchSize === "number"
  )
    return Math.min(maxOngoingRequests / 2, workers * batchSize);
  return pulumi
    .all([maxOngoingRequests, workers, batchSize])
    .apply(([most, copies, calls]) => Math.min(most / 2, copies * calls));
}
