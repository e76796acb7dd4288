import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { words } from "../../../../../service/servers/gateway/search/words.ts";
import type { JsonObject } from "../../../../../service/runtime/relay.ts";
import { call, caller, listing, relayContext, tool } from "../fake-upstream.ts";
import { startGateway, url, type RunningGateway } from "../running-gateway.ts";
import { largeCatalogue } from "./large-catalogue.ts";

function start(
  tools: ReadonlyMap<string, readonly JsonObject[]>,
  environment: Record<string, string> = {},
  given: Record<string, unknown> = {},
): Promise<RunningGateway> {
  return startGateway({
    upstreams: Object.fromEntries([...tools.keys()].map((name) => [name, { url, ...given }])),
    prepare: (upstream) => {
      upstream.answerList = () =>
        Promise.resolve(listing({ tools: tools.get(upstream.name) ?? [] }));
    },
    environment: { GATEWAY_SEARCH: "true", ...environment },
  });
}

async function find(
  { relay }: RunningGateway,
  given: Record<string, unknown>,
  who = caller("alice"),
): Promise<readonly string[]> {
  const result = await relay.send(
    call("search_tools", { arguments: given }),
    relayContext({ caller: who }),
  );
  const { tools } = result["structuredContent"] as { tools: readonly JsonObject[] };
  return tools.map(({ name }) => String(name));
}

describe("GIVEN about five hundred tools of twenty upstreams", () => {
  const { tools, published, generated } = largeCatalogue();

  for (const [kind, questions] of [
    ["published", published],
    ["generated", generated],
  ] as const)
    test(`WHEN somebody asks for the ${kind} ones in words of their own THEN nine of ten are among the first five`, async (context) => {
      const gateway = await start(tools);
      const missed: string[] = [];
      for (const { question, tool: wanted } of questions)
        if (!(await find(gateway, { query: question })).includes(wanted))
          missed.push(`${question} (${wanted})`);
      const recall = 1 - missed.length / questions.length;
      context.diagnostic(
        `recall@5 over ${questions.length} questions: ${recall.toFixed(3)}; missed: ${missed.join("; ")}`,
      );
      assert.ok(recall >= 0.9, `${recall} ${missed.join("; ")}`);
      await gateway.stop();
    });

  test("WHEN they are listed THEN the list is less than a fiftieth of all of them, and a search with its answer less than a tenth", async (context) => {
    const all = await start(tools, { GATEWAY_SEARCH: "false" });
    const few = await start(tools);
    const size = (value: unknown): number => JSON.stringify(value).length;
    const listed = all.relay.offers(undefined).tools;
    assert.ok(listed.length >= 450 && listed.length <= 550, String(listed.length));
    const shown = few.relay.offers(undefined).tools;
    const { content } = await few.relay.send(
      call("search_tools", { arguments: { query: "merge the pull request" } }),
      relayContext(),
    );
    const [before, list, answer] = [size(listed), size(shown), size(content)];
    // About four characters are a token of a model.
    context.diagnostic(
      `${listed.length} tools: ${before} characters, about ${Math.round(before / 4)} tokens; with search ${list}, about ${Math.round(list / 4)} tokens, and ${answer}, about ${Math.round(answer / 4)} tokens, for each search`,
    );
    assert.ok(list * 50 < before, `${list} ${before}`);
    assert.ok((list + answer) * 10 < before, `${list} ${answer} ${before}`);
    await all.stop();
    await few.stop();
  });
});

describe("GIVEN a gateway with search", () => {
  const tools = new Map([
    ["a", [tool("get_weather", "The weather of a city."), tool("drop_table", "Drops a table.")]],
    ["b", [tool("send_mail", "Sends a mail to somebody.")]],
  ]);

  test("WHEN it lists THEN there are the two, in a fixed order, and what is pinned", async () => {
    const gateway = await start(tools, { GATEWAY_PINNED_TOOLS: "b__*" });
    assert.deepEqual(gateway.toolNames(), ["call_tool", "search_tools", "b__send_mail"]);
    assert.match(gateway.relay.offers(undefined).instructions ?? "", /`search_tools`/u);
    await gateway.stop();
  });

  test("WHEN a tool is called by `call_tool` THEN its upstream gets the call as if it had come by its name, and a retry with an answer goes there again", async () => {
    const gateway = await start(tools);
    const given = {
      ...call("call_tool", {
        arguments: { name: "a__get_weather", arguments: { city: "Bern" } },
        requestState: "opaque",
        inputResponses: { x: 1 },
        _meta: { progressToken: 1 },
      }),
      parameterHeaders: { "mcp-param-name": "of the call itself" },
    };
    await gateway.relay.send(given, relayContext());
    assert.deepEqual(gateway.upstream("a").sent[0]?.request, {
      method: "tools/call",
      params: {
        name: "get_weather",
        arguments: { city: "Bern" },
        requestState: "opaque",
        inputResponses: { x: 1 },
        _meta: { progressToken: 1 },
      },
      parameterHeaders: {},
    });
    await gateway.stop();
  });

  test("WHEN rules keep a caller from a tool THEN it finds it as little as it can call it", async () => {
    const gateway = await start(tools, {}, { rules: [{ tools: ["*drop*"], scopes: ["admin"] }] });
    assert.deepEqual(await find(gateway, { query: "drop a table" }), []);
    const admin = caller("root", { scopes: ["admin"] });
    assert.deepEqual(await find(gateway, { query: "drop a table" }, admin), ["a__drop_table"]);
    const request = call("call_tool", { arguments: { name: "a__drop_table" } });
    await assert.rejects(gateway.relay.send(request, relayContext({ caller: caller("x") })), {
      code: -32602,
      message: "There is no tool `a__drop_table`.",
    });
    await gateway.relay.send(request, relayContext({ caller: admin }));
    await gateway.stop();
  });

  test("WHEN more or fewer are asked for THEN that many come, each with what it takes to call it", async () => {
    const gateway = await start(tools);
    assert.equal((await find(gateway, { query: "weather city mail table", limit: 1 })).length, 1);
    assert.equal((await find(gateway, { query: "weather city mail table", limit: 20 })).length, 3);
    const { structuredContent, content } = await gateway.relay.send(
      call("search_tools", { arguments: { query: "weather" } }),
      relayContext(),
    );
    assert.deepEqual(structuredContent, {
      tools: [
        {
          name: "a__get_weather",
          description: "The weather of a city.",
          inputSchema: { type: "object" },
        },
      ],
    });
    assert.deepEqual(content, [{ type: "text", text: JSON.stringify(structuredContent) }]);
    await gateway.stop();
  });

  test("WHEN an upstream has tools of these names THEN the gateway does not start", async () => {
    await assert.rejects(
      start(new Map([["a", [tool("search_tools")]]]), {}, { prefix: false }),
      /The tool `search_tools` would stand for `search_tools` of `the gateway itself` and `search_tools` of `a`/u,
    );
  });

  const refused: [tool: string, given: unknown][] = [
    ["search_tools", {}],
    ["search_tools", { query: 7 }],
    ["search_tools", { query: "x", limit: 21 }],
    ["search_tools", "x"],
    ["call_tool", { arguments: {} }],
    ["call_tool", { name: "a__get_weather", arguments: [] }],
  ];
  for (const [name, given] of refused)
    test(`WHEN \`${name}\` gets ${JSON.stringify(given)} THEN the client is told what is wrong`, async () => {
      const gateway = await start(tools);
      await assert.rejects(
        gateway.relay.send(call(name, { arguments: given }), relayContext()),
        (error) =>
          error instanceof Error &&
          "code" in error &&
          error.code === -32602 &&
          error.message.startsWith(`The arguments of \`${name}\` are not what it takes.`),
      );
      await gateway.stop();
    });
});

test("GIVEN texts WHEN they are taken apart THEN parts of names and other endings are the same words", () => {
  assert.deepEqual(words("getAlerts"), words("get_alert"));
  assert.deepEqual(words("searching repositories"), words("search repository"));
  assert.deepEqual(words("merged"), words("merge"));
  assert.deepEqual(words("planning"), words("plans"));
  assert.notDeepEqual(words("class"), words("cla"));
});
