import assert from "node:assert/strict";
import { test } from "node:test";
import { startEmfMetrics } from "../../../service/runtime/telemetry/emf-metrics.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { readEmf } from "./emf-schema.ts";
import { call, end, listing, observe } from "./fixtures.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function start(clock = new VirtualClock()) {
  const written: string[] = [];
  const metrics = startEmfMetrics("weather", (line) => written.push(line), clock);
  const read = () => written.splice(0).map(readEmf);
  const beginning = read();
  return {
    beginning,
    clock,
    metrics,
    instrument: metrics.instrument,
    read,
    gauges: () => read().filter((line) => "OngoingRequests" in line),
    tallies: () => read().filter((line) => "Calls" in line),
    refusals: () => read().filter((line) => "Refusals" in line),
  };
}

function gauge(timestamp: number, value: number) {
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: "McpService",
          Dimensions: [["Service"]],
          Metrics: [{ Name: "OngoingRequests", Unit: "Count", StorageResolution: 1 }],
        },
      ],
    },
    Service: "weather",
    OngoingRequests: value,
  };
}

function refusal(timestamp: number, reason: string, value: number) {
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: "McpService",
          Dimensions: [["Service"], ["Service", "Reason"]],
          Metrics: [{ Name: "Refusals", Unit: "Count" }],
        },
      ],
    },
    Service: "weather",
    Reason: reason,
    Refusals: value,
  };
}

const CALL_METRICS = [
  { Name: "Calls", Unit: "Count" },
  { Name: "Errors", Unit: "Count" },
  { Name: "Faults", Unit: "Count" },
  { Name: "CallDuration", Unit: "Milliseconds" },
];

test("GIVEN no traffic WHEN time passes THEN the gauge says 0 every 10 seconds, at the whole tens, and nothing else is written", async () => {
  const clock = new VirtualClock();
  await clock.advance(3 * SECOND);
  const { read } = start(clock);
  await clock.advance(6 * SECOND);
  assert.deepEqual(read(), []);
  await clock.advance(SECOND);
  assert.deepEqual(read(), [gauge(0, 0)]);
  await clock.advance(20 * SECOND);
  assert.deepEqual(read(), [gauge(10_000, 0), gauge(20_000, 0)]);
  await clock.advance(2 * MINUTE);
  assert.deepEqual(
    read(),
    Array.from({ length: 12 }, (_, index) => gauge(30_000 + index * 10_000, 0)),
  );
});

test("GIVEN calls that overlap and end WHEN 10 seconds are over THEN the gauge is their average over time, also where none is open at its end", async () => {
  const { clock, instrument, gauges } = start();
  const first = instrument(call());
  await clock.advance(2 * SECOND);
  const second = instrument(call());
  await clock.advance(3 * SECOND);
  first.end(end());
  await clock.advance(1 * SECOND);
  second.end(end());
  await clock.advance(4 * SECOND);
  // 2 s of one, 3 s of two, 1 s of one, 4 s of none.
  assert.deepEqual(gauges(), [gauge(0, 0.9)]);
});

test("GIVEN a call that goes on WHEN intervals pass THEN each counts it whole, and the one in which it ends in part", async () => {
  const { clock, instrument, gauges } = start();
  await clock.advance(5 * SECOND);
  const long = instrument(call());
  await clock.advance(18 * SECOND);
  long.end(end());
  await clock.advance(7 * SECOND);
  assert.deepEqual(gauges(), [gauge(0, 0.5), gauge(10_000, 1), gauge(20_000, 0.3)]);
});

test("GIVEN a stream of a subscription WHEN it is open for minutes and ends THEN it counts neither as ongoing nor as a call", async () => {
  const { clock, instrument, read } = start();
  const stream = instrument(listing({ method: "subscriptions/listen" }));
  await clock.advance(MINUTE);
  stream.end(end({ durationMilliseconds: MINUTE }));
  await clock.advance(MINUTE);
  assert.deepEqual(
    read().map((line) => line["OngoingRequests"]),
    Array.from({ length: 12 }, () => 0),
  );
});

test("GIVEN calls of a tool and others WHEN the minute is over THEN calls, errors, faults and durations stand by service and by tool, stamped with the minute's start", async () => {
  const { clock, instrument, tallies } = start();
  await clock.advance(MINUTE + 15 * SECOND);
  tallies();
  for (const [outcome, durationMilliseconds] of [
    ["ok", 10.0004],
    ["input_required", 20],
    ["tool_error", 30],
    ["timeout", 40],
    ["internal_error", 50],
    ["invalid_arguments", 60],
    ["cancelled", 70],
  ] as const)
    observe([instrument], call(), end({ outcome, durationMilliseconds }));
  observe([instrument], listing(), end({ durationMilliseconds: 1 }));
  observe(
    [instrument],
    call({ method: "prompts/get", target: "greet" }),
    end({ outcome: "protocol_error" }),
  );
  await clock.advance(44 * SECOND);
  assert.deepEqual(tallies(), []);
  await clock.advance(SECOND);
  assert.deepEqual(tallies(), [
    {
      _aws: {
        Timestamp: MINUTE,
        CloudWatchMetrics: [
          {
            Namespace: "McpService",
            Dimensions: [["Service"], ["Service", "Tool"]],
            Metrics: CALL_METRICS,
          },
        ],
      },
      Service: "weather",
      Tool: "forecast",
      Calls: 7,
      Errors: 3,
      Faults: 2,
      CallDuration: [10, 20, 30, 40, 50, 60, 70],
    },
    {
      _aws: {
        Timestamp: MINUTE,
        CloudWatchMetrics: [
          { Namespace: "McpService", Dimensions: [["Service"]], Metrics: CALL_METRICS },
        ],
      },
      Service: "weather",
      Calls: 2,
      Errors: 0,
      Faults: 0,
      CallDuration: [1, 12],
    },
  ]);
  await clock.advance(MINUTE);
  assert.deepEqual(tallies(), []);
});

test("GIVEN a tool that the server does not have WHEN it is called THEN it counts for the service alone", async () => {
  const { clock, instrument, tallies } = start();
  observe([instrument], listing({ method: "tools/call" }), end({ outcome: "protocol_error" }));
  await clock.advance(MINUTE);
  assert.deepEqual(
    tallies().map((line) => [line["Calls"], line["Tool"]]),
    [[1, undefined]],
  );
});

test("GIVEN ten thousand calls within a minute WHEN it is over THEN 100 quantiles within 1 % stand for them, with the shortest and the longest", async () => {
  const { clock, instrument, tallies } = start();
  for (let each = 10_000; each > 0; each--)
    observe([instrument], call(), end({ durationMilliseconds: each }));
  await clock.advance(MINUTE);
  const [line] = tallies();
  assert.equal(line?.["Calls"], 10_000);
  const durations = line["CallDuration"] as number[];
  assert.equal(durations.length, 100);
  assert.equal(durations[0], 1);
  assert.equal(durations[99], 10_000);
  for (const [index, value] of durations.slice(1, -1).entries()) {
    const exact = (index + 1.5) * 100;
    assert.ok(
      value >= exact && value <= exact * 1.01,
      `quantile ${index + 1} is ${value}, exact would be ${exact}`,
    );
  }
});

test("GIVEN calls of the current minute WHEN the metrics are closed THEN these are written at once, the gauge is not, and no timer is left", async () => {
  const { clock, metrics, instrument, read } = start();
  await clock.advance(MINUTE);
  read();
  await clock.advance(12 * SECOND);
  read();
  observe([instrument], call(), end());
  metrics.close();
  const lines = read();
  assert.equal(lines.length, 1);
  assert.deepEqual(lines[0]?.["_aws"], {
    Timestamp: MINUTE,
    CloudWatchMetrics: [
      {
        Namespace: "McpService",
        Dimensions: [["Service"], ["Service", "Tool"]],
        Metrics: CALL_METRICS,
      },
    ],
  });
  assert.equal(lines[0]["Calls"], 1);
  await clock.advance(10 * MINUTE);
  assert.deepEqual(read(), []);
});

test("GIVEN a process that is too busy for its timer WHEN it comes late THEN the gauge is the average until now and the next one comes at a whole ten again", () => {
  let now = 0;
  const timers: { after: number; callback: () => void }[] = [];
  const written: string[] = [];
  const { instrument } = startEmfMetrics("weather", (line) => written.push(line), {
    now: () => now,
    after: (after, callback) => {
      timers.push({ after, callback });
      return () => undefined;
    },
  });
  assert.equal(written.splice(0).length, 1);
  instrument(call());
  now = 34_000;
  timers.shift()?.callback();
  assert.deepEqual(written.splice(0).map(readEmf), [gauge(0, 1)]);
  assert.deepEqual(
    timers.map(({ after }) => after),
    [6000],
  );
  // A millisecond early, by the clock on the wall.
  now = 39_999;
  timers.shift()?.callback();
  assert.deepEqual(written.splice(0).map(readEmf), [gauge(30_000, 1)]);
  assert.deepEqual(
    timers.map(({ after }) => after),
    [10_001],
  );
});

test("GIVEN a replica WHEN its metrics start THEN one line says so, at once", async () => {
  const clock = new VirtualClock();
  await clock.advance(MINUTE + 3 * SECOND);
  assert.deepEqual(start(clock).beginning, [
    {
      _aws: {
        Timestamp: 63_000,
        CloudWatchMetrics: [
          {
            Namespace: "McpService",
            Dimensions: [["Service"]],
            Metrics: [{ Name: "Starts", Unit: "Count" }],
          },
        ],
      },
      Service: "weather",
      Starts: 1,
    },
  ]);
});

test("GIVEN requests that are refused WHEN the minute is over THEN each reason has a line with its count, stamped with the minute's start, and the next minute none", async () => {
  const { clock, metrics, refusals } = start();
  await clock.advance(MINUTE);
  for (const reason of ["unauthorized", "overloaded", "unauthorized"] as const)
    metrics.refused(reason);
  await clock.advance(59 * SECOND);
  assert.deepEqual(refusals(), []);
  await clock.advance(SECOND);
  assert.deepEqual(refusals(), [
    refusal(MINUTE, "unauthorized", 2),
    refusal(MINUTE, "overloaded", 1),
  ]);
  await clock.advance(MINUTE);
  assert.deepEqual(refusals(), []);
});

test("GIVEN refusals of the current minute WHEN the metrics are closed THEN these are written at once", async () => {
  const { clock, metrics, read } = start();
  await clock.advance(5 * SECOND);
  metrics.refused("invalid_token");
  metrics.close();
  assert.deepEqual(read(), [refusal(0, "invalid_token", 1)]);
});
