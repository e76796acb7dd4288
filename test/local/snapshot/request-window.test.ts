import assert from "node:assert/strict";
import { test } from "node:test";
import type { RequestRecord } from "../../../local/balancer/request-record.ts";
import { RequestWindow } from "../../../local/snapshot/request-window.ts";

const RECORD: RequestRecord = {
  receivedAt: 0,
  loadBalancer: "mcp",
  nodeZone: "a",
  method: "POST",
  path: "/mcp",
  traceId: "1-0-0",
  rule: "weather",
  targetGroup: "arn:weather",
  target: "t1",
  targetZone: "a",
  sentAt: 0,
  targetMilliseconds: 1,
  totalMilliseconds: 5,
  status: 200,
  targetStatus: 200,
  outcome: "answered",
};

test("GIVEN requests of the last ten seconds and older ones WHEN figures are asked for by target THEN the old ones have gone", () => {
  let now = 0;
  const requests = new RequestWindow(() => now);
  requests.add({ ...RECORD, totalMilliseconds: 1000 });
  now = 5000;
  for (let index = 1; index <= 99; index++)
    requests.add({ ...RECORD, totalMilliseconds: index, status: index === 7 ? 502 : 200 });
  requests.add({ ...RECORD, totalMilliseconds: 100, outcome: "lost in flight", status: 0 });
  requests.add({ ...RECORD, target: "t2", totalMilliseconds: 3 });
  requests.add({ ...RECORD, target: undefined });
  now = 10_000;

  const figures = requests.figures(({ target }) => target);
  assert.deepEqual(figures("t1"), {
    requestsPerSecond: 10,
    failuresPerSecond: 0.2,
    p50Milliseconds: 50,
    p99Milliseconds: 99,
  });
  assert.deepEqual(figures("t2"), {
    requestsPerSecond: 0.1,
    failuresPerSecond: 0,
    p50Milliseconds: 3,
    p99Milliseconds: 3,
  });
  const none = {
    requestsPerSecond: 0,
    failuresPerSecond: 0,
    p50Milliseconds: undefined,
    p99Milliseconds: undefined,
  };
  assert.deepEqual(figures("t3"), none);
  assert.deepEqual(figures(undefined), none);
});
