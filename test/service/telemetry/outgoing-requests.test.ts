import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { context as current } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { request } from "undici";
import { defineTool, type Tool } from "../../../service/runtime/tool.ts";
import { call } from "../running-host.ts";
import { startScriptedServer } from "../scripted-server.ts";
import { CLIENT_SPAN, CLIENT_TRACE, TRACEPARENT } from "./fixtures.ts";
import { only, startTracedHost } from "./traced-host.ts";

const CLIENT = 3;
const UNSET = 0;
const ERROR = 2;

/** A tool that does this. */
const tool = (work: () => Promise<unknown>): Tool =>
  defineTool({
    name: "ask",
    description: "Asks another server.",
    run: async () => {
      await work();
      return "Done.";
    },
  });

test("GIVEN a tool that asks with `fetch` and with undici WHEN it is called THEN each request has a span in that of its function, and the server has been told", async (t) => {
  const upstream = await startScriptedServer(t, [{ body: "one" }, { body: "two" }]);
  const { port } = upstream.url;
  const host = await startTracedHost(t, {
    tools: [
      tool(async () => {
        await (await fetch(new URL("/one?key=secret", upstream.url))).text();
        await (await request(new URL("/two", upstream.url))).body.text();
      }),
    ],
  });
  await call(host, "ask", {}, { traceparent: TRACEPARENT, baggage: "tenant=acme" });
  const spans = await host.spans();
  const { spanId: parentSpanId } = only(spans["execute_tool ask"]);
  assert.deepEqual(
    spans["GET"]?.map(({ spanId: _, ...rest }) => rest),
    ["one?key=REDACTED", "two"].map((path) => ({
      traceId: CLIENT_TRACE,
      parentSpanId,
      name: "GET",
      kind: CLIENT,
      attributes: {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": Number(port),
        "url.full": `http://127.0.0.1:${port}/${path}`,
        "http.response.status_code": 200,
      },
      status: { code: UNSET },
    })),
  );
  assert.deepEqual(
    upstream.requests.map(({ headers }) => [
      headers["traceparent"],
      headers["x-amzn-trace-id"],
      headers["baggage"],
    ]),
    spans["GET"].map(({ spanId }) => [
      `00-${CLIENT_TRACE}-${spanId}-01`,
      `Root=1-${CLIENT_TRACE.slice(0, 8)}-${CLIENT_TRACE.slice(8)};Parent=${spanId};Sampled=1`,
      "tenant=acme",
    ]),
  );
});

for (const [propagators, told] of [
  ["tracecontext", ["traceparent"]],
  ["xray", ["x-amzn-trace-id"]],
  ["none", []],
] as const) {
  test(`GIVEN the propagators \`${propagators}\` WHEN a tool asks THEN the server is told ${told.join() || "nothing"}`, async (t) => {
    const upstream = await startScriptedServer(t, [{}]);
    const host = await startTracedHost(
      t,
      { tools: [tool(async () => (await fetch(upstream.url)).text())] },
      { OTEL_PROPAGATORS: propagators },
    );
    await call(host, "ask", {}, { traceparent: TRACEPARENT, baggage: "tenant=acme" });
    assert.equal((await host.spans())["GET"]?.length, 1);
    const { headers } = only(upstream.requests);
    assert.deepEqual(
      ["traceparent", "x-amzn-trace-id", "baggage"].filter((name) => name in headers),
      told,
    );
  });
}

test("GIVEN a call that is not sampled WHEN its tool asks THEN the server is told so, and nothing is sent to the collector", async (t) => {
  const upstream = await startScriptedServer(t, [{}]);
  const host = await startTracedHost(t, {
    tools: [tool(async () => (await fetch(upstream.url)).text())],
  });
  await call(host, "ask", {}, { traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-00` });
  assert.deepEqual(await host.spans(), {});
  assert.match(
    String(only(upstream.requests).headers["traceparent"]),
    new RegExp(`^00-${CLIENT_TRACE}-[\\da-f]{16}-00$`, "u"),
  );
});

test("GIVEN an author who tells the server another trace WHEN the tool asks THEN that stays", async (t) => {
  const upstream = await startScriptedServer(t, [{}]);
  const own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const host = await startTracedHost(t, {
    tools: [
      tool(async () => (await fetch(upstream.url, { headers: { TraceParent: own } })).text()),
    ],
  });
  await call(host, "ask", {}, { traceparent: TRACEPARENT });
  assert.equal((await host.spans())["GET"]?.length, 1);
  assert.equal(only(upstream.requests).headers["traceparent"], own);
});

for (const [what, reply, error] of [
  ["answers 404", { status: 404 }, "404"],
  ["answers 503", { status: 503 }, "503"],
  ["closes the connection", { send: "reset" }, "UND_ERR_SOCKET"],
  ["breaks off", { send: "cut", body: "half" }, "UND_ERR_SOCKET"],
] as const) {
  test(`GIVEN a server that ${what} WHEN a tool asks THEN the span has the error ${error}`, async (t) => {
    const upstream = await startScriptedServer(t, [reply]);
    const host = await startTracedHost(t, {
      tools: [tool(async () => (await fetch(upstream.url)).text().catch(() => undefined))],
    });
    await call(host, "ask", {});
    const span = only((await host.spans())["GET"]);
    assert.equal(span.attributes["error.type"], error);
    assert.deepEqual(span.status, { code: ERROR });
  });
}

test("GIVEN a server that is not there WHEN a tool asks THEN the span has the error ECONNREFUSED", async (t) => {
  const upstream = await startScriptedServer(t, []);
  await upstream.close();
  const host = await startTracedHost(t, { tools: [tool(() => fetch(upstream.url))] });
  await call(host, "ask", {});
  assert.equal(only((await host.spans())["GET"]).attributes["error.type"], "ECONNREFUSED");
});

for (const [what, give, expected] of [
  ["gives up", (): AbortSignal => AbortSignal.abort(), undefined],
  ["has no more time", (): AbortSignal => AbortSignal.timeout(1), "TimeoutError"],
] as const) {
  test(`GIVEN a server that never answers WHEN the tool ${what} THEN the span has the error ${expected ?? "none"}`, async (t) => {
    const upstream = await startScriptedServer(t, [{ send: "nothing" }]);
    const host = await startTracedHost(t, {
      tools: [
        tool(async () => {
          const leaving = new AbortController();
          const asked = fetch(upstream.url, { signal: leaving.signal });
          await upstream.received(1);
          const signal = give();
          if (!signal.aborted) await once(signal, "abort");
          leaving.abort(signal.reason);
          await asked;
        }),
      ],
    });
    await call(host, "ask", {});
    const span = only((await host.spans())["GET"]);
    assert.equal(span.attributes["error.type"], expected);
    assert.deepEqual(span.status, { code: expected === undefined ? UNSET : ERROR });
  });
}

test("GIVEN requests for no call, after one has ended, or with tracing suppressed WHEN they are sent THEN none has a span, and no server is told", async (t) => {
  const upstream = await startScriptedServer(t, [{}, {}, {}]);
  const events = new EventEmitter();
  const ask = async (): Promise<unknown> => (await fetch(upstream.url)).text();
  let late: Promise<unknown> | undefined;
  const host = await startTracedHost(t, {
    tools: [
      tool(async () => {
        await current.with(suppressTracing(current.active()), ask);
        late = once(events, "ended").then(ask);
      }),
    ],
    start: async () => {
      await ask();
      return {};
    },
  });
  await call(host, "ask", {}, { traceparent: TRACEPARENT });
  events.emit("ended");
  await late;
  assert.deepEqual(Object.keys(await host.spans()), ["execute_tool ask", "tools/call ask"]);
  assert.deepEqual(
    upstream.requests.map(({ headers }) => headers["traceparent"]),
    [undefined, undefined, undefined],
  );
});

test("GIVEN telemetry that is shut down WHEN a request is sent THEN nothing listens to it any more", async (t) => {
  const upstream = await startScriptedServer(t, [{}]);
  const { hasSubscribers } = await import("node:diagnostics_channel");
  const host = await startTracedHost(t, {});
  const channels = ["create", "headers", "trailers", "error"].map(
    (name) => `undici:request:${name}`,
  );
  assert.deepEqual(channels.map(hasSubscribers), [true, true, true, true]);
  await host.spans();
  assert.deepEqual(channels.map(hasSubscribers), [false, false, false, false]);
  await (await fetch(upstream.url)).text();
  assert.equal(only(upstream.requests).headers["traceparent"], undefined);
});
