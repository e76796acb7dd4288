import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { causeOf, type Evidence } from "../../../local/drills/evidence/classification.ts";
import type { EndedRequest } from "../../../local/drills/evidence/ended-request.ts";
import type { Fault } from "../../../local/drills/evidence/faults.ts";
import { Saturation } from "../../../local/drills/evidence/saturation.ts";
import { TargetHistory } from "../../../local/drills/evidence/target-history.ts";
import type { Attempt } from "../../../local/drills/traffic/attempt.ts";
import { attempt, ended } from "./facts.ts";

/** Two targets; node `a` sees `one` until 4000, node `b` until 5000. */
function history(): TargetHistory {
  const seen = new TargetHistory();
  const look = (at: number, one: Readonly<Record<string, boolean>>): void => {
    seen.add(
      at,
      ["a", "b"].flatMap((nodeZone) => [
        { target: "one", zone: "a", nodeZone, healthy: one[nodeZone] ?? false },
        { target: "two", zone: "b", nodeZone, healthy: true },
      ]),
    );
  };
  look(0, { a: true, b: true });
  look(4000, { b: true });
  look(5000, {});
  return seen;
}

function evidence(
  faults: readonly Fault[],
  records: readonly EndedRequest[] = [],
  limit?: number,
): Evidence {
  return { faults, history: history(), saturation: new Saturation(records, limit), tolerance: 100 };
}

const KILLED: Fault = { kind: "task", target: "one", at: 2000 };
const DARK: Fault = { kind: "zone", zone: "a", at: 2000, until: 90_000 };
const failed = (facts: Partial<Attempt> = {}): Attempt =>
  attempt({ status: 502, problem: "HTTP 502", ...facts });
const broken = (facts: Partial<EndedRequest> = {}): EndedRequest =>
  ended({ status: 502, targetStatus: undefined, outcome: "lost in flight", ...facts });

describe("GIVEN a replica that was killed at 2000 and noticed by node a at 4000, by node b at 5000", () => {
  const cases: readonly (readonly [string, Partial<EndedRequest>, string])[] = [
    ["it was there when the replica died", { sentAt: 1999, endedAt: 2001 }, "lost in flight"],
    [
      "it was sent there before node a noticed",
      { sentAt: 3999, endedAt: 4000, outcome: "sent to a dead target" },
      "sent to a dead target",
    ],
    [
      "node a sent it there after it had noticed",
      { sentAt: 4200, endedAt: 4201, outcome: "sent to a dead target" },
      "failed though it could have been served",
    ],
    [
      "node b sent it there, which had not noticed yet",
      { sentAt: 4200, endedAt: 4201, nodeZone: "b" },
      "sent to a dead target",
    ],
    [
      "it had failed before the replica died",
      { sentAt: 1000, endedAt: 1999 },
      "failed though it could have been served",
    ],
    [
      "it was with the replica that lives",
      { sentAt: 1999, endedAt: 2001, target: "two", targetZone: "b" },
      "failed though it could have been served",
    ],
    [
      "the replica answered with an error before it died",
      { sentAt: 1999, endedAt: 2001, outcome: "answered", targetStatus: 500 },
      "failed though it could have been served",
    ],
  ];
  for (const [what, record, cause] of cases) {
    test(`WHEN a request failed, and ${what} THEN it counts as ${cause}`, () => {
      assert.equal(causeOf(failed(), broken(record), evidence([KILLED])), cause);
    });
  }

  test("WHEN the status is 502, but nothing was broken THEN the status alone excuses nothing", () => {
    assert.equal(
      causeOf(failed(), broken({ sentAt: 1999, endedAt: 2001 }), evidence([])),
      "failed though it could have been served",
    );
  });

  test("WHEN the load balancer knows nothing of a request that failed THEN it could have been served", () => {
    assert.equal(
      causeOf(failed({ status: 0, problem: "no answer" }), undefined, evidence([KILLED])),
      "failed though it could have been served",
    );
  });

  test("WHEN a request was answered THEN nothing else counts", () => {
    assert.equal(causeOf(attempt(), broken(), evidence([KILLED])), "answered");
  });
});

describe("GIVEN a zone that lost power at 2000 and has it again at 90000", () => {
  test("WHEN its node held the request THEN it was lost in flight, with or without a record", () => {
    const held = broken({ receivedAt: 1500, sentAt: 1500, endedAt: 2000, target: "two" });
    assert.equal(causeOf(failed(), held, evidence([DARK])), "lost in flight");
    assert.equal(
      causeOf(failed({ startedAt: 1500, status: 0 }), undefined, evidence([DARK])),
      "lost in flight",
    );
  });

  test("WHEN another node sent it to a target of the zone before it noticed THEN it was sent to a dead target", () => {
    const sent = broken({ receivedAt: 3000, sentAt: 3000, endedAt: 13_000, nodeZone: "b" });
    assert.equal(causeOf(failed(), sent, evidence([DARK])), "sent to a dead target");
  });

  test("WHEN a client connected to the dead node while DNS still named it THEN it was sent to a dead target; later ones could have been served", () => {
    const cause = (startedAt: number): string =>
      causeOf(failed({ startedAt, status: 0 }), undefined, evidence([DARK]));
    assert.equal(cause(62_100), "sent to a dead target");
    assert.equal(cause(62_101), "failed though it could have been served");
  });

  test("WHEN a request fails there after the zone has power again THEN the loss excuses nothing", () => {
    const late = broken({ receivedAt: 90_000, sentAt: 90_000, endedAt: 90_001 });
    assert.equal(
      causeOf(failed(), late, evidence([DARK])),
      "failed though it could have been served",
    );
  });
});

describe("GIVEN a request that a replica refused with 503", () => {
  const refused = failed({ status: 503, problem: "HTTP 503", retryAfter: "1" });
  const record = ended({ sentAt: 1000, endedAt: 1002, status: 503, targetStatus: 503 });
  const busy = [1, 2].map((number) =>
    ended({ traceId: `other-${number}`, target: "two", sentAt: 500, endedAt: 1500 }),
  );

  test("WHEN all others were at their limit THEN it was shed", () => {
    assert.equal(causeOf(refused, record, evidence([], [record, ...busy], 2)), "shed");
  });

  test("WHEN another one had room THEN it could have been served", () => {
    assert.equal(
      causeOf(refused, record, evidence([], [record, ...busy], 3)),
      "failed though it could have been served",
    );
  });

  test("WHEN another one had room, and it was at its own limit THEN it was shed beside it", () => {
    const own = [1, 2].map((number) =>
      ended({ traceId: `own-${number}`, target: "one", sentAt: 500, endedAt: 1500 }),
    );
    const [, second] = busy;
    assert.equal(
      causeOf(refused, record, evidence([], [record, ...own, ...(second ? [second] : [])], 2)),
      "shed beside a replica with room",
    );
  });

  test("WHEN another one refused, too, at the time THEN it was shed whatever limit is declared", () => {
    const other = ended({ target: "two", sentAt: 1001, endedAt: 1003, targetStatus: 503 });
    assert.equal(causeOf(refused, record, evidence([], [record, other])), "shed");
  });

  test("WHEN it does not say when to come back THEN that is a mistake", () => {
    assert.equal(
      causeOf({ ...refused, retryAfter: undefined }, record, evidence([], [record, ...busy], 2)),
      "failed though it could have been served",
    );
  });

  test("WHEN the load balancer itself answered 503 THEN that is a mistake", () => {
    const own = ended({
      status: 503,
      target: undefined,
      sentAt: undefined,
      targetStatus: undefined,
    });
    assert.equal(
      causeOf(refused, own, evidence([], busy, 2)),
      "failed though it could have been served",
    );
  });
});
