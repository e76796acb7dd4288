import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import { z } from "zod";
import type { Contents } from "../../../service/runtime/protocol/contents.ts";
import { readContents } from "../../../service/runtime/protocol/contents.ts";
import type { ResourceTemplate } from "../../../service/runtime/resource.ts";
import { defineTool, ToolError } from "../../../service/runtime/tool.ts";
import { modernHeaders, modernRequest } from "../running-host.ts";
import { startContentsEndpoint, type ContentsEndpoint } from "./contents-endpoint.ts";
import { messagesOf } from "./relay-endpoint.ts";

interface Answered {
  readonly status: number;
  readonly type: string | undefined;
  /** Only answers of the hot path say how long they are. */
  readonly isHot: boolean;
  readonly messages: readonly unknown[];
}

function open(
  { url }: ContentsEndpoint,
  [method, params]: Asked,
  era: "modern" | "legacy" = "modern",
  meta: Readonly<Record<string, unknown>> = {},
): ClientRequest {
  const name = params["name"] ?? params["uri"];
  const outgoing = request(url, {
    method: "POST",
    headers:
      era === "modern"
        ? { ...modernHeaders(method), ...(typeof name === "string" ? { "Mcp-Name": name } : {}) }
        : { ...modernHeaders(method), "MCP-Protocol-Version": "2025-06-18" },
    agent: false,
  });
  outgoing.on("error", () => undefined);
  const message =
    era === "modern"
      ? modernRequest(method, params, meta)
      : { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: meta } };
  outgoing.end(JSON.stringify(message));
  return outgoing;
}

type Asked = readonly [method: string, params: Record<string, unknown>];

async function ask(...given: Parameters<typeof open>): Promise<Answered> {
  const [response] = (await once(open(...given), "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  const { headers } = response;
  return {
    status: response.statusCode ?? 0,
    type: headers["content-type"],
    isHot: headers["content-length"] !== undefined,
    messages: messagesOf({ headers, body }),
  };
}

const call = (name: string, given?: unknown): Asked => ["tools/call", { name, arguments: given }];

const COMMON: readonly Asked[] = [
  call("add", { a: 1, b: 2 }),
  call("add", { a: "wrong" }),
  call("add-later", { a: 1 }),
  call("text"),
  call("blocks", { kind: "image" }),
  call("refuses", { later: true }),
  call("breaks"),
  call("looks-up", { id: "here" }),
  call("reads"),
  ["prompts/get", { name: "review", arguments: { language: "go" } }],
  ["resources/read", { uri: "docs://guide" }],
  ["resources/read", { uri: "pages://text/1" }],
  [
    "completion/complete",
    { ref: { type: "ref/prompt", name: "review" }, argument: { name: "language", value: "t" } },
  ],
  ["tools/list", {}],
  ["resources/list", {}],
  ["resources/templates/list", {}],
  ["prompts/list", {}],
];

for (const era of ["modern", "legacy"] as const) {
  test(`GIVEN an author's server WHEN a ${era} client sends what is common THEN the SDK is asked for none of it`, async (context) => {
    const endpoint = await startContentsEndpoint(context, { hotPath: true });
    const asked: readonly Asked[] =
      era === "modern" ? [...COMMON, ["server/discover", {}]] : COMMON;
    for (const each of asked) {
      const { isHot, status, type } = await ask(endpoint, each, era);
      assert.deepEqual(
        { isHot, status, type },
        { isHot: true, status: 200, type: "application/json" },
        JSON.stringify(each),
      );
    }
  });
}

test("GIVEN a tool that tells how far it is WHEN a client listens THEN the answer is a stream, else JSON", async (context) => {
  const endpoint = await startContentsEndpoint(context, { hotPath: true });
  const silent = await ask(endpoint, call("talks"));
  const told = await ask(endpoint, call("talks"), "modern", { progressToken: 7 });
  assert.deepEqual([silent.type, silent.messages.length], ["application/json", 1]);
  assert.deepEqual(
    [told.type, told.messages[0]],
    [
      "text/event-stream",
      {
        jsonrpc: "2.0",
        method: "notifications/progress",
        params: { progressToken: 7, progress: 1 },
      },
    ],
  );
});

/** Tools that wait for what the test does. */
function waiting(): {
  readonly contents: Contents;
  readonly begun: Promise<AbortSignal>;
  readonly finish: () => void;
} {
  const begun = Promise.withResolvers<AbortSignal>();
  const work = Promise.withResolvers<string>();
  const contents = readContents({
    tools: [
      defineTool({
        name: "deaf",
        description: "Goes on until the test says otherwise.",
        run: (_input, { signal }) => {
          begun.resolve(signal);
          return work.promise;
        },
      }),
      defineTool({
        name: "obedient",
        description: "Ends when it has to.",
        run: (_input, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              reject(new Error("secret"));
            });
          }),
      }),
      defineTool({ name: "quick", description: "Is quick.", run: () => "quick" }),
    ],
  });
  return {
    contents,
    begun: begun.promise,
    finish: () => {
      work.resolve("done");
    },
  };
}

for (const hotPath of [true, false]) {
  describe(`GIVEN an author's server ${hotPath ? "on the hot path" : "behind the SDK"}`, () => {
    for (const name of ["deaf", "obedient"]) {
      test(`WHEN a ${name} tool takes too long THEN it is ended, and the client is told so`, async (context) => {
        const { contents } = waiting();
        const endpoint = await startContentsEndpoint(context, {
          hotPath,
          contents,
          callTimeoutSeconds: 0.05,
        });
        const { messages, isHot } = await ask(endpoint, call(name));
        const [message] = messages as [{ result: Record<string, unknown> }];
        assert.deepEqual(message.result["content"], [
          {
            type: "text",
            text: `The tool \`${name}\` took longer than 0.05 seconds and was ended.`,
          },
        ]);
        assert.deepEqual([message.result["isError"], isHot], [true, hotPath]);
        assert.deepEqual(
          endpoint.calls.map(({ end: { outcome, error } }) => [outcome, error]),
          [["timeout", undefined]],
        );
      });
    }

    test("WHEN a tool takes too long THEN its signal says why", async (context) => {
      const { contents, begun } = waiting();
      const endpoint = await startContentsEndpoint(context, {
        hotPath,
        contents,
        callTimeoutSeconds: 0.05,
      });
      await ask(endpoint, call("deaf"));
      const signal = await begun;
      assert.deepEqual([signal.aborted, (signal.reason as Error).name], [true, "DeadlineExceeded"]);
    });

    test("WHEN the client leaves a tool that is deaf THEN its signal aborts, and it keeps its room until it is done", async (context) => {
      const { contents, begun, finish } = waiting();
      const endpoint = await startContentsEndpoint(context, {
        hotPath,
        contents,
        maxOngoingRequests: 1,
      });
      const leaving = open(endpoint, call("deaf"));
      const signal = await begun;
      leaving.destroy();
      await endpoint.ended(1);
      if (!signal.aborted) await once(signal, "abort");
      assert.equal(endpoint.calls[0]?.end.outcome, "cancelled");
      assert.equal((await ask(endpoint, call("quick"))).status, 503);
      finish();
      while ((await ask(endpoint, call("quick"))).status === 503);
    });

    test("WHEN templates list what they find THEN each is asked each time, unless the caller may not read it", async (context) => {
      let found = 0;
      const template = (
        name: string,
        list: NonNullable<ResourceTemplate["list"]>,
        more: Partial<ResourceTemplate> = {},
      ): ResourceTemplate => ({
        name,
        uriTemplate: `${name}://{page}`,
        title: name,
        mimeType: "text/plain",
        list,
        read: () => "",
        ...more,
      });
      const endpoint = await startContentsEndpoint(context, {
        hotPath,
        contents: readContents({
          resources: [{ name: "guide", uri: "docs://guide", read: () => "" }],
          resourceTemplates: [
            template("later", () => Promise.resolve([{ uri: "later://1", name: "1", title: "A" }])),
            template("now", () => [{ uri: `now://${++found}`, name: "2", extra: 1 }]),
            template("none", () => undefined as never),
            template("secret", () => [{ uri: "secret://1", name: "1" }], { scopes: ["write"] }),
          ],
        }),
      });
      for (const round of [1, 2]) {
        const { messages, isHot } = await ask(endpoint, ["resources/list", {}]);
        const [message] = messages as [{ result: Record<string, unknown> }];
        assert.deepEqual(message.result, {
          resources: [
            { uri: "docs://guide", name: "guide" },
            { title: "A", mimeType: "text/plain", uri: "later://1", name: "1" },
            { title: "now", mimeType: "text/plain", uri: `now://${round}`, name: "2", extra: 1 },
          ],
          ttlMs: 60_000,
          cacheScope: "private",
          resultType: "complete",
          _meta: {
            "io.modelcontextprotocol/serverInfo": {
              name: "author",
              title: "Author",
              version: "1.2.3",
            },
          },
        });
        assert.equal(isHot, hotPath);
      }
    });

    for (const [outcome, code, list] of [
      ["internal_error", -32_603, () => [{ uri: "a://1", name: 5n }] as never],
      ["tool_error", -32_602, () => Promise.reject(new ToolError("Not today."))],
      ["timeout", -32_603, () => new Promise<never>(() => undefined)],
    ] as const) {
      test(`WHEN the list of a template ends with ${outcome} THEN so does the whole list`, async (context) => {
        const endpoint = await startContentsEndpoint(context, {
          hotPath,
          callTimeoutSeconds: 0.05,
          contents: readContents({
            resourceTemplates: [{ name: "a", uriTemplate: "a://{page}", list, read: () => "" }],
          }),
        });
        const { messages } = await ask(endpoint, ["resources/list", {}], "legacy");
        const [message] = messages as [{ error: { code: number; message: string } }];
        assert.equal(message.error.code, code);
        assert.deepEqual(
          endpoint.calls.map(({ end }) => [end.outcome, end.errorCode]),
          [[outcome, code]],
        );
      });
    }

    test("WHEN there are so many tools that their list is kept encoded THEN all of them are in it", async (context) => {
      const tools = Array.from({ length: 300 }, (_, count) =>
        defineTool({
          name: `tool-${String(count).padStart(3, "0")}`,
          description: "Größe. ".repeat(20),
          input: z.object({ a: z.string().optional() }),
          run: () => String(count),
        }),
      );
      const endpoint = await startContentsEndpoint(context, {
        hotPath,
        contents: readContents({ tools }),
      });
      for (const era of ["modern", "legacy"] as const) {
        const { messages } = await ask(endpoint, ["tools/list", {}], era);
        const [message] = messages as [{ id: 1; result: { tools: readonly { name: string }[] } }];
        assert.deepEqual(
          message.result.tools.map(({ name }) => name),
          tools.map(({ name }) => name),
        );
      }
      const [last] = (await ask(endpoint, call("tool-299"))).messages as [
        { result: { content: unknown } },
      ];
      assert.deepEqual(last.result.content, [{ type: "text", text: "299" }]);
    });

    test("WHEN other tools take the place of those before THEN they are listed and called", async (context) => {
      const one = readContents({
        tools: [defineTool({ name: "one", description: "One.", run: () => "1" })],
      });
      const two = readContents({
        tools: [defineTool({ name: "two", description: "Two.", run: () => "2" })],
      });
      let now = one;
      const endpoint = await startContentsEndpoint(context, { hotPath, contents: () => now });
      const names = async (): Promise<readonly string[]> => {
        const { messages } = await ask(endpoint, ["tools/list", {}]);
        const [message] = messages as [{ result: { tools: readonly { name: string }[] } }];
        return message.result.tools.map(({ name }) => name);
      };
      assert.deepEqual(await names(), ["one"]);
      now = two;
      assert.deepEqual(await names(), ["two"]);
      const [gone] = (await ask(endpoint, call("one"))).messages as [{ error?: { code: number } }];
      assert.equal(gone.error?.code, -32_602);
    });
  });
}

test("GIVEN state that the SDK's way sealed WHEN the hot path gets it, and the other way round THEN the call goes on", async (context) => {
  const ways = [
    await startContentsEndpoint(context, { hotPath: true }),
    await startContentsEndpoint(context, { hotPath: false }),
  ] as const;
  const params = { name: "asks", arguments: { kind: "form" } };
  const capable = { "io.modelcontextprotocol/clientCapabilities": { elicitation: {} } };
  for (const [first, second] of [ways, ways.toReversed()] as [
    ContentsEndpoint,
    ContentsEndpoint,
  ][]) {
    const asked = await ask(first, ["tools/call", params], "modern", capable);
    const [{ result }] = asked.messages as [{ result: { requestState: string } }];
    const { requestState } = result;
    const told = await ask(second, ["tools/call", { ...params, requestState }]);
    const [answer] = told.messages as [{ result: { content: unknown } }];
    assert.deepEqual(answer.result.content, [
      { type: "text", text: '{"state":{"round":1},"name":{"kind":"missing"}}' },
    ]);
    const other = await ask(second, ["tools/call", { ...params, arguments: {}, requestState }]);
    const [refused] = other.messages as [{ error: unknown }];
    assert.deepEqual(refused.error, {
      code: -32_602,
      message: "Invalid or expired requestState",
      data: { reason: "invalid_request_state" },
    });
  }
});
