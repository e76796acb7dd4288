import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { RelayError } from "../../../../../service/runtime/relay.ts";
import type { Upstream } from "../../../../../service/servers/gateway/upstream.ts";
import type { UpstreamSurroundings } from "../../../../../service/servers/gateway/upstreams/index.ts";
import {
  BREAKS,
  faultyListener,
  good,
  json,
  REFUSALS,
  RUBBISH,
  type Fault,
} from "./faulty-server.ts";
import { call, contextOf, LIMITS, openUpstream, REPEATABLE } from "./fixtures.ts";
import { startServer } from "./upstream-servers.ts";
import { createVirtualClock } from "../virtual-clock.ts";

const SMALL = { maxAnswerBytes: 100_000 };

interface Replicas {
  readonly upstream: Upstream;
  /** How often the call was run by all. */
  readonly runs: () => number;
  readonly asked: () => number;
}

/** Two replicas under one name: the first that is called has the fault, the other one has none. */
async function replicas(
  t: TestContext,
  fault: Fault,
  surroundings: Partial<UpstreamSurroundings> = SMALL,
): Promise<Replicas> {
  let runs = 0;
  let asked = 0;
  const listener = faultyListener(
    (response, id, run) => {
      asked++;
      (asked === 1 ? fault : good)(response, id, run);
    },
    () => {
      runs++;
    },
  );
  const first = await startServer(t, listener);
  await startServer(t, listener, "127.0.0.2", first.port);
  const upstream = openUpstream(
    t,
    `http://numbers.test:${first.port}/mcp`,
    { discovery: "dns" },
    {
      ...surroundings,
      resolveAddresses: () =>
        Promise.resolve({ addresses: ["127.0.0.1", "127.0.0.2"], ttlSeconds: 60 }),
    },
  );
  return { upstream, runs: () => runs, asked: () => asked };
}

for (const [kind, fault] of Object.entries(REFUSALS)) {
  test(`GIVEN a replica that answers ${kind} WHEN a tool is called that may not be repeated THEN another replica runs it`, async (t) => {
    const { upstream, runs, asked } = await replicas(t, fault);
    const result = await upstream.send(call("pay"), contextOf(), LIMITS);
    assert.deepEqual(result.content, [{ type: "text", text: "ok" }]);
    assert.equal(asked(), 2);
    assert.equal(runs(), 1);
  });
}

for (const [kind, fault] of Object.entries(BREAKS)) {
  test(`GIVEN ${kind} WHEN a call may not be repeated THEN it is not, and the client is told`, async (t) => {
    const { upstream, runs, asked } = await replicas(t, fault);
    await assert.rejects(upstream.send(call("pay"), contextOf(), LIMITS), {
      name: "RelayError",
      code: -32603,
      status: 200,
      data: { retryable: false },
      outcome: "internal_error",
    });
    assert.equal(asked(), 1);
    assert.equal(runs(), 1);
  });

  test(`GIVEN ${kind} WHEN a call may be repeated THEN another replica answers it`, async (t) => {
    const { upstream, asked } = await replicas(t, fault);
    const result = await upstream.send(call("look"), contextOf(), REPEATABLE);
    assert.deepEqual(result.content, [{ type: "text", text: "ok" }]);
    assert.equal(asked(), 2);
    assert.equal(upstream.state.breaker, "closed");
  });
}

for (const [kind, fault] of Object.entries(RUBBISH)) {
  test(`GIVEN ${kind} WHEN a tool is called THEN the client is told so without a word of it, and it is not tried again`, async (t) => {
    const { upstream, runs } = await replicas(t, fault);
    await assert.rejects(upstream.send(call("pay"), contextOf(), LIMITS), (error) => {
      assert.ok(error instanceof RelayError);
      assert.equal(error.code, -32603);
      assert.equal(error.status, 200);
      assert.deepEqual(error.data, { retryable: false });
      assert.doesNotMatch(error.message, /secret|Welcome|xxx|4711/u);
      return true;
    });
    assert.equal(runs(), 1);
  });
}

test("GIVEN an upstream that hangs WHEN the time of a call is over THEN its connection is closed, and the client is told", async (t) => {
  const clock = createVirtualClock();
  const hanging = Promise.withResolvers<{ readonly closed: Promise<unknown> }>();
  const server = await startServer(
    t,
    faultyListener((response) => {
      hanging.resolve({ closed: once(response, "close") });
    }),
  );
  const upstream = openUpstream(t, server.url, {}, { clock });
  const answer = assert.rejects(
    upstream.send(call("pay"), contextOf(), { timeoutMilliseconds: 3000, repeatable: false }),
    { code: -32603, outcome: "timeout", status: 200, data: { retryable: false } },
  );
  const { closed } = await hanging.promise;
  await clock.advance(2999);
  assert.equal(server.requests.length, 2);
  await clock.advance(1);
  await answer;
  await closed;
});

test("GIVEN a call that is under way WHEN its client goes away THEN the upstream's connection is closed at once", async (t) => {
  const hanging = Promise.withResolvers<{ readonly closed: Promise<unknown> }>();
  const server = await startServer(
    t,
    faultyListener((response) => {
      hanging.resolve({ closed: once(response, "close") });
    }),
  );
  const upstream = openUpstream(t, server.url);
  const client = new AbortController();
  const answer = assert.rejects(
    upstream.send(call("pay"), contextOf({ signal: client.signal }), LIMITS),
    { outcome: "cancelled" },
  );
  const { closed } = await hanging.promise;
  client.abort();
  await answer;
  await closed;
  assert.equal(upstream.state.breaker, "closed");
});

test("GIVEN an upstream that nobody listens at WHEN a tool is called THEN the client may try again, and after five calls the breaker is open", async (t) => {
  const server = await startServer(t, faultyListener(good));
  const clock = createVirtualClock();
  const changes: string[] = [];
  const upstream = openUpstream(
    t,
    server.url,
    {},
    { clock, events: { breaker: ({ from, to }) => changes.push(`${from} ${to}`) } },
  );
  await server.stop();
  for (let failures = 0; failures < 5; failures++) {
    assert.equal(upstream.state.breaker, "closed");
    await assert.rejects(upstream.send(call("look"), contextOf(), LIMITS), {
      code: -32000,
      status: 503,
      message: "The upstream `numbers` cannot be reached (ECONNREFUSED).",
    });
  }
  assert.deepEqual(changes, ["closed open"]);
  await assert.rejects(upstream.send(call("look"), contextOf(), LIMITS), {
    code: -32000,
    status: 503,
    message: "The upstream `numbers` does not answer at present.",
  });
  await server.again();
  while (changes.at(-1) !== "half-open closed") await clock.advance(500);
  assert.equal(upstream.state.breaker, "closed");
  await upstream.send(call("look"), contextOf(), LIMITS);
  assert.deepEqual(changes.slice(0, 2), ["closed open", "open half-open"]);
});

test("GIVEN as many requests under way as an upstream may have WHEN another one comes THEN it is refused, and may be sent again", async (t) => {
  const held: (() => void)[] = [];
  const arrived = Promise.withResolvers<undefined>();
  const server = await startServer(
    t,
    faultyListener((response, id) => {
      held.push(() => {
        json(response, 200, { id, result: { resultType: "complete", content: [] } });
      });
      if (held.length === 2) arrived.resolve(undefined);
    }),
  );
  const upstream = openUpstream(t, server.url, { maxOngoingRequests: 2 });
  const calls = [1, 2].map(() => upstream.send(call("look"), contextOf(), LIMITS));
  await arrived.promise;
  await assert.rejects(upstream.send(call("look"), contextOf(), LIMITS), {
    code: -32000,
    status: 503,
  });
  for (const answer of held) answer();
  await Promise.all(calls);
});

test("GIVEN results of every kind WHEN they come back THEN not a field of them has changed", async (t) => {
  const result = {
    resultType: "input_required",
    inputRequests: {
      city: { method: "elicitation/create", params: { mode: "form", message: "?" } },
    },
    requestState: "b3BhcXVl=\u0000\u2028",
    extra: { deep: [1, null, "ü", {}] },
  };
  const server = await startServer(
    t,
    faultyListener((response, id) => {
      json(response, 200, { id, result });
    }),
  );
  const upstream = openUpstream(t, server.url);
  const request = {
    ...call("book", {}, { own: "field", progressToken: 1 }),
    parameterHeaders: { "mcp-param-x": "1" },
  };
  const sent = {
    ...request,
    params: {
      ...request.params,
      inputResponses: { city: { action: "accept" } },
      requestState: "s",
    },
  };
  const context = contextOf({
    clientCapabilities: { elicitation: {} },
    carrier: { traceparent: "00-1-2-01" },
    callerToken: "the caller's own",
  });
  assert.deepEqual(await upstream.send(sent, context, LIMITS), result);
  const received = server.requests.at(-1);
  assert.deepEqual(JSON.parse(received?.body ?? ""), {
    jsonrpc: "2.0",
    id: 2,
    method: "tools/call",
    params: {
      ...sent.params,
      _meta: {
        own: "field",
        traceparent: "00-1-2-01",
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
        "io.modelcontextprotocol/clientInfo": { name: "gateway", version: "1.0.0" },
      },
    },
  });
  assert.equal(received?.headers["mcp-param-x"], "1");
  assert.equal(received.headers["mcp-name"], "book");
  assert.equal(received.headers.authorization, undefined);
  for (const { headers, body } of server.requests)
    assert.doesNotMatch(JSON.stringify(headers) + body, /the caller's own/u);
});
