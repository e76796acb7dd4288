import type { EndedRequest } from "../../../local/drills/evidence/ended-request.ts";
import type { Attempt } from "../../../local/drills/traffic/attempt.ts";

/** An attempt of a plain client that was answered; times are milliseconds of the run's clock. */
export function attempt(facts: Partial<Attempt> = {}): Attempt {
  return {
    call: 0,
    client: "plain",
    era: "2026-07-28",
    number: 1,
    last: true,
    repeatable: true,
    traceId: "1-00000001-000000000000000000000001",
    startedAt: 1000,
    endedAt: 1100,
    status: 200,
    sent: true,
    retryAfter: undefined,
    problem: undefined,
    ...facts,
  };
}

/** What the load balancer has of the same one. */
export function ended(facts: Partial<EndedRequest> = {}): EndedRequest {
  return {
    receivedAt: 1000,
    endedAt: 1100,
    loadBalancer: "mcp",
    nodeZone: "a",
    method: "POST",
    path: "/mcp",
    traceId: "1-00000001-000000000000000000000001",
    rule: "weather",
    targetGroup: "arn",
    target: "one",
    targetZone: "a",
    sentAt: 1000,
    targetMilliseconds: 99,
    totalMilliseconds: 100,
    status: 200,
    targetStatus: 200,
    outcome: "answered",
    ...facts,
  };
}
