import assert from "node:assert/strict";
import { test } from "node:test";
import { createAccessLog } from "../../../service/runtime/telemetry/access-log.ts";
import { traceId } from "../../../service/runtime/telemetry/trace-context.ts";
import {
  call,
  CLIENT_TRACE,
  end,
  listing,
  observe,
  recordingLog,
  TRACEPARENT,
} from "./fixtures.ts";

/** What every line of the host has; the time is the one thing that differs. */
const BASE = { service: "weather", replica: "replica-1", zone: "zone-a", msg: "call" };

function logged(...[observed, ended]: [Parameters<typeof observe>[1], ReturnType<typeof end>]) {
  const { log, lines } = recordingLog();
  observe([createAccessLog(log, ({ carrier }) => traceId(carrier))], observed, ended);
  assert.equal(lines.length, 1);
  const { time, ...line } = lines[0] ?? {};
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
  return line;
}

test("GIVEN a tool's call with a trace WHEN it ends well THEN one line at `info` tells all of it", () => {
  assert.deepEqual(
    logged(
      call({ carrier: { traceparent: TRACEPARENT } }),
      end({ durationMilliseconds: 12.34567 }),
    ),
    {
      ...BASE,
      level: "info",
      method: "tools/call",
      target: "forecast",
      era: "modern",
      protocolVersion: "2026-07-28",
      caller: "issuer|alice",
      outcome: "ok",
      durationMilliseconds: 12.346,
      requestId: "request-1",
      traceId: CLIENT_TRACE,
    },
  );
});

test("GIVEN nobody who has to prove who they are, no trace and no target WHEN a call ends THEN the line leaves them out", () => {
  assert.deepEqual(
    logged(listing({ caller: undefined, era: "legacy", protocolVersion: "2025-06-18" }), end()),
    {
      ...BASE,
      level: "info",
      method: "tools/list",
      era: "legacy",
      protocolVersion: "2025-06-18",
      outcome: "ok",
      durationMilliseconds: 12,
      requestId: "request-1",
    },
  );
});

test("GIVEN what the server's own code threw WHEN a call ends as an internal error THEN the line is at `error` and has the stack", () => {
  const error = new TypeError("the database is gone");
  const { err, ...line } = logged(
    call(),
    end({ outcome: "internal_error", errorCode: -32603, error }),
  );
  assert.equal(line["level"], "error");
  assert.equal(line["outcome"], "internal_error");
  assert.equal(line["errorCode"], -32603);
  assert.deepEqual(err, {
    type: "TypeError",
    message: "the database is gone",
    stack: error.stack,
  });
});

for (const outcome of [
  "cancelled",
  "invalid_arguments",
  "input_required",
  "protocol_error",
  "timeout",
  "tool_error",
] as const) {
  test(`GIVEN a call WHEN it ends as ${outcome} THEN the line is at \`info\` and has no stack`, () => {
    const line = logged(call(), end({ outcome, error: new Error("private") }));
    assert.equal(line["level"], "info");
    assert.equal(line["outcome"], outcome);
    assert.equal(JSON.stringify(line).includes("private"), false);
  });
}

for (const [what, error] of [
  [
    "a getter that throws",
    Object.defineProperty(new Error("private"), "detail", {
      enumerable: true,
      get: () => {
        throw new Error("unreadable");
      },
    }),
  ],
  [
    "a message that throws",
    {
      get message() {
        throw new Error("unreadable");
      },
    },
  ],
] as const) {
  test(`GIVEN an error with ${what} WHEN a call ends THEN there is a line all the same`, () => {
    const { err, outcome } = logged(call(), end({ outcome: "internal_error", error }));
    assert.equal(outcome, "internal_error");
    assert.deepEqual(err, {
      type: "Error",
      message: "The error cannot be shown: reading it throws.",
    });
  });
}

test("GIVEN lines that are written without the logger WHEN they are compared with its own THEN they are the same to the letter, but for the time", () => {
  const { log, lines, texts } = recordingLog();
  const observed = call({
    target: 'a "quoted"\nname\u2028',
    carrier: { traceparent: TRACEPARENT },
  });
  const ended = end({ outcome: "protocol_error", errorCode: -32_602, durationMilliseconds: 1.5 });
  observe([createAccessLog(log, ({ carrier }) => traceId(carrier))], observed, ended);
  const [written = {}] = lines;
  const ofLogger = ["level", "time", "service", "replica", "zone", "msg"];
  const fields = Object.fromEntries(
    Object.entries(written).filter(([name]) => !ofLogger.includes(name)),
  );
  log.info(fields, "call");
  const [own, loggers] = texts.map((text) => text.replace(/"time":"[^"]+"/u, ""));
  assert.equal(own, loggers);
});
