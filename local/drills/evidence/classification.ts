import type { Attempt } from "../traffic/attempt.ts";
import type { EndedRequest } from "./ended-request.ts";
import { brokenAt, nodeBrokenAt, type Fault } from "./faults.ts";
import type { Saturation } from "./saturation.ts";
import type { TargetHistory } from "./target-history.ts";

/** What became of an attempt, by its cause; the status alone decides on nothing. */
export type Cause =
  | "answered"
  /** Its target, or the node that held it, died while it was there. */
  | "lost in flight"
  /** Sent to a target or node that was dead, and not yet known to be. */
  | "sent to a dead target"
  /** Refused by a replica at its limit, with a hint when to come back, while all others were at theirs. */
  | "shed"
  /**
   * Refused by a replica at its limit, with a hint when to come back, while another one had room: the load balancer shares by turns, and knows no
   * limits but the target optimizer's.
   */
  | "shed beside a replica with room"
  /** Everything else: a mistake of the stack. */
  | "failed though it could have been served";

/** What is known about the time of a drill. */
export interface Evidence {
  readonly faults: readonly Fault[];
  readonly history: TargetHistory;
  readonly saturation: Saturation;
  /** By how much a look at the targets may be late, in milliseconds of the run's clock. */
  readonly tolerance: number;
}

/** @param record what the load balancer knows of it; undefined where it has never ended there. */
export function causeOf(
  attempt: Attempt,
  record: EndedRequest | undefined,
  evidence: Evidence,
): Cause {
  if (attempt.problem === undefined) return "answered";
  if (record === undefined) return causeWithoutRecord(attempt, evidence);
  return (
    shedding(attempt, record, evidence) ??
    causeOfLoss(record, evidence) ??
    "failed though it could have been served"
  );
}

/** For how long resolvers go on handing out the address of a node that has died (ELB guide, "How Elastic Load Balancing works"). */
const DNS_TTL_MILLISECONDS = 60_000;

/** A node without power writes no log. It gets new connections until its address has left DNS everywhere. */
function causeWithoutRecord({ startedAt }: Attempt, { faults, tolerance }: Evidence): Cause {
  const zone = faults.find(({ kind }) => kind === "zone");
  if (zone !== undefined && startedAt < zone.at) return "lost in flight";
  const isHandedOut = zone !== undefined && startedAt <= zone.at + DNS_TTL_MILLISECONDS + tolerance;
  return isHandedOut ? "sent to a dead target" : "failed though it could have been served";
}

function causeOfLoss(record: EndedRequest, evidence: Evidence): Cause | undefined {
  const { faults, history, tolerance } = evidence;
  const { target, nodeZone, endedAt } = record;
  const begun = record.sentAt ?? record.receivedAt;
  const broken = brokenAt(record, begun, faults);
  if (broken === undefined) return undefined;
  // An answer of the target itself, before it died or after, is no loss by its death.
  if (endedAt < broken || record.outcome === "answered") return undefined;
  if (begun < broken) return "lost in flight";
  if (target === undefined || nodeBrokenAt(nodeZone, begun, faults) !== undefined)
    return "sent to a dead target";
  const unnoticed = history.isHealthy(target, nodeZone, begun - tolerance);
  const hadNoOther = history.servable(nodeZone, begun, faults).length === 0;
  return unnoticed || hadNoOther ? "sent to a dead target" : undefined;
}

function shedding(attempt: Attempt, record: EndedRequest, evidence: Evidence): Cause | undefined {
  const { history, saturation, faults, tolerance } = evidence;
  const { target, nodeZone, sentAt } = record;
  if (attempt.status !== 503 || attempt.retryAfter === undefined) return undefined;
  // Of the replica, not of the load balancer.
  if (target === undefined || sentAt === undefined || record.targetStatus !== 503) return undefined;
  const span = {
    from: sentAt - tolerance,
    to: record.endedAt + tolerance,
  };
  const others = history.servable(nodeZone, sentAt, faults).filter((other) => other !== target);
  if (others.every((other) => saturation.wasFull(other, span))) return "shed";
  // A replica that refuses below its limit is broken.
  return saturation.hadItsLimit(target, span) ? "shed beside a replica with room" : undefined;
}
