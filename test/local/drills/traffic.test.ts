import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failureOfCall, readAnswer } from "../../../local/drills/traffic/answer.ts";
import { Arrivals } from "../../../local/drills/traffic/arrivals.ts";
import { exampleArguments } from "../../../local/drills/traffic/example-arguments.ts";
import { initialize, newTraceRoot, toolCall } from "../../../local/drills/traffic/message.ts";
import { repeatAfter } from "../../../local/drills/traffic/repetition.ts";
import { callableTools, type WantedTool } from "../../../local/drills/traffic/tools.ts";

describe("GIVEN a rate of calls", () => {
  test("WHEN time passes THEN as many are due, fractions are owed, and a new rate counts from its moment on", () => {
    const arrivals = new Arrivals();
    arrivals.setRate(40, 1000);
    assert.equal(arrivals.take(1010), 0);
    assert.equal(arrivals.take(1030), 1);
    assert.equal(arrivals.take(1100), 3);
    arrivals.setRate(100, 1200);
    assert.equal(arrivals.take(1300), 14);
    arrivals.setRate(0, 1300);
    assert.equal(arrivals.take(9000), 0);
  });
});

describe("GIVEN a client that repeats what may be repeated", () => {
  const ending = { status: 502, sent: true, retryAfter: undefined };

  test("WHEN attempts fail THEN it waits twice as long each time, 5 s at most, less up to half at random", () => {
    const delays = [1, 2, 3, 6, 9].map((attempt) => repeatAfter(attempt, ending, true, 1));
    assert.deepEqual(delays, [200, 400, 800, 5000, 5000]);
    assert.equal(repeatAfter(1, ending, true, 0), 100);
  });

  test("WHEN ten attempts have failed THEN it gives up", () => {
    assert.equal(repeatAfter(10, ending, true, 1), undefined);
  });

  test("WHEN something was sent for a tool that may not run twice THEN it gives up; WHEN nothing was sent THEN it repeats", () => {
    assert.equal(repeatAfter(1, ending, false, 1), undefined);
    assert.equal(repeatAfter(1, { ...ending, status: 0, sent: false }, false, 1), 200);
  });

  test("WHEN the answer says when to come back THEN it comes no earlier", () => {
    const full = { status: 503, sent: true, retryAfter: "3" };
    assert.equal(repeatAfter(1, full, true, 1), 3000);
    assert.equal(repeatAfter(9, { ...full, retryAfter: "1" }, true, 1), 5000);
  });

  test("WHEN the answer will be the same next time THEN it gives up", () => {
    for (const status of [200, 400, 401, 403, 404, 500]) {
      assert.equal(repeatAfter(1, { ...ending, status }, true, 1), undefined);
    }
  });
});

describe("GIVEN the input schema of a tool", () => {
  const object = (properties: object, required: readonly string[]): Record<string, unknown> => ({
    type: "object",
    properties,
    required,
  });

  test("WHEN it has examples, defaults, constants or enumerated values THEN these are taken, and what is optional is left out", () => {
    const schema = object(
      {
        city: { type: "string", examples: ["Rome", "Oslo"] },
        unit: { type: "string", default: "C" },
        kind: { const: "daily" },
        state: { type: "string", enum: ["CA", "TX"] },
        comment: { type: "string" },
      },
      ["city", "unit", "kind", "state"],
    );
    assert.deepEqual(exampleArguments(schema), {
      city: "Rome",
      unit: "C",
      kind: "daily",
      state: "CA",
    });
  });

  test("WHEN a description names an example THEN that is taken", () => {
    const state = { type: "string", description: "Two-letter code of a state (such as CA, PR)." };
    assert.deepEqual(exampleArguments(object({ state }, ["state"])), { state: "CA" });
  });

  test("WHEN numbers have bounds THEN the one nearest to zero is taken", () => {
    const schema = object(
      {
        any: { type: "number" },
        high: { type: "integer", minimum: 3 },
        low: { type: "number", exclusiveMaximum: -5 },
      },
      ["any", "high", "low"],
    );
    assert.deepEqual(exampleArguments(schema), { any: 0, high: 3, low: -6 });
  });

  test("WHEN text is required that nothing says an example of THEN there is none", () => {
    assert.equal(exampleArguments(object({ text: { type: "string" } }, ["text"])), undefined);
  });
});

describe("GIVEN a list of tools", () => {
  const list = {
    tools: [
      { name: "remove", inputSchema: { type: "object" }, annotations: { destructiveHint: true } },
      {
        name: "search",
        inputSchema: {
          type: "object",
          properties: { text: { type: "string" } },
          required: ["text"],
        },
        annotations: { readOnlyHint: true },
      },
      { name: "list", inputSchema: { type: "object" }, annotations: { readOnlyHint: true } },
      { name: "put", inputSchema: { type: "object" }, annotations: { idempotentHint: true } },
    ],
  };

  test("WHEN none is wanted THEN those are callable that may be repeated and need nothing unknown", () => {
    assert.deepEqual(callableTools(list, {}), [
      { name: "list", input: {}, repeatable: true },
      { name: "put", input: {}, repeatable: true },
    ]);
  });

  test("WHEN only some of them will do THEN the others are not called, and where none is left that is said", () => {
    const among = (names: readonly string[]): WantedTool => ({
      among: { accepts: (name) => names.includes(name), otherwise: "None will do." },
    });
    assert.deepEqual(callableTools(list, among(["put", "remove"])), [
      { name: "put", input: {}, repeatable: true },
    ]);
    assert.throws(() => callableTools(list, among(["remove", "search"])), {
      message: "None will do.",
    });
    assert.deepEqual(callableTools(list, { ...among([]), name: "list" }), [
      { name: "list", input: {}, repeatable: true },
    ]);
  });

  test("WHEN a person names one that changes something THEN it is called, and not repeated", () => {
    assert.deepEqual(callableTools(list, { name: "remove" }), [
      { name: "remove", input: {}, repeatable: false },
    ]);
  });

  test("WHEN a person gives its input THEN that is what it is called with", () => {
    assert.deepEqual(callableTools(list, { name: "search", input: { text: "a" } }), [
      { name: "search", input: { text: "a" }, repeatable: true },
    ]);
  });

  test("WHEN the wanted one is not there, or nothing can be called THEN a sentence says the way out", () => {
    assert.throws(() => callableTools(list, { name: "find" }), {
      message:
        "`--tool` is `find`, which the server does not have. Give one of `remove`, `search`, `list`, `put`.",
    });
    assert.throws(() => callableTools(list, { name: "search" }), {
      message:
        "The schema of the tool `search` has no examples or defaults to call it with. Give its input as JSON with `--arguments`.",
    });
    assert.throws(() => callableTools({ tools: [] }, {}), {
      message:
        "None of the tools (it has none) is annotated `readOnlyHint` or `idempotentHint` and has a schema with examples or defaults to call it with." +
        " Name one with `--tool`, and give its input as JSON with `--arguments`.",
    });
  });
});

describe("GIVEN the clients' messages", () => {
  test("WHEN a client of 2026-07-28 calls a tool THEN headers and _meta say so", () => {
    const { headers, body } = toolCall("2026-07-28", "list", { a: 1 });
    assert.deepEqual(headers, {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2026-07-28",
      "Mcp-Method": "tools/call",
      "Mcp-Name": "list",
    });
    assert.deepEqual(JSON.parse(body), {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name: "list",
        arguments: { a: 1 },
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientInfo": { name: "mcp-local-drill", version: "1.0.0" },
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    });
  });

  test("WHEN a client of 2025-11-25 does THEN it sends neither", () => {
    const { headers, body } = toolCall("2025-11-25", "list", {});
    assert.deepEqual(Object.keys(headers), ["Content-Type", "Accept", "MCP-Protocol-Version"]);
    assert.deepEqual(JSON.parse(body), {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "list", arguments: {} },
    });
    assert.match(initialize().body, /"protocolVersion":"2025-11-25"/u);
  });

  test("WHEN a request gets a trace THEN it has the form of X-Ray", () => {
    assert.match(newTraceRoot(1_700_000_000.9), /^1-6553f100-[0-9a-f]{24}$/u);
  });
});

describe("GIVEN the answer to a call", () => {
  const result = '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}';

  test("WHEN it is JSON or a stream of events THEN its result is found", () => {
    const expected = { result: { content: [] } };
    assert.deepEqual(readAnswer("application/json", result), expected);
    const notice = '{"jsonrpc":"2.0","method":"notifications/progress"}';
    assert.deepEqual(
      readAnswer(
        "text/event-stream; charset=utf-8",
        `id: 0\ndata:\n\ndata: ${notice}\n\nevent: message\ndata: ${result}\n\n`,
      ),
      expected,
    );
  });

  test("WHEN it is an error, a tool's error, or cut off THEN the call has failed", () => {
    const failure = (body: string): string | undefined =>
      failureOfCall(readAnswer("application/json", body));
    assert.equal(failure(result), undefined);
    assert.equal(
      failure('{"jsonrpc":"2.0","id":1,"result":{"isError":true}}'),
      "the tool answered with an error",
    );
    assert.equal(
      failure('{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no"}}'),
      "JSON-RPC error -32603: no",
    );
    assert.equal(failure(result.slice(0, 20)), "the answer is no JSON-RPC response");
  });
});
