import assert from "node:assert/strict";
import { test } from "node:test";
import { traceSummaries, traceView } from "../../../local/console/trace-views.ts";
import type { Span } from "../../../local/traces/span.ts";
import { TraceStore } from "../../../local/traces/trace-store.ts";

const ROOT: Span = {
  traceId: "t1",
  spanId: "a",
  parentSpanId: "of-the-caller",
  name: "tools/call get_alerts",
  kind: "server",
  service: "weather",
  startedAt: 10_000,
  durationMilliseconds: 40,
  status: "unset",
  statusMessage: "",
  attributes: { states: ["CA", "OR"] },
};
const CHILD: Span = {
  ...ROOT,
  spanId: "b",
  parentSpanId: "a",
  name: "execute_tool get_alerts",
  kind: "internal",
  startedAt: 10_010,
  durationMilliseconds: 35,
  status: "error",
  statusMessage: "no such state",
  attributes: {},
};

test("GIVEN spans of one trace, the child first WHEN they are shown on a clock ten times as fast THEN the root names it, and calls take the time that they take", () => {
  const store = new TraceStore();
  store.add([CHILD, ROOT]);
  const toRunTime = (time: number): number => time * 10;

  assert.deepEqual(traceSummaries(store, toRunTime), [
    {
      id: "t1",
      name: "tools/call get_alerts",
      service: "weather",
      startedAt: 100_000,
      durationMilliseconds: 45,
      spans: 2,
      failed: true,
    },
  ]);
  assert.deepEqual(traceView(store, "t1", toRunTime), {
    id: "t1",
    spans: [
      {
        id: "a",
        parent: "of-the-caller",
        name: "tools/call get_alerts",
        service: "weather",
        kind: "SERVER",
        startedAt: 100_000,
        durationMilliseconds: 40,
        status: "UNSET",
        statusMessage: undefined,
        attributes: { states: "CA, OR" },
      },
      {
        id: "b",
        parent: "a",
        name: "execute_tool get_alerts",
        service: "weather",
        kind: "INTERNAL",
        startedAt: 100_010,
        durationMilliseconds: 35,
        status: "ERROR",
        statusMessage: "no such state",
        attributes: {},
      },
    ],
  });
  assert.equal(traceView(store, "t2", toRunTime), undefined);
});
