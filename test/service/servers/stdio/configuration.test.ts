import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readStdioConfiguration } from "../../../../service/servers/stdio/configuration.ts";
import { matcher } from "../../../../service/servers/stdio/patterns.ts";

describe("GIVEN the variables of the stdio server", () => {
  test("WHEN none is set THEN the defaults hold", () => {
    assert.deepEqual(readStdioConfiguration({}), {
      processes: 2,
      maxOngoingRequests: 32,
      maxQueuedRequests: 256,
      queueTimeoutSeconds: 10,
      handedOn: [],
      toolTimeouts: new Map(),
      idempotentTools: [],
      maxLineBytes: 16_777_216,
      isolation: "shared",
      startTimeoutSeconds: 60,
      checkTimeoutSeconds: 10,
      stallSeconds: 300,
      stopSeconds: 2,
      logLinesPerSecond: 50,
    });
  });

  test("WHEN all are set THEN each is read", () => {
    assert.deepEqual(
      readStdioConfiguration({
        STDIO_PROCESSES: "4",
        STDIO_MAX_ONGOING_REQUESTS: "1",
        STDIO_MAX_QUEUED_REQUESTS: "0",
        STDIO_QUEUE_TIMEOUT_SECONDS: "3",
        STDIO_ENVIRONMENT: "API_KEY, REGION",
        STDIO_TOOL_TIMEOUTS: '{"search": 5}',
        STDIO_IDEMPOTENT_TOOLS: "get_*,search",
        STDIO_MAX_LINE_BYTES: "2048",
        STDIO_ISOLATION: "per-call",
        STDIO_START_TIMEOUT_SECONDS: "7",
        STDIO_CHECK_TIMEOUT_SECONDS: "8",
        CALL_TIMEOUT_SECONDS: "45",
        STDIO_STOP_SECONDS: "0",
        STDIO_LOG_LINES_PER_SECOND: "9",
      }),
      {
        processes: 4,
        maxOngoingRequests: 1,
        maxQueuedRequests: 0,
        queueTimeoutSeconds: 3,
        handedOn: ["API_KEY", "REGION"],
        toolTimeouts: new Map([["search", 5]]),
        idempotentTools: ["get_*", "search"],
        maxLineBytes: 2048,
        isolation: "per-call",
        startTimeoutSeconds: 7,
        checkTimeoutSeconds: 8,
        stallSeconds: 45,
        stopSeconds: 0,
        logLinesPerSecond: 9,
      },
    );
  });

  test("WHEN isolation is by session THEN the sentence says why there is none (point 2)", () => {
    assert.throws(() => readStdioConfiguration({ STDIO_ISOLATION: "perSession" }), {
      name: "ConfigurationError",
      message:
        "`STDIO_ISOLATION` (`perSession`) takes each client to the same replica every time, which a stateless service behind a load balancer does not" +
        " do: use `shared`, or `per-call` for a server that must not keep anything.",
    });
  });

  for (const [name, value, message] of [
    ["STDIO_PROCESSES", "65", "is not between 1 and 64"],
    ["STDIO_ISOLATION", "some", "is neither `shared` nor `per-call`"],
    ["STDIO_TOOL_TIMEOUTS", "{", "is no JSON object of whole seconds"],
    ["STDIO_TOOL_TIMEOUTS", '{"a":0}', "is no JSON object of whole seconds"],
    ["STDIO_TOOL_TIMEOUTS", "[]", "is no JSON object of whole seconds"],
  ] as const) {
    test(`WHEN ${name} is ${value} THEN the sentence says what is wrong`, () => {
      assert.throws(
        () => readStdioConfiguration({ [name]: value }),
        (error) =>
          error instanceof Error && error.message.includes(`\`${name}\` (\`${value}\`) ${message}`),
      );
    });
  }

  test("WHEN a value stands among the names of variables THEN the sentence does not repeat it", () => {
    assert.throws(
      () => readStdioConfiguration({ STDIO_ENVIRONMENT: "API_KEY=hunter22" }),
      (error) => error instanceof Error && !error.message.includes("hunter22"),
    );
  });
});

describe("GIVEN patterns of names", () => {
  const matches = matcher(["get_*", "exact", "*_list", "a*b*c"]);
  for (const name of ["get_", "get_x", "exact", "my_list", "abc", "axbyc"]) {
    test(`WHEN asked for \`${name}\` THEN it matches`, () => {
      assert.equal(matches(name), true);
    });
  }
  for (const name of ["get", "exactly", "list", "ac", "acb", "", "xget_"]) {
    test(`WHEN asked for \`${name}\` THEN it does not`, () => {
      assert.equal(matches(name), false);
    });
  }
});
