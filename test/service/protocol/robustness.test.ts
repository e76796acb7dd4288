import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { ContentBlock } from "@modelcontextprotocol/server";
import { z } from "zod";
import { definePrompt } from "../../../service/runtime/prompt.ts";
import type { ServerDefinition } from "../../../service/runtime/server.ts";
import { defineTool, type Tool } from "../../../service/runtime/tool.ts";
import { startIssuer } from "../auth/issuer.ts";
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

const SECRET = "password=hunter2";

/** A tool that gives what its types forbid. */
function giving(name: string, run: () => unknown): Tool {
  return defineTool({ name, description: "Breaks.", run: run as () => string });
}

const circular: Record<string, unknown> = {};
circular["self"] = circular;

const broken: readonly Tool[] = [
  giving("nothing", () => undefined),
  giving("null", () => null),
  giving("odd-blocks", () => [{ type: "hologram" }]),
  giving("circular-blocks", (): readonly ContentBlock[] => [
    { type: "text", text: "x", _meta: circular },
  ]),
  defineTool({
    name: "bigint",
    description: "Breaks.",
    output: z.object({ value: z.unknown() }),
    run: () => ({ value: 1n }),
    describe: () => "A number.",
  }),
  defineTool({
    name: "circular",
    description: "Breaks.",
    output: z.object({ value: z.unknown() }),
    run: () => ({ value: circular }),
    describe: () => "A circle.",
  }),
  defineTool({
    name: "describe",
    description: "Breaks.",
    output: z.object({}),
    run: () => ({}),
    describe: () => {
      throw new Error(SECRET);
    },
  }),
  defineTool({
    name: "refine",
    description: "Breaks.",
    input: z.object({
      text: z
        .string()
        .default("x")
        .refine(async () => {
          await Promise.resolve();
          throw new Error(SECRET);
        }),
    }),
    run: () => "Never.",
  }),
  defineTool({
    name: "transform",
    description: "Breaks.",
    input: z.object({
      text: z
        .string()
        .default("x")
        .transform(() => {
          throw new Error(SECRET);
        }),
    }),
    run: () => "Never.",
  }),
];

const fine = defineTool({ name: "fine", description: "Works.", run: () => "Fine." });

interface Failed {
  readonly error: { readonly code: number; readonly message: string };
}
const errorOf = ({ body }: Reply): Failed["error"] => (JSON.parse(body) as Failed).error;

function lineOf(started: Started): Record<string, unknown> | undefined {
  return started.lines.find(({ msg }) => msg === "call");
}

describe("GIVEN authors' mistakes that types do not find", () => {
  for (const tool of broken) {
    test(`WHEN the tool \`${tool.name}\` is called THEN the client hears that it failed and not why, the log has why, and the replica serves on`, async (context) => {
      const started = await startTestHost(
        context,
        { tools: [tool, fine] },
        { MAX_ONGOING_REQUESTS: "1" },
      );
      const reply = await call(started, tool.name, {});
      assert.deepEqual(resultOf(reply), {
        ...resultOf(reply),
        content: [
          {
            type: "text",
            text: `The tool \`${tool.name}\` failed for a reason of its own, not because of its arguments. Trying once more may help.`,
          },
        ],
        isError: true,
      });
      assert.doesNotMatch(reply.body, /hunter2/u);
      const line = lineOf(started);
      assert.equal(line?.["outcome"], "internal_error");
      assert.ok(line["err"] !== undefined);
      assert.equal((await call(started, "fine", {})).status, 200);
    });
  }

  test("WHEN a prompt, a resource, a list or a completion gives something else THEN -32603 without the reason", async (context) => {
    const started = await startTestHost(context, {
      prompts: [definePrompt({ name: "p", render: (() => undefined) as unknown as () => string })],
      resources: [{ name: "r", uri: "x://r", read: (() => 7) as unknown as () => string }],
      resourceTemplates: [
        {
          name: "t",
          uriTemplate: "x://t/{a}",
          complete: { a: (() => undefined) as unknown as () => string[] },
          read: () => "",
        },
      ],
    });
    const replies = [
      await post(started, modernRequest("prompts/get", { name: "p" }), { "Mcp-Name": "p" }),
      await post(started, modernRequest("resources/read", { uri: "x://r" }), {
        "Mcp-Name": "x://r",
      }),
      await post(
        started,
        modernRequest("completion/complete", {
          ref: { type: "ref/resource", uri: "x://t/{a}" },
          argument: { name: "a", value: "" },
        }),
      ),
    ];
    for (const reply of replies) {
      assert.equal(errorOf(reply).code, -32_603);
      assert.match(errorOf(reply).message, /failed for a reason of its own/u);
    }
  });

  test("WHEN a schema refines asynchronously THEN it does so once", async (context) => {
    let refined = 0;
    const tool = defineTool({
      name: "once",
      description: "Counts.",
      input: z.object({
        text: z.string().refine(async () => {
          refined++;
          return Promise.resolve(true);
        }),
      }),
      output: z.object({ length: z.number() }),
      run: ({ text }) => ({ length: text.length }),
    });
    const started = await startTestHost(context, { tools: [tool] });
    assert.deepEqual(resultOf(await call(started, "once", { text: "four" }))["structuredContent"], {
      length: 4,
    });
    assert.equal(refined, 1);
  });

  test("WHEN the definition has no version THEN it is refused before anything listens", async (context) => {
    const definition = { version: "" } satisfies Partial<ServerDefinition>;
    await assert.rejects(startTestHost(context, definition), {
      name: "ConfigurationError",
      message: "The server has no `version`. Clients are told it; give one.",
    });
  });
});

describe("GIVEN tools that are deaf to their signal", () => {
  test("WHEN clients leave THEN the tools keep their room until they are done, so that no more run than may", async (context) => {
    let running = 0;
    let most = 0;
    const entered = new EventTarget();
    const { promise: finished, resolve: finish } = Promise.withResolvers<undefined>();
    const deaf = defineTool({
      name: "deaf",
      description: "Hears nothing.",
      run: async () => {
        most = Math.max(most, ++running);
        entered.dispatchEvent(new Event("entered"));
        await finished;
        running--;
        return "Done.";
      },
    });
    const started = await startTestHost(
      context,
      { tools: [deaf, fine] },
      { MAX_ONGOING_REQUESTS: "1" },
    );
    await leaveDuring(started, "deaf", entered);
    assert.equal((await call(started, "fine", {})).status, 503);
    finish(undefined);
    await finished;
    // The room is given back in the turn after the tool's end.
    await new Promise((turn) => setImmediate(turn));
    assert.equal((await call(started, "fine", {})).status, 200);
    assert.equal(most, 1);
  });

  test("WHEN such a tool is never done THEN its room is free at its call's deadline", async (context) => {
    const entered = new EventTarget();
    const never = defineTool({
      name: "never",
      description: "Is never done.",
      run: () => {
        entered.dispatchEvent(new Event("entered"));
        return new Promise<string>(() => undefined);
      },
    });
    const started = await startTestHost(
      context,
      { tools: [never, fine] },
      { MAX_ONGOING_REQUESTS: "1", CALL_TIMEOUT_SECONDS: "1" },
    );
    assert.equal(resultOf(await call(started, "never", {}))["isError"], true);
    assert.equal((await call(started, "fine", {})).status, 200);
  });
});

/** Calls a tool, and leaves once it runs; resolves when the host has noticed. */
async function leaveDuring(started: Started, tool: string, entered: EventTarget): Promise<void> {
  const leaving = new AbortController();
  const running = new Promise((resolve) => {
    entered.addEventListener("entered", resolve, { once: true });
  });
  const answered = fetch(`http://127.0.0.1:${started.host.address.port}/mcp`, {
    method: "POST",
    headers: { ...modernHeaders("tools/call"), "Mcp-Name": tool },
    body: JSON.stringify(modernRequest("tools/call", { name: tool, arguments: {} })),
    signal: leaving.signal,
  });
  await running;
  leaving.abort();
  await assert.rejects(answered);
  while (lineOf(started) === undefined) await new Promise((turn) => setImmediate(turn));
}

describe("GIVEN parameters that make no sense", () => {
  const start = (context: TestContext): Promise<Started> =>
    startTestHost(context, {
      tools: [fine],
      prompts: [
        definePrompt({
          name: "p",
          arguments: z.object({ a: z.string() }),
          complete: { a: () => ["Text."] },
          render: () => "Text.",
        }),
      ],
      resources: [{ name: "r", uri: "x://r", read: () => "Text." }],
    });

  const cases: [method: string, params: Record<string, unknown>, message: string][] = [
    [
      "prompts/get",
      { name: "p", arguments: { a: 1 } },
      "The parameters are not what the protocol says of `prompts/get`.",
    ],
    [
      "completion/complete",
      { ref: 5 },
      "The parameters are not what the protocol says of `completion/complete`.",
    ],
    [
      "tools/list",
      { cursor: "next" },
      "`cursor` is none that this server has given out: its lists have one page.",
    ],
    ["resources/read", { uri: `x://${"a".repeat(2048)}` }, "`uri` has more than 2048 characters."],
  ];
  for (const [method, params, message] of cases) {
    test(`WHEN ${method} comes with ${JSON.stringify(params).slice(0, 40)} THEN -32602 says so, and it counts as the client's fault`, async (context) => {
      const started = await start(context);
      const name = params["name"] ?? params["uri"];
      const reply = await post(
        started,
        modernRequest(method, params),
        typeof name === "string" ? { "Mcp-Name": name } : {},
      );
      assert.deepEqual(errorOf(reply), { code: -32_602, message });
      assert.notEqual(lineOf(started)?.["outcome"], "internal_error");
    });
  }

  test("WHEN a client of 2025 initialises with nothing THEN -32602, not -32603", async (context) => {
    const started = await start(context);
    const headers = { ...modernHeaders("initialize"), "MCP-Protocol-Version": "2025-11-25" };
    const reply = await send(started, "/mcp", {
      method: "POST",
      headers,
      body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}',
    });
    assert.match(reply.body, /-32602/u);
    assert.equal(lineOf(started)?.["outcome"], "protocol_error");
  });
});

describe("GIVEN parts that ask for scopes", () => {
  test("WHEN a caller without them completes or lists THEN it learns of nothing that it may not use", async (context) => {
    const issuer = await startIssuer(context);
    const started = await startTestHost(
      context,
      {
        resourceTemplates: [
          {
            name: "t",
            uriTemplate: "x://t/{a}",
            scopes: ["secrets"],
            complete: { a: () => ["hidden"] },
            list: () => [{ uri: "x://t/hidden", name: "hidden" }],
            read: () => "",
          },
        ],
      },
      { AUTH_MODE: "oidc", AUTH_STATIC_TOKENS: "", AUTH_ISSUER: issuer.url },
    );
    const ask = async (scope: string): Promise<unknown[]> => {
      const headers = { Authorization: `Bearer ${issuer.token({ scope })}` };
      const listed = await post(started, modernRequest("resources/list"), headers);
      const completed = await post(
        started,
        modernRequest("completion/complete", {
          ref: { type: "ref/resource", uri: "x://t/{a}" },
          argument: { name: "a", value: "" },
        }),
        headers,
      );
      return [resultOf(listed)["resources"], resultOf(completed)["completion"]];
    };
    assert.deepEqual(await ask("other"), [[], { values: [], hasMore: false }]);
    assert.deepEqual(await ask("other secrets"), [
      [{ uri: "x://t/hidden", name: "hidden" }],
      { values: ["hidden"], total: 1, hasMore: false },
    ]);
  });
});
