import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { quantile } from "../../../local/drills/evidence/quantile.ts";
import { count, explain } from "../../../local/drills/evidence/counts.ts";
import { Saturation } from "../../../local/drills/evidence/saturation.ts";
import { TargetHistory } from "../../../local/drills/evidence/target-history.ts";
import {
  commonPromises,
  plannedChangeFailsNothing,
} from "../../../local/drills/report/promises.ts";
import type { DrillReport } from "../../../local/drills/report/report.ts";
import { duration, reportLines, stepLine, type Paint } from "../../../local/drills/report/table.ts";
import { withTargetsPerRealMinute } from "../../../local/drills/scenarios/targets-per-real-minute.ts";
import { attempt, ended } from "./facts.ts";

const PLAIN: Paint = (_style, text) => text;

const evidence = {
  faults: [{ kind: "task", target: "one", at: 1050 }],
  history: new TargetHistory(),
  saturation: new Saturation([], undefined),
  tolerance: 100,
} as const;

/** One call that was answered, one that was lost, one that was lost and answered the second time, one that nobody can explain. */
function explained() {
  const lost = { status: 502, problem: "HTTP 502" };
  const trace = (number: number): string => `1-00000001-${String(number).padStart(24, "0")}`;
  const attempts = [
    attempt({ call: 0, traceId: trace(0) }),
    attempt({ call: 1, traceId: trace(1), ...lost }),
    attempt({ call: 2, traceId: trace(2), client: "retrying", last: false, ...lost }),
    attempt({ call: 2, traceId: trace(3), client: "retrying", number: 2 }),
    attempt({ call: 3, traceId: trace(4), client: "retrying", ...lost }),
  ];
  const records = [0, 1, 2, 3].map((number) =>
    ended({
      // As the header has it.
      traceId: `Self=1-00000001-a;Root=${trace(number)}`,
      outcome: number === 1 || number === 2 ? "lost in flight" : "answered",
    }),
  );
  return explain(attempts, records, evidence);
}

describe("GIVEN what clients and load balancer saw of the same requests", () => {
  test("WHEN they are joined by their traces THEN calls, attempts and causes are counted apart for each client", () => {
    const causes = {
      answered: 1,
      "lost in flight": 1,
      "sent to a dead target": 0,
      shed: 0,
      "shed beside a replica with room": 0,
    };
    assert.deepEqual(count(explained(), "plain"), {
      calls: 2,
      attempts: 2,
      causes: { ...causes, "failed though it could have been served": 0 },
      failed: 1,
    });
    assert.deepEqual(count(explained(), "retrying"), {
      calls: 2,
      attempts: 3,
      causes: { ...causes, "failed though it could have been served": 1 },
      failed: 1,
    });
  });

  test("WHEN promises are checked THEN each that broke says by how much", () => {
    const counts = { plain: count(explained(), "plain"), retrying: count(explained(), "retrying") };
    assert.deepEqual(commonPromises(counts, true), [
      {
        text: "No request fails that could have been served",
        held: false,
        seen: "1 of 5 requests",
      },
      {
        text: "A client that repeats what may be repeated loses no call",
        held: false,
        seen: "1 of 2 calls",
      },
    ]);
    assert.equal(commonPromises(counts, false).length, 1);
    assert.deepEqual(plannedChangeFailsNothing(counts), {
      text: "A planned change fails no request, of no client",
      held: false,
      seen: "3 of 5 requests",
    });
  });
});

describe("GIVEN durations", () => {
  test("WHEN quantiles are asked for THEN they are of the nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.equal(quantile(hundred, 0.5), 50);
    assert.equal(quantile(hundred, 0.99), 99);
    assert.equal(quantile([7], 0.99), 7);
    assert.equal(quantile([], 0.5), undefined);
  });

  test("WHEN a person reads them THEN minutes are told apart", () => {
    assert.equal(duration(3240), "3.2 s");
    assert.equal(duration(245_400), "4 min 5 s");
    assert.equal(stepLine({ at: 5000, text: "killed" }, 1000, PLAIN), "      4.0 s  killed");
  });
});

describe("GIVEN a report", () => {
  const plain = count(explained(), "plain");
  const retrying = count(explained(), "retrying");
  const report: DrillReport = {
    name: "kill-replica",
    state: "broken",
    speed: 4,
    startedAt: 0,
    endedAt: 20_000,
    url: "http://127.0.0.1:8000/mcp",
    tool: { name: "list", input: {}, repeatable: true },
    callsPerSecond: 20,
    steps: [],
    faults: evidence.faults,
    clients: { plain, retrying },
    causes: plain.causes,
    detectionMilliseconds: 2950,
    recoveryMilliseconds: undefined,
    latency: {
      before: { calls: 1, p50Milliseconds: 7.25, p99Milliseconds: 65.7 },
      during: { calls: 0, p50Milliseconds: undefined, p99Milliseconds: undefined },
      after: { calls: 1, p50Milliseconds: 5, p99Milliseconds: 10 },
    },
    unexplained: [
      {
        at: 4000,
        traceId: "1-00000001-4",
        status: 502,
        problem: "HTTP 502",
        outcome: undefined,
        target: undefined,
        nodeZone: undefined,
      },
    ],
    promises: [
      { text: "Calls were made and answered", held: true },
      { text: "No request fails that could have been served", held: false, seen: "1 of 5" },
    ],
    notModelled: ["it takes longer"],
  };

  test("WHEN a person reads it THEN counts stand apart, with times, promises and what nobody can explain", () => {
    assert.deepEqual(reportLines(report, PLAIN), [
      "",
      "                                                 plain  retrying",
      "  calls                                              2         2",
      "  requests                                           2         3",
      "    lost in flight                                   1         1",
      "    sent to a dead target                            0         0",
      "    shed                                             0         0",
      "    shed beside a replica with room                  0         0",
      "    failed though it could have been served          0         1",
      "  calls that failed in the end                       1         1",
      "",
      "                                                before    during     after",
      "  answered within, p50                          7.3 ms         –    5.0 ms",
      "  answered within, p99                           66 ms         –     10 ms",
      "",
      "  last request sent to what was broken           3.0 s",
      "  as many healthy replicas as wanted after       never",
      "",
      "  held    Calls were made and answered",
      "  broken  No request fails that could have been served: 1 of 5",
      "",
      "  Requests that could have been served:",
      "      4.0 s  502  not in the load balancer's log  no target  HTTP 502  1-00000001-4",
      "",
      "  20 calls a second of `list` with {}, half by a client that gives up at once, half by one that repeats.",
      "  AWS's waits went by 4 times as fast; times above are AWS's, durations of calls and numbers of them are real.",
      "  On AWS it takes longer.",
    ]);
  });
});

describe("GIVEN a clock that goes ten times as fast", () => {
  const policy = (metric: string) => ({
    type: "aws:appautoscaling/policy:Policy",
    inputs: {
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: metric },
        targetValue: 1000,
      },
    },
  });
  const graph = (metric: string) =>
    ({ resources: [policy(metric)] }) as unknown as Parameters<typeof withTargetsPerRealMinute>[0];
  const targetOf = (metric: string): unknown =>
    (
      withTargetsPerRealMinute(graph(metric), 10).resources[0]?.inputs[
        "targetTrackingScalingPolicyConfiguration"
      ] as { targetValue: number }
    ).targetValue;

  test("WHEN targets count requests a minute THEN they are divided by ten; others stay", () => {
    assert.equal(targetOf("ALBRequestCountPerTarget"), 100);
    assert.equal(targetOf("ECSServiceAverageCPUUtilization"), 1000);
  });
});
