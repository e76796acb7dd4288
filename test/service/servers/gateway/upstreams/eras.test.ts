import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../../../service/runtime/relay.ts";
import { call, contextOf, LIMITS, NEVER, openUpstream } from "./fixtures.ts";
import { legacyListener, modernListener, startServer } from "./upstream-servers.ts";

const SERVERS = [
  { kind: "modern", era: "modern", listener: () => modernListener("reject") },
  { kind: "dual", era: "modern", listener: () => modernListener("stateless") },
  { kind: "legacy stateless", era: "legacy", listener: () => legacyListener(false) },
  { kind: "legacy with sessions", era: "legacy", listener: () => legacyListener(true) },
] as const;

for (const { kind, era, listener } of SERVERS) {
  test(`GIVEN a ${kind} upstream WHEN its lists are asked for and a tool is called THEN its own results come back`, async (t) => {
    const server = await startServer(t, listener());
    const upstream = openUpstream(t, server.url);
    const listing = await upstream.list(NEVER, undefined);
    assert.deepEqual(
      listing.tools.map(({ name }) => name),
      ["add", "slow"],
    );
    assert.deepEqual(listing.resources, []);
    assert.equal(listing.instructions, era === "modern" ? "Ask me." : "I am old.");
    assert.equal(listing.ttlMilliseconds, era === "modern" ? 7000 : 27_000);
    assert.equal(listing.cacheScope, "public");
    assert.equal(upstream.state.era, era);

    const result = await upstream.send(call("add", { a: 2, b: 3 }), contextOf(), LIMITS);
    assert.deepEqual(result.content, [{ type: "text", text: "5" }]);
    const calls = server.requests.filter(({ body }) => body.includes('"tools/call"'));
    assert.equal(calls.length, 1);
    assert.equal(calls[0]?.headers["mcp-method"], era === "modern" ? "tools/call" : undefined);
    assert.equal(calls[0]?.headers["mcp-param-addend"], era === "modern" ? "3" : undefined);
    assert.equal(
      calls[0]?.headers["mcp-session-id"] !== undefined,
      kind === "legacy with sessions",
    );
  });

  test(`GIVEN a ${kind} upstream WHEN progress is wanted THEN it comes before the result, and else it is not asked for`, async (t) => {
    const server = await startServer(t, listener());
    const upstream = openUpstream(t, server.url);
    const heard: JsonObject[] = [];
    const context = contextOf({
      progress: (params) => {
        heard.push(params);
      },
    });
    const meta = { progressToken: "the client's" };
    const result = await upstream.send(call("slow", {}, meta), context, LIMITS);
    assert.deepEqual(result.content, [{ type: "text", text: "done" }]);
    assert.deepEqual(
      heard.map(({ progress, total, message }) => ({ progress, total, message })),
      [{ progress: 1, total: 2, message: "half" }],
    );

    await upstream.send(call("slow", {}, meta), contextOf(), LIMITS);
    assert.equal(heard.length, 1);
    assert.equal(server.requests.at(-1)?.body.includes("progressToken"), false);
  });
}

test("GIVEN a modern upstream that becomes a legacy one and back WHEN tools are called THEN every call is answered in the right era, and runs once", async (t) => {
  const server = await startServer(t, modernListener("reject"));
  const upstream = openUpstream(t, server.url);
  const eras: unknown[] = [];
  for (const listener of [
    undefined,
    legacyListener(false),
    modernListener("reject"),
    legacyListener(true),
    modernListener("reject"),
  ]) {
    if (listener === undefined) await upstream.list(NEVER, undefined);
    else server.become(listener);
    const result = await upstream.send(call("add", { a: 1, b: 1 }), contextOf(), LIMITS);
    assert.deepEqual(result.content, [{ type: "text", text: "2" }]);
    eras.push(upstream.state.era);
  }
  assert.deepEqual(eras, ["modern", "legacy", "modern", "legacy", "modern"]);
});

test("GIVEN an upstream that changes its era WHEN its lists are asked for THEN they come all the same", async (t) => {
  const server = await startServer(t, modernListener("reject"));
  const upstream = openUpstream(t, server.url);
  for (const listener of [legacyListener(true), modernListener("reject"), legacyListener(false)]) {
    await upstream.list(NEVER, undefined);
    server.become(listener);
    assert.equal((await upstream.list(NEVER, undefined)).tools.length, 2);
  }
});

test("GIVEN a legacy upstream that has forgotten its sessions WHEN a tool is called THEN a new session is begun, once for all calls, and the call runs", async (t) => {
  const server = await startServer(t, legacyListener(true));
  const upstream = openUpstream(t, server.url);
  await upstream.send(call("add", { a: 1, b: 1 }), contextOf(), LIMITS);
  server.become(legacyListener(true));
  server.requests.length = 0;
  const results = await Promise.all(
    [1, 2, 3].map((a) => upstream.send(call("add", { a, b: 1 }), contextOf(), LIMITS)),
  );
  assert.deepEqual(
    results.map(({ content }) => content),
    [2, 3, 4].map((sum) => [{ type: "text", text: String(sum) }]),
  );
  const begun = server.requests.filter(({ body }) => body.includes('"initialize"'));
  assert.equal(begun.length, 1);
});

test("GIVEN a tool that a modern upstream does not have WHEN it is called THEN its own error comes back", async (t) => {
  const server = await startServer(t, modernListener());
  const upstream = openUpstream(t, server.url);
  await assert.rejects(upstream.send(call("none"), contextOf(), LIMITS), {
    name: "RelayError",
    code: -32602,
    outcome: "protocol_error",
    status: 200,
  });
  assert.equal(upstream.state.breaker, "closed");
});
