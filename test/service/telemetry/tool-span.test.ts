import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { trace } from "@opentelemetry/api";
import { z } from "zod";
import { defineTool, ToolError } from "../../../service/runtime/tool.ts";
import { call, modernHeaders, modernRequest, post } from "../running-host.ts";
import { TRACEPARENT, CLIENT_SPAN, CLIENT_TRACE } from "./fixtures.ts";
import { only, startTracedHost } from "./traced-host.ts";

const INTERNAL = 1;
const UNSET = 0;
const ERROR = 2;

const TOOLS = [
  defineTool({
    name: "look_up",
    description: "Has a span of its own.",
    run: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      trace.getTracer("the tool").startActiveSpan("query", (span) => {
        span.end();
      });
      return "Found.";
    },
  }),
  defineTool({
    name: "count",
    description: "Has structured content.",
    input: z.object({ to: z.number() }),
    output: z.object({ counted: z.number() }),
    run: ({ to }) => ({ counted: to }),
  }),
  defineTool({
    name: "refuse",
    description: "Tells the model no.",
    run: () => {
      throw new ToolError("secret");
    },
  }),
  defineTool({
    name: "break",
    description: "Breaks.",
    run: () => Promise.reject(new Error("secret")),
  }),
  defineTool({
    name: "hang",
    description: "Is deaf to its signal.",
    run: () => new Promise<never>(() => undefined),
  }),
];

test("GIVEN a sampled call of a tool with a span of its own WHEN it ends THEN the tool's function has a span between the server's and that", async (t) => {
  const host = await startTracedHost(t, { tools: TOOLS });
  assert.equal((await call(host, "look_up", {}, { traceparent: TRACEPARENT })).status, 200);
  const spans = await host.spans();
  const [server, tool, own] = ["tools/call look_up", "execute_tool look_up", "query"].map((name) =>
    only(spans[name]),
  );
  assert.equal(server?.parentSpanId, CLIENT_SPAN);
  const { spanId, ...rest } = only(tool === undefined ? [] : [tool]);
  assert.deepEqual(rest, {
    traceId: CLIENT_TRACE,
    parentSpanId: server.spanId,
    name: "execute_tool look_up",
    kind: INTERNAL,
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "look_up",
      "gen_ai.tool.type": "function",
    },
    status: { code: UNSET },
  });
  assert.deepEqual([own?.traceId, own?.parentSpanId], [CLIENT_TRACE, spanId]);
});

for (const [what, name, input, error, status] of [
  ["gives structured content", "count", { to: 3 }, undefined, UNSET],
  ["fails on purpose", "refuse", {}, "tool_error", ERROR],
  ["breaks", "break", {}, "internal_error", ERROR],
  ["does not end in time", "hang", {}, "timeout", ERROR],
] as const) {
  test(`GIVEN a tool WHEN it ${what} THEN the span of its function has the error ${error ?? "none"}, and nothing of what it said`, async (t) => {
    const host = await startTracedHost(t, { tools: TOOLS }, { CALL_TIMEOUT_SECONDS: "1" });
    assert.equal((await call(host, name, input)).status, 200);
    const spans = await host.spans();
    const tool = only(spans[`execute_tool ${name}`]);
    assert.equal(tool.attributes["error.type"], error);
    assert.deepEqual(tool.status, { code: status });
    assert.equal(tool.parentSpanId, only(spans[`tools/call ${name}`]).spanId);
    assert.equal(
      host.collector.requests.some(({ body }) => body.includes("secret")),
      false,
    );
  });
}

test("GIVEN a client that leaves WHEN its tool is at work THEN the span of the function ends with the call, without status `ERROR`", async (t) => {
  const events = new EventTarget();
  const [entered, aborted] = [once(events, "entered"), once(events, "aborted")];
  const wait = defineTool({
    name: "wait",
    description: "Waits to be ended.",
    run: async (_input, { signal }) => {
      events.dispatchEvent(new Event("entered"));
      await once(signal, "abort");
      events.dispatchEvent(new Event("aborted"));
      signal.throwIfAborted();
      return "Never.";
    },
  });
  const host = await startTracedHost(t, { tools: [wait] });
  const leaving = new AbortController();
  const { port } = host.host.address;
  const answer = fetch(`http://127.0.0.1:${port}/mcp`, {
    method: "POST",
    headers: { ...modernHeaders("tools/call"), "Mcp-Name": "wait" },
    body: JSON.stringify(modernRequest("tools/call", { name: "wait", arguments: {} })),
    signal: leaving.signal,
  });
  await entered;
  leaving.abort();
  await assert.rejects(answer, { name: "AbortError" });
  await aborted;
  const tool = only((await host.spans())["execute_tool wait"]);
  assert.equal(tool.attributes["error.type"], "cancelled");
  assert.deepEqual(tool.status, { code: UNSET });
});

test("GIVEN arguments that do not satisfy the schema, or a call of no tool WHEN they end THEN no function has a span", async (t) => {
  const host = await startTracedHost(t, { tools: TOOLS });
  await call(host, "count", { to: "three" });
  await post(host, modernRequest("tools/list"));
  assert.deepEqual(Object.keys(await host.spans()), ["tools/call count", "tools/list"]);
});
