import type { Attempt, ClientKind } from "../traffic/attempt.ts";
import type { EndedRequest } from "./ended-request.ts";
import { causeOf, type Cause, type Evidence } from "./classification.ts";

/** What became of the calls of one kind of client. */
export interface ClientCounts {
  /** Calls, whatever the number of their attempts. */
  readonly calls: number;
  readonly attempts: number;
  /** Attempts, by cause. */
  readonly causes: Readonly<Record<Cause, number>>;
  /** Calls that had no good answer when their client was done with them. */
  readonly failed: number;
}

/** An attempt, what the load balancer knows of it, and why it ended as it did. */
export interface Explained {
  readonly attempt: Attempt;
  readonly record: EndedRequest | undefined;
  readonly cause: Cause;
}

/** Joins what clients and load balancer saw of the same requests, by their traces. */
export function explain(
  attempts: readonly Attempt[],
  records: readonly EndedRequest[],
  evidence: Evidence,
): Explained[] {
  const byTrace = new Map(records.map((record) => [rootOf(record.traceId), record]));
  return attempts.map((attempt) => {
    const record = byTrace.get(attempt.traceId);
    return { attempt, record, cause: causeOf(attempt, record, evidence) };
  });
}

export function count(explained: readonly Explained[], client: ClientKind): ClientCounts {
  const own = explained.filter(({ attempt }) => attempt.client === client);
  const ofCause = (cause: Cause): number => own.filter((each) => each.cause === cause).length;
  return {
    calls: new Set(own.map(({ attempt }) => attempt.call)).size,
    attempts: own.length,
    causes: {
      answered: ofCause("answered"),
      "lost in flight": ofCause("lost in flight"),
      "sent to a dead target": ofCause("sent to a dead target"),
      shed: ofCause("shed"),
      "shed beside a replica with room": ofCause("shed beside a replica with room"),
      "failed though it could have been served": ofCause("failed though it could have been served"),
    },
    failed: own.filter(({ attempt }) => attempt.last && attempt.problem !== undefined).length,
  };
}

/** The header's field, or its value alone. */
function rootOf(traceId: string): string {
  return /(?:^|;)Root=([^;]+)/u.exec(traceId)?.[1] ?? traceId;
}
