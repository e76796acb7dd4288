import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { z } from "zod";
import { inputRequest, requireInput } from "../../../service/runtime/input-required.ts";
import { definePrompt } from "../../../service/runtime/prompt.ts";
import { ResourceNotFound } from "../../../service/runtime/resource.ts";
import type { ServerDefinition, StartContext } from "../../../service/runtime/server.ts";
import { defineTool, ToolError } from "../../../service/runtime/tool.ts";
import { messagesOf } from "../hot-path/relay-endpoint.ts";
import {
  call,
  modernHeaders,
  modernRequest,
  post,
  resultOf,
  send,
  startTestHost,
  type Reply,
  type Started,
} from "../running-host.ts";

const CONFIRMATION = z.object({ sure: z.boolean() });

const DEFINITION: Partial<ServerDefinition> = {
  tools: [
    defineTool({
      name: "deploy",
      description: "Deploys, once somebody is sure.",
      input: z.object({ to: z.string() }),
      output: z.object({ deployed: z.string(), asked: z.number() }),
      run: ({ to }, { answers, state }) => {
        const { asked } = z.object({ asked: z.number() }).catch({ asked: 0 }).parse(state);
        if (answers.accepted("confirmation", CONFIRMATION)?.sure === true) {
          return { deployed: to, asked };
        }
        return requireInput(
          {
            confirmation: inputRequest.form({
              message: `Deploy to ${to}?`,
              requestedSchema: CONFIRMATION,
            }),
          },
          { asked: asked + 1 },
        );
      },
    }),
    defineTool({
      name: "chat",
      description: "Tells what it does.",
      run: async (_input, { progress, logToClient }) => {
        await progress({ progress: 1, total: 2, message: "Half." });
        await logToClient("info", "Halfway.");
        return "Done.";
      },
    }),
  ],
  resources: [
    { name: "guide", uri: "docs://guide", description: "The guide.", read: () => "Read me." },
    {
      name: "logo",
      uri: "docs://logo",
      mimeType: "image/png",
      cache: { ttlMs: 5000, cacheScope: "public" },
      read: () => Uint8Array.of(1, 2, 3),
    },
    {
      name: "broken",
      uri: "docs://broken",
      read: () => Promise.reject(new Error("password=hunter2")),
    },
  ],
  resourceTemplates: [
    {
      name: "page",
      uriTemplate: "docs://pages/{page}",
      complete: {
        page: (typed) => ["intro", "index", "end"].filter((each) => each.startsWith(typed)),
      },
      list: () => [{ uri: "docs://pages/intro", name: "intro" }],
      read: ({ page }) => {
        if (page !== "intro") throw new ResourceNotFound(`There is no page \`${String(page)}\`.`);
        return [{ content: "Page one." }, { uri: "docs://pages/intro#2", content: "Page two." }];
      },
    },
  ],
  prompts: [
    definePrompt({
      name: "review",
      arguments: z.object({ language: z.string(), tone: z.string().optional() }),
      complete: {
        language: (typed) => ["typescript", "python"].filter((each) => each.startsWith(typed)),
        tone: (_typed, { language }) => [language === "python" ? "warm" : "dry"],
      },
      render: ({ language, tone = "plain" }) => {
        if (language === "cobol") throw new ToolError("There is nobody left who reads `cobol`.");
        if (language === "crash") throw new Error("password=hunter2");
        return `Review this ${language}, in a ${tone} tone.`;
      },
    }),
  ],
};

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const errorOf = ({ body }: Reply): RpcError => (JSON.parse(body) as { error: RpcError }).error;

/** Sends a message of 2025-11-25, and gives the messages that answer it. */
async function legacy(
  started: Started,
  method: string,
  params: Record<string, unknown> = {},
): Promise<Record<string, unknown>[]> {
  const reply = await send(started, "/mcp", {
    method: "POST",
    headers: { ...modernHeaders(method), "MCP-Protocol-Version": "2025-11-25" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  assert.equal(reply.status, 200);
  return messagesOf(reply) as Record<string, unknown>[];
}

function messagesIn(stream: string): Record<string, unknown>[] {
  return stream
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice("data: ".length)) as Record<string, unknown>);
}

/** An answer that is read as it comes. */
interface Stream {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  /** Resolves with everything that has come, when a text is in it. */
  until(text: string): Promise<string>;
  /** Resolves with everything when there will be no more. */
  readonly ended: Promise<string>;
  /** Ends it, as a client does that goes away. */
  leave(): void;
}

async function open(
  started: Started,
  message: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Stream> {
  const outgoing = request({
    host: "127.0.0.1",
    port: started.host.address.port,
    path: "/mcp",
    method: "POST",
    headers: { ...modernHeaders(String(message["method"])), ...headers },
  });
  outgoing.end(JSON.stringify(message));
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  let read = "";
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => (read += chunk));
  const ended = once(response, "end").then(() => read);
  // Cut with its host, where a test does not wait for the end.
  ended.catch(() => undefined);
  return {
    status: response.statusCode,
    headers: response.headers,
    leave: () => outgoing.destroy(),
    until: async (text) => {
      while (!read.includes(text)) await once(response, "data");
      return read;
    },
    ended,
  };
}

describe("GIVEN resources, prompts and completion", () => {
  const start = (context: TestContext): Promise<Started> => startTestHost(context, DEFINITION);
  const read = async (started: Started, uri: string): Promise<Reply> =>
    post(started, modernRequest("resources/read", { uri }), { "Mcp-Name": uri });

  test("WHEN a client discovers and lists THEN everything is there, in order, with hints for caches", async (context) => {
    const started = await start(context);
    const ask = async (method: string): Promise<Record<string, unknown>> =>
      resultOf(await post(started, modernRequest(method)));
    const discovered = await ask("server/discover");
    assert.deepEqual(discovered["capabilities"], {
      logging: {},
      tools: { listChanged: false },
      resources: { listChanged: false, subscribe: false },
      prompts: { listChanged: false },
      completions: {},
    });
    const names = (list: unknown): unknown => (list as { name: string }[]).map(({ name }) => name);
    const lists = [
      ["tools/list", "tools", ["chat", "deploy"]],
      ["resources/list", "resources", ["broken", "guide", "logo", "intro"]],
      ["resources/templates/list", "resourceTemplates", ["page"]],
      ["prompts/list", "prompts", ["review"]],
    ] as const;
    for (const [method, key, expected] of lists) {
      const result = await ask(method);
      assert.deepEqual(names(result[key]), expected);
      assert.deepEqual([result["ttlMs"], result["cacheScope"]], [60_000, "private"]);
      const [message] = await legacy(started, method);
      assert.deepEqual(names((message?.["result"] as Record<string, unknown>)[key]), expected);
    }
  });

  test("WHEN resources are read THEN text, bytes and parts come with their types", async (context) => {
    const started = await start(context);
    assert.deepEqual(resultOf(await read(started, "docs://guide"))["contents"], [
      { uri: "docs://guide", mimeType: "text/plain", text: "Read me." },
    ]);
    const logo = resultOf(await read(started, "docs://logo"));
    assert.deepEqual(logo["contents"], [
      { uri: "docs://logo", mimeType: "image/png", blob: "AQID" },
    ]);
    assert.deepEqual([logo["ttlMs"], logo["cacheScope"]], [5000, "public"]);
    assert.deepEqual(resultOf(await read(started, "docs://pages/intro"))["contents"], [
      { uri: "docs://pages/intro", mimeType: "text/plain", text: "Page one." },
      { uri: "docs://pages/intro#2", mimeType: "text/plain", text: "Page two." },
    ]);
  });

  test("WHEN there is no such resource THEN -32602 names the address", async (context) => {
    const started = await start(context);
    for (const uri of ["docs://pages/other", "docs://nothing"]) {
      const { code, data } = errorOf(await read(started, uri));
      assert.deepEqual([code, data], [-32_602, { uri }]);
    }
  });

  test("WHEN an author's code breaks THEN the client hears that it did, and not why", async (context) => {
    const started = await start(context);
    const get = (language: string): Promise<Reply> =>
      post(started, modernRequest("prompts/get", { name: "review", arguments: { language } }), {
        "Mcp-Name": "review",
      });
    for (const reply of [await read(started, "docs://broken"), await get("crash")]) {
      assert.equal(errorOf(reply).code, -32_603);
      assert.match(errorOf(reply).message, /failed for a reason of its own/u);
      assert.doesNotMatch(reply.body, /hunter2/u);
    }
    assert.deepEqual(started.lines.filter(({ outcome }) => outcome === "internal_error").length, 2);
    assert.deepEqual(errorOf(await get("cobol")), {
      code: -32_602,
      message: "There is nobody left who reads `cobol`.",
    });
  });

  test("WHEN a prompt is rendered and completed THEN arguments count, those chosen so far included", async (context) => {
    const started = await start(context);
    const rendered = await post(
      started,
      modernRequest("prompts/get", { name: "review", arguments: { language: "python" } }),
      { "Mcp-Name": "review" },
    );
    assert.deepEqual(resultOf(rendered)["messages"], [
      { role: "user", content: { type: "text", text: "Review this python, in a plain tone." } },
    ]);
    const complete = async (params: Record<string, unknown>): Promise<unknown> =>
      resultOf(await post(started, modernRequest("completion/complete", params)))["completion"];
    const ref = { type: "ref/prompt", name: "review" };
    assert.deepEqual(await complete({ ref, argument: { name: "language", value: "py" } }), {
      values: ["python"],
      total: 1,
      hasMore: false,
    });
    assert.deepEqual(
      await complete({
        ref,
        argument: { name: "tone", value: "" },
        context: { arguments: { language: "python" } },
      }),
      { values: ["warm"], total: 1, hasMore: false },
    );
    assert.deepEqual(
      await complete({
        ref: { type: "ref/resource", uri: "docs://pages/{page}" },
        argument: { name: "page", value: "in" },
      }),
      { values: ["intro", "index"], total: 2, hasMore: false },
    );
    assert.deepEqual(await complete({ ref, argument: { name: "constructor", value: "" } }), {
      values: [],
      hasMore: false,
    });
  });
});

describe("GIVEN a tool that needs more input", () => {
  const KEY = "the-state-key-of-both-replicas-0123456789";
  const capable = { "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } } };

  const ask = (started: Started, to: string, round: Record<string, unknown> = {}): Promise<Reply> =>
    post(
      started,
      modernRequest("tools/call", { name: "deploy", arguments: { to }, ...round }, capable),
      { "Mcp-Name": "deploy" },
    );
  const answer = (first: Record<string, unknown>): Record<string, unknown> => ({
    requestState: first["requestState"],
    inputResponses: { confirmation: { action: "accept", content: { sure: true } } },
  });

  test("WHEN the answer reaches another replica with the same key THEN the call goes on there", async (context) => {
    const [one, other] = await Promise.all([
      startTestHost(context, DEFINITION, { MCP_STATE_KEY: KEY }),
      startTestHost(context, DEFINITION, { MCP_STATE_KEY: `${KEY}x,${KEY}` }),
    ]);
    const first = resultOf(await ask(one, "production"));
    assert.equal(first["resultType"], "input_required");
    const second = resultOf(await ask(other, "production", answer(first)));
    assert.deepEqual(second["structuredContent"], { deployed: "production", asked: 1 });
    const outcomes = [...one.lines, ...other.lines].map(({ outcome }) => outcome).filter(Boolean);
    assert.deepEqual(outcomes, ["input_required", "ok"]);
  });

  test("WHEN the state is another replica's, tampered with, or meant for other arguments THEN -32602", async (context) => {
    const [one, stranger] = await Promise.all([
      startTestHost(context, DEFINITION, { MCP_STATE_KEY: KEY }),
      startTestHost(context, DEFINITION),
    ]);
    const first = resultOf(await ask(one, "production"));
    const tampered = { ...first, requestState: `A${String(first["requestState"]).slice(1)}x` };
    for (const reply of [
      await ask(stranger, "production", answer(first)),
      await ask(one, "production", answer(tampered)),
      await ask(one, "somewhere else", answer(first)),
    ]) {
      assert.equal(errorOf(reply).code, -32_602);
      assert.equal(errorOf(reply).message, "Invalid or expired requestState");
    }
  });

  test("WHEN no key is given THEN the first state that is sealed says so in the log, once", async (context) => {
    const started = await startTestHost(context, DEFINITION);
    await ask(started, "production");
    await ask(started, "production");
    const warnings = started.lines.filter(({ level }) => level === "warn");
    assert.equal(warnings.length, 1);
    assert.match(String(warnings[0]?.["msg"]), /^`MCP_STATE_KEY` is not set/u);
  });

  test("WHEN the client did not say that it can ask THEN 400 and -32021", async (context) => {
    const started = await startTestHost(context, DEFINITION);
    const reply = await call(started, "deploy", { to: "production" });
    assert.deepEqual([reply.status, errorOf(reply).code], [400, -32_021]);
  });

  test("WHEN the client is of 2025 THEN the tool fails at once, with the reason", async (context) => {
    const [message] = await legacy(await startTestHost(context, DEFINITION), "tools/call", {
      name: "deploy",
      arguments: { to: "production" },
    });
    assert.deepEqual(message?.["result"], {
      content: [
        {
          type: "text",
          text: "The tool `deploy` has to ask you something first, which takes a client of protocol revision 2026-07-28 or later.",
        },
      ],
      isError: true,
    });
  });
});

describe("GIVEN calls that take their time", () => {
  /** A tool that ends when the test says so, or its call is aborted. */
  function waiting(): {
    definition: Partial<ServerDefinition>;
    entered: Promise<undefined>;
    finish: (value: undefined) => void;
    aborted: Promise<unknown>;
  } {
    const entered = Promise.withResolvers<undefined>();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const aborted = Promise.withResolvers<unknown>();
    const wait = defineTool({
      name: "wait",
      description: "Waits for the test.",
      run: async (_input, { signal }) => {
        signal.addEventListener("abort", () => {
          aborted.resolve(signal.reason);
        });
        entered.resolve(undefined);
        await promise;
        return "Done.";
      },
    });
    return {
      definition: { tools: [wait, ...(DEFINITION.tools ?? [])] },
      entered: entered.promise,
      finish: resolve,
      aborted: aborted.promise,
    };
  }
  const message = modernRequest("tools/call", { name: "wait", arguments: {} });
  const headers = { "Mcp-Name": "wait" };

  test("WHEN nothing happens for as long as connections stay open THEN comments keep this one, and the result comes", async (context) => {
    const { definition, finish } = waiting();
    const started = await startTestHost(context, definition, { STREAM_KEEP_ALIVE_SECONDS: "1" });
    const stream = await open(started, message, headers);
    assert.equal(stream.headers["content-type"], "text/event-stream");
    await stream.until(": keepalive\n\n: keepalive\n\n");
    finish(undefined);
    const [result] = messagesIn(await stream.ended);
    assert.equal(result?.["id"], 1);
  });

  test("WHEN the client leaves THEN the tool's signal aborts, and the call counts as cancelled", async (context) => {
    const { definition, entered, aborted } = waiting();
    const started = await startTestHost(context, definition);
    const outgoing = request({
      host: "127.0.0.1",
      port: started.host.address.port,
      path: "/mcp",
      method: "POST",
      headers: { ...modernHeaders("tools/call"), ...headers },
    });
    outgoing.on("error", () => undefined);
    outgoing.end(JSON.stringify(message));
    await entered;
    outgoing.destroy();
    await aborted;
    const line = started.lines.find(({ msg }) => msg === "call");
    assert.equal(line?.["outcome"], "cancelled");
  });

  test("WHEN a tool hangs THEN the call ends at its deadline, and the client is told", async (context) => {
    const { definition, aborted } = waiting();
    const started = await startTestHost(context, definition, { CALL_TIMEOUT_SECONDS: "1" });
    const result = resultOf(await call(started, "wait", {}));
    assert.equal(result["isError"], true);
    assert.deepEqual(result["content"], [
      { type: "text", text: "The tool `wait` took longer than 1 seconds and was ended." },
    ]);
    await aborted;
    assert.equal(started.lines.find(({ msg }) => msg === "call")?.["outcome"], "timeout");
  });

  test("WHEN there are more of them than the replica takes THEN 503 says when to come back, until one is done", async (context) => {
    const { definition, entered, finish } = waiting();
    const started = await startTestHost(context, definition, { MAX_ONGOING_REQUESTS: "1" });
    const first = call(started, "wait", {});
    await entered;
    const refused = await call(started, "chat", {});
    assert.deepEqual([refused.status, refused.headers["retry-after"]], [503, "1"]);
    assert.equal((await send(started, "/readyz")).status, 200);
    const unknown = await call(
      started,
      "chat",
      {},
      { Authorization: "Bearer not-the-token-at-all" },
    );
    assert.equal(unknown.status, 401);
    finish(undefined);
    assert.equal((await first).status, 200);
    assert.equal((await call(started, "chat", {})).status, 200);
    const line = started.lines.find(({ msg }) => msg === "request refused");
    assert.deepEqual(
      [line?.["status"], line?.["requestId"]],
      [503, refused.headers["x-request-id"]],
    );
  });

  test("WHEN a tool tells what it does THEN clients of both eras that asked hear it", async (context) => {
    const started = await startTestHost(context, DEFINITION);
    const meta = { progressToken: "p", "io.modelcontextprotocol/logLevel": "info" };
    const reply = await post(
      started,
      modernRequest("tools/call", { name: "chat", arguments: {} }, meta),
      { "Mcp-Name": "chat" },
    );
    const older = await legacy(started, "tools/call", {
      name: "chat",
      arguments: {},
      _meta: { progressToken: "p" },
    });
    for (const messages of [messagesIn(reply.body), older]) {
      assert.deepEqual(
        messages.map(({ method }) => method),
        ["notifications/progress", "notifications/message", undefined],
      );
    }
    const silent = await call(started, "chat", {});
    assert.equal(silent.headers["content-type"], "application/json");
  });

  test("WHEN the message and the headers name different traces THEN the message's counts in the log", async (context) => {
    const started = await startTestHost(context, DEFINITION);
    const traceparent = (digit: string): string => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
    await post(
      started,
      modernRequest(
        "tools/call",
        { name: "chat", arguments: {} },
        { traceparent: traceparent("a") },
      ),
      { "Mcp-Name": "chat", traceparent: traceparent("b") },
    );
    await call(started, "chat", {}, { traceparent: traceparent("c") });
    assert.deepEqual(
      started.lines.filter(({ msg }) => msg === "call").map(({ traceId }) => traceId),
      ["a".repeat(32), "c".repeat(32)],
    );
  });
});

describe("GIVEN clients that subscribe", () => {
  const listen = modernRequest("subscriptions/listen", {
    notifications: { toolsListChanged: true, resourceSubscriptions: ["docs://guide"] },
  });

  async function changing(
    context: TestContext,
    environment: Record<string, string> = {},
  ): Promise<Started & { changes: StartContext["changes"] }> {
    const given = Promise.withResolvers<StartContext["changes"]>();
    const started = await startTestHost(
      context,
      {
        ...DEFINITION,
        announcesChanges: true,
        start: ({ changes }) => {
          given.resolve(changes);
          return {};
        },
      },
      environment,
    );
    return { ...started, changes: await given.promise };
  }

  test("WHEN something changes THEN they hear what they asked for, and a drain ends their streams gracefully", async (context) => {
    const started = await changing(context);
    const stream = await open(started, listen);
    await stream.until("notifications/subscriptions/acknowledged");
    started.changes.promptsChanged();
    started.changes.resourceUpdated("docs://logo");
    started.changes.resourceUpdated("docs://guide");
    const [, ...heard] = messagesIn(await stream.until("notifications/resources/updated"));
    assert.deepEqual(heard, [
      {
        jsonrpc: "2.0",
        method: "notifications/resources/updated",
        params: { uri: "docs://guide", _meta: { "io.modelcontextprotocol/subscriptionId": 1 } },
      },
    ]);
    const drained = started.host.drain();
    const last = messagesIn(await stream.ended).at(-1);
    assert.equal((last?.["result"] as { resultType: string }).resultType, "complete");
    await drained;
  });

  test("WHEN the longest call would be over THEN a stream ends gracefully, since a balancer may be draining the replica", async (context) => {
    const started = await changing(context, { CALL_TIMEOUT_SECONDS: "1" });
    const messages = messagesIn(await (await open(started, listen)).ended);
    assert.equal(messages.length, 2);
    assert.equal((messages[1]?.["result"] as { resultType: string }).resultType, "complete");
  });

  test("WHEN more of them are open than calls are taken THEN calls go on", async (context) => {
    const started = await changing(context, { MAX_ONGOING_REQUESTS: "1" });
    for (let stream = 0; stream < 3; stream++) {
      await (await open(started, listen)).until("acknowledged");
    }
    assert.equal((await call(started, "chat", {})).status, 200);
  });

  test("WHEN there are as many as a replica takes THEN the next is refused for now, until one has ended", async (context) => {
    const started = await changing(context, { MAX_SUBSCRIPTIONS: "2" });
    const first = await open(started, listen);
    await first.until("acknowledged");
    await (await open(started, listen)).until("acknowledged");
    const refused = await post(started, listen);
    assert.deepEqual([refused.status, refused.headers["retry-after"]], [503, "1"]);
    assert.match(refused.body, /takes no more subscriptions/u);
    first.leave();
    while ((await open(started, listen)).status === 503);
  });

  test("WHEN the server announces nothing THEN the stream is acknowledged, and over", async (context) => {
    const started = await startTestHost(context, DEFINITION);
    const messages = messagesIn((await post(started, listen)).body);
    assert.deepEqual(
      messages.map(({ method }) => method),
      ["notifications/subscriptions/acknowledged", undefined],
    );
  });
});
