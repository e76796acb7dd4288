import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { events, json } from "./faulty-server.ts";
import { call, contextOf, LIMITS, NEVER, openUpstream } from "./fixtures.ts";
import { startServer, type TestServer } from "./upstream-servers.ts";

interface Body {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
}

/** A legacy server with one session, by hand; `answer` gets everything after the greeting. */
async function greetingServer(
  t: TestContext,
  answer: (body: Body, response: ServerResponse, method: string) => void,
  version = "2025-06-18",
): Promise<TestServer> {
  return startServer(t, (request, response, body) => {
    const { id, method, params } = (body ?? {}) as Body;
    if (method === "server/discover") {
      json(response, 400, { id: null, error: { code: -32000, message: "Bad Request" } });
    } else if (method === "initialize") {
      const result = { protocolVersion: version, capabilities: { tools: {}, resources: {} } };
      json(response, 200, { id, result }, { "mcp-session-id": "session-1" });
    } else if (method === "notifications/initialized") response.writeHead(202).end();
    else answer({ id, method, params }, response, request.method ?? "");
  });
}

test("GIVEN a legacy upstream WHEN it is greeted THEN nothing is declared, and everything after has its session and its revision", async (t) => {
  const server = await greetingServer(t, ({ id }, response) => {
    json(response, 200, { id, result: { content: [] } });
  });
  const upstream = openUpstream(t, server.url);
  const meta = { "io.modelcontextprotocol/clientCapabilities": { sampling: {} }, own: 1 };
  await upstream.send(
    call("look", {}, meta),
    contextOf({ clientCapabilities: { sampling: {} }, carrier: { traceparent: "00-1-2-01" } }),
    LIMITS,
  );
  const [, greeting, greeted, called] = server.requests;
  assert.deepEqual((JSON.parse(greeting?.body ?? "") as Body).params, {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "gateway", version: "1.0.0" },
  });
  assert.equal(greeting?.headers["mcp-session-id"], undefined);
  for (const request of [greeted, called]) {
    assert.equal(request?.headers["mcp-session-id"], "session-1");
    assert.equal(request.headers["mcp-protocol-version"], "2025-06-18");
  }
  assert.deepEqual((JSON.parse(called?.body ?? "") as Body).params, {
    name: "look",
    arguments: {},
    _meta: { traceparent: "00-1-2-01", own: 1 },
  });
});

test("GIVEN a legacy upstream that asks its client something WHEN a tool is called THEN it hears that the client cannot, a ping is answered, and the result comes", async (t) => {
  const replies = Promise.withResolvers<Body[]>();
  const heard: Body[] = [];
  let calling: { readonly response: ServerResponse; readonly id: unknown } | undefined;
  const server = await greetingServer(t, (body, response) => {
    if (body.method === "tools/call") {
      calling = { response, id: body.id };
      events(
        response,
        { id: 7, method: "sampling/createMessage", params: {} },
        { id: "p", method: "ping" },
      );
      return;
    }
    response.writeHead(202).end();
    const received = server.requests.at(-1)?.body ?? "";
    heard.push(JSON.parse(received) as Body);
    if (heard.length < 2) return;
    replies.resolve(heard);
    calling?.response.end(
      `data: ${JSON.stringify({ jsonrpc: "2.0", id: calling.id, result: { content: [] } })}\n\n`,
    );
  });
  const upstream = openUpstream(t, server.url);
  assert.deepEqual(await upstream.send(call("look"), contextOf(), LIMITS), { content: [] });
  const sorted = (await replies.promise).sort((a, b) => String(a.id).localeCompare(String(b.id)));
  assert.deepEqual(sorted, [
    { jsonrpc: "2.0", id: 7, error: { code: -32601, message: "Method not found" } },
    { jsonrpc: "2.0", id: "p", result: {} },
  ]);
});

test("GIVEN a legacy upstream that asks without an end WHEN a tool is called THEN sixteen questions are replied to, and the result comes", async (t) => {
  const replied = Promise.withResolvers<undefined>();
  let replies = 0;
  const server = await greetingServer(t, (body, response) => {
    if (body.method === "tools/call") {
      const questions = Array.from({ length: 1000 }, (_, id) => ({ id, method: "ping" }));
      events(response, ...questions, { id: body.id, result: { content: [] } });
      response.end();
      return;
    }
    response.writeHead(202).end();
    if (++replies === 16) replied.resolve(undefined);
  });
  const upstream = openUpstream(t, server.url);
  assert.deepEqual(await upstream.send(call("look"), contextOf(), LIMITS), { content: [] });
  await replied.promise;
  // What comes behind the replies on the same connections.
  await upstream.send(call("look"), contextOf(), LIMITS);
  assert.ok(replies <= 32, `${replies} replies to two calls`);
});

test("GIVEN a call to a legacy upstream with a session WHEN its client goes away THEN the upstream is told", async (t) => {
  const called = Promise.withResolvers<number | undefined>();
  const told = Promise.withResolvers<Body>();
  const server = await greetingServer(t, (body, response) => {
    if (body.method === "tools/call") called.resolve(body.id);
    else {
      if (body.method === "notifications/cancelled") told.resolve(body);
      response.writeHead(202).end();
    }
  });
  const upstream = openUpstream(t, server.url);
  const client = new AbortController();
  const answer = assert.rejects(
    upstream.send(call("pay"), contextOf({ signal: client.signal }), LIMITS),
    { outcome: "cancelled" },
  );
  const id = await called.promise;
  client.abort();
  await answer;
  assert.deepEqual((await told.promise).params, { requestId: id, reason: "cancelled" });
});

test("GIVEN an upstream with sessions WHEN it is closed THEN the session is ended", async (t) => {
  const server = await greetingServer(t, ({ id }, response, method) => {
    if (method === "DELETE") response.writeHead(200).end();
    else json(response, 200, { id, result: { content: [] } });
  });
  const upstream = openUpstream(t, server.url);
  await upstream.send(call("look"), contextOf(), LIMITS);
  await upstream.close();
  const last = server.requests.at(-1);
  assert.equal(last?.method, "DELETE");
  assert.equal(last.headers["mcp-session-id"], "session-1");
  await assert.rejects(upstream.list(NEVER, undefined), { status: 503 });
});

test("GIVEN a stream of a legacy session WHEN it tells changes THEN they are told on, and watched resources are subscribed to", async (t) => {
  const subscribed = Promise.withResolvers<unknown>();
  const server = await greetingServer(t, (body, response, method) => {
    if (method === "GET") {
      events(response, { method: "notifications/tools/list_changed" });
      void subscribed.promise.then(() => {
        response.write(
          'data: {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"file:///a"}}\n\n',
        );
      });
      return;
    }
    if (body.method === "resources/subscribe") subscribed.resolve(body.params);
    if (body.id === undefined) response.writeHead(202).end();
    else json(response, 200, { id: body.id, result: {} });
  });
  const upstream = openUpstream(t, server.url);
  const resource = Promise.withResolvers<unknown>();
  const listing = Promise.withResolvers<unknown>();
  upstream.watchResources(new Set(["file:///a"]));
  upstream.onChange((change) => {
    (change.kind === "listing" ? listing : resource).resolve(change);
  });
  assert.deepEqual(await listing.promise, { kind: "listing" });
  assert.deepEqual(await resource.promise, { kind: "resource", uri: "file:///a" });
  assert.deepEqual(await subscribed.promise, { uri: "file:///a" });
});
