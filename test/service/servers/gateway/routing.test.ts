import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RelayError, type RelayRequest } from "../../../../service/runtime/relay.ts";
import { call, caller, listing, relayContext, tool, type FakeUpstream } from "./fake-upstream.ts";
import { startGateway, url, type RunningGateway } from "./running-gateway.ts";

const LONG = "a_name_that_is_too_long_for_hosts_".repeat(3);

function prepare(upstream: FakeUpstream): void {
  const { name } = upstream;
  upstream.answerList = () =>
    Promise.resolve(
      listing({
        tools: [tool("get"), tool("put"), tool(LONG)],
        prompts: [{ name: "greet" }],
        resources: [{ name: "note", uri: `note://${name}/1` }],
        resourceTemplates: [
          { name: "any", uriTemplate: `note://${name}/{id}` },
          ...(name === "a" ? [{ name: "special", uriTemplate: "note://{who}/special/{id}" }] : []),
          ...(name === "b" ? [{ name: "b special", uriTemplate: "note://b/special/{id}" }] : []),
        ],
        completions: true,
        instructions: `About ${name}.`,
      }),
    );
}

function start(given: Record<string, unknown> = {}): Promise<RunningGateway> {
  return startGateway({ upstreams: { a: { url, ...given }, b: { url } }, prepare });
}

function request(method: RelayRequest["method"], params: RelayRequest["params"]): RelayRequest {
  return { method, params, parameterHeaders: {} };
}

describe("GIVEN a call", () => {
  test("WHEN it is sent THEN its upstream gets its own name and everything else as it was, and the result comes back as it is", async () => {
    const gateway = await start();
    const result = {
      resultType: "input_required",
      requestState: "opaque",
      inputRequests: { q: 1 },
    };
    gateway.upstream("b").answer = () => Promise.resolve(result);
    const params = {
      name: "b__get",
      arguments: { x: [1, { y: null }] },
      requestState: "opaque-before",
      inputResponses: { q: { action: "accept" } },
      _meta: { progressToken: 7, other: true },
    };
    const progress = (): void => undefined;
    const context = relayContext({ progress, carrier: { traceparent: "00-1" } });
    const given = {
      ...request("tools/call", params),
      parameterHeaders: { "mcp-param-x": "1" },
    };
    assert.equal(await gateway.relay.send(given, context), result);
    const [sent] = gateway.upstream("b").sent;
    assert.deepEqual(sent?.request, { ...given, params: { ...params, name: "get" } });
    assert.deepEqual(sent.context, context);
    assert.equal(sent.context.progress, progress);
    assert.deepEqual(gateway.upstream("a").sent, []);
    await gateway.stop();
  });

  test("WHEN a name was shortened THEN the short one leads to the whole one", async () => {
    const gateway = await start();
    const name = gateway.toolNames().find((each) => each.startsWith("a__") && each.length === 64);
    await gateway.relay.send(call(name), relayContext());
    assert.equal(gateway.upstream("a").sent[0]?.request.params["name"], LONG);
    await gateway.stop();
  });

  test("WHEN the configuration has limits for tools THEN each call has its own; everything that is no tool may be repeated", async () => {
    const gateway = await start({
      timeoutSeconds: 20,
      toolTimeouts: { put: 300 },
      idempotentTools: ["g*"],
    });
    for (const given of [
      call("a__get"),
      call("a__put"),
      request("prompts/get", { name: "a__greet" }),
      request("resources/read", { uri: "note://a/1" }),
      request("completion/complete", { ref: { type: "ref/prompt", name: "a__greet" } }),
    ])
      await gateway.relay.send(given, relayContext());
    assert.deepEqual(
      gateway.upstream("a").sent.map(({ limits }) => limits),
      [
        { timeoutMilliseconds: 20_000, repeatable: true },
        { timeoutMilliseconds: 300_000, repeatable: false },
        { timeoutMilliseconds: 20_000, repeatable: true },
        { timeoutMilliseconds: 20_000, repeatable: true },
        { timeoutMilliseconds: 20_000, repeatable: true },
      ],
    );
    await gateway.stop();
  });

  const unknown: [given: RelayRequest, message: string, data?: unknown][] = [
    [call("get"), "There is no tool `get`."],
    [call("a__nothing"), "There is no tool `a__nothing`."],
    [call("constructor"), "There is no tool `constructor`."],
    [call("a__greet"), "There is no tool `a__greet`."],
    [call(7), "The tool has no name."],
    [request("prompts/get", { name: "greet" }), "There is no prompt `greet`."],
    [
      request("resources/read", { uri: "note://c/1" }),
      "There is no resource `note://c/1`.",
      { uri: "note://c/1" },
    ],
    [request("resources/read", {}), "The resource has no URI."],
    [
      request("completion/complete", { ref: { type: "ref/prompt", name: "greet" } }),
      "There is no prompt `greet`.",
    ],
    [
      request("completion/complete", { ref: { type: "ref/resource", uri: "x://{y}" } }),
      "There is no resource template `x://{y}`.",
    ],
    [request("completion/complete", { ref: null }), "The resource template has no name."],
  ];
  for (const [given, message, data] of unknown)
    test(`WHEN it is ${given.method} with ${JSON.stringify(given.params)} THEN nobody is asked and the client is told: ${message}`, async () => {
      const gateway = await start();
      await assert.rejects(gateway.relay.send(given, relayContext()), (error) => {
        assert.ok(error instanceof RelayError);
        const { code, outcome, status } = error;
        assert.deepEqual(
          { code, message: error.message, data: error.data, outcome, status },
          { code: -32602, message, data, outcome: "protocol_error", status: 200 },
        );
        return true;
      });
      assert.ok(gateway.made.every(({ sent }) => sent.length === 0));
      await gateway.stop();
    });
});

describe("GIVEN resources of two upstreams", () => {
  const owners: [uri: string, owner: string][] = [
    ["note://a/1", "a"],
    ["note://b/1", "b"],
    ["note://b/77", "b"],
    // Both have a template for it: the one that says more of it itself has it.
    ["note://b/special/2", "b"],
    ["note://x/special/2", "a"],
  ];
  for (const [uri, owner] of owners)
    test(`WHEN \`${uri}\` is read THEN \`${owner}\` is asked, by the same address`, async () => {
      const gateway = await start();
      await gateway.relay.send(request("resources/read", { uri }), relayContext());
      assert.deepEqual(
        gateway.made.map(({ sent }) => sent.map((each) => each.request.params["uri"])),
        gateway.made.map(({ name }) => (name === owner ? [uri] : [])),
      );
      await gateway.stop();
    });

  test("WHEN a template or a prompt is completed THEN its upstream is asked, by its own name", async () => {
    const gateway = await start();
    const argument = { name: "id", value: "1" };
    for (const ref of [
      { type: "ref/resource", uri: "note://b/{id}" },
      { type: "ref/prompt", name: "b__greet", title: "Greet" },
    ])
      await gateway.relay.send(request("completion/complete", { ref, argument }), relayContext());
    assert.deepEqual(
      gateway.upstream("b").sent.map(({ request: { params } }) => params),
      [
        { ref: { type: "ref/resource", uri: "note://b/{id}" }, argument },
        { ref: { type: "ref/prompt", name: "greet", title: "Greet" }, argument },
      ],
    );
    await gateway.stop();
  });

  test("WHEN clients want to know of changes THEN each upstream hears of its own, and tells what all clients are told", async () => {
    const gateway = await start();
    gateway.told();
    gateway.relay.watchResources?.(new Set(["note://a/1", "note://b/5", "note://c/1"]));
    assert.deepEqual(gateway.upstream("a").watched, [["note://a/1"]]);
    assert.deepEqual(gateway.upstream("b").watched, [["note://b/5"]]);
    gateway.upstream("b").change({ kind: "resource", uri: "note://b/5" });
    assert.deepEqual(gateway.told(), ["note://b/5"]);
    gateway.relay.watchResources?.(new Set(["note://b/5"]));
    assert.deepEqual(gateway.upstream("a").watched, [["note://a/1"], []]);
    assert.equal(gateway.upstream("b").watched.length, 1);
    await gateway.source.write({ b: { url: "http://elsewhere.test/mcp" } });
    assert.deepEqual(gateway.upstream("b").watched, [["note://b/5"]]);
    assert.equal(gateway.made.length, 3);
    await gateway.stop();
  });
});

describe("GIVEN an upstream that fails", () => {
  test("WHEN its client says why THEN the client of the gateway is told, and whose failure it is", async () => {
    const gateway = await start();
    gateway.upstream("a").answer = () =>
      Promise.reject(
        new RelayError("The upstream `a` refused the connection.", {
          code: -32000,
          data: { retryable: true },
          outcome: "internal_error",
          status: 503,
        }),
      );
    await assert.rejects(gateway.relay.send(call("a__get"), relayContext()), {
      message: "The upstream `a` refused the connection.",
      code: -32000,
      status: 503,
      data: { upstream: "a", retryable: true },
    });
    await gateway.stop();
  });

  test("WHEN its calls fail all the time THEN its list is asked for to see whether it is gone, and not with every call", async () => {
    const gateway = await start();
    const upstream = gateway.upstream("a");
    const down = new RelayError("Down.", {
      code: -32000,
      data: { retryable: true },
      outcome: "internal_error",
      status: 503,
    });
    upstream.answer = () => Promise.reject(down);
    upstream.answerList = () => Promise.reject(down);
    await gateway.clock.advance(5000);
    for (let count = 0; count < 50; count += 1)
      await assert.rejects(gateway.relay.send(call("a__get"), relayContext()));
    assert.equal(upstream.lists, 2);
    await gateway.clock.advance(60_000);
    assert.deepEqual(
      gateway.toolNames().filter((name) => name.startsWith("a__")),
      [],
    );
    await gateway.stop();
  });

  test("WHEN it answers with an error of its own THEN that comes back as it is", async () => {
    const gateway = await start();
    const own = new RelayError("No such city.", {
      code: -32602,
      data: { city: "x" },
      outcome: "protocol_error",
    });
    gateway.upstream("a").answer = () => Promise.reject(own);
    await assert.rejects(
      gateway.relay.send(call("a__get"), relayContext()),
      (error) => error === own,
    );
    await gateway.stop();
  });

  test("WHEN its client breaks THEN nothing of that reaches the client of the gateway but whose failure it is", async () => {
    const gateway = await start();
    gateway.upstream("a").answer = () => Promise.reject(new TypeError("secret detail"));
    await assert.rejects(gateway.relay.send(call("a__get"), relayContext()), (error) => {
      assert.ok(error instanceof RelayError);
      assert.doesNotMatch(error.message, /secret/u);
      assert.equal(error.code, -32603);
      assert.deepEqual(error.data, { upstream: "a", retryable: false });
      return true;
    });
    await gateway.stop();
  });
});

test("GIVEN instructions of upstreams WHEN a caller may use nothing of one THEN it does not read about that one", async () => {
  const gateway = await startGateway({
    upstreams: { a: { url, rules: [{ tools: ["*"], scopes: ["admin"] }] }, b: { url } },
    prepare: (upstream) => {
      upstream.answerList = () =>
        Promise.resolve(
          listing({ tools: [tool("get")], instructions: `How to use ${upstream.name}.` }),
        );
    },
  });
  const about = (who: string): string =>
    `About everything whose name begins with \`${who}__\`:\nHow to use ${who}.`;
  assert.equal(gateway.relay.offers(caller("x")).instructions, about("b"));
  assert.equal(
    gateway.relay.offers(caller("x", { scopes: ["admin"] })).instructions,
    `${about("a")}\n\n${about("b")}`,
  );
  await gateway.stop();
});
