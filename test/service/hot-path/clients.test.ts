/** A whole host with a relay, and the two clients that people use. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import * as v2 from "@modelcontextprotocol/client";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as V1Transport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Caller } from "../../../service/runtime/caller.ts";
import { startTestHost, TOKEN, type Started } from "../running-host.ts";
import { fakeRelay, OFFERS, type FakeRelay } from "./fake-relay.ts";

interface RelayHost extends Started {
  readonly relay: FakeRelay;
  readonly callers: readonly (Caller | undefined)[];
}

async function start(context: TestContext): Promise<RelayHost> {
  const relay = fakeRelay();
  const callers: (Caller | undefined)[] = [];
  relay.offers = (caller) => {
    callers.push(caller);
    return relay.offered;
  };
  const started = await startTestHost(
    context,
    { start: () => ({ relay }) },
    {
      CALL_TIMEOUT_SECONDS: "30",
    },
  );
  return { ...started, relay, callers };
}

const urlOf = ({ host }: Started): URL => new URL(`http://127.0.0.1:${host.address.port}/mcp`);
const requestInit = { headers: { Authorization: `Bearer ${TOKEN}` } };

async function v1Client(context: TestContext, started: Started): Promise<V1Client> {
  const client = new V1Client({ name: "v1", version: "1" });
  // `exactOptionalPropertyTypes` is off here and on where the SDK was built.
  await client.connect(new V1Transport(urlOf(started), { requestInit }));
  context.after(() => client.close());
  return client;
}

async function v2Client(
  context: TestContext,
  started: Started,
  mode: "auto" | "legacy",
): Promise<v2.Client> {
  const client = new v2.Client({ name: "v2", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new v2.StreamableHTTPClientTransport(urlOf(started), { requestInit }));
  context.after(() => client.close());
  return client;
}

/** The third parameter of v1 is the second of v2. */
function callTool(
  client: v2.Client,
  params: { readonly name: string; readonly arguments?: Record<string, unknown> },
  options: {
    readonly signal?: AbortSignal;
    readonly onprogress?: (progress: unknown) => void;
  } = {},
): Promise<v2.CallToolResult> {
  return client instanceof V1Client
    ? ((client as V1Client).callTool(params, undefined, options) as Promise<v2.CallToolResult>)
    : client.callTool(params, options);
}

const NAMES = OFFERS.tools.map(({ name }) => name);

for (const [title, connect] of [
  ["v1", v1Client],
  ["v2 in its legacy mode", (context, started) => v2Client(context, started, "legacy")],
  ["v2", (context, started) => v2Client(context, started, "auto")],
] as const satisfies readonly (readonly [
  string,
  (context: TestContext, started: Started) => Promise<V1Client | v2.Client>,
])[]) {
  describe(`GIVEN a relay and the client ${title}`, () => {
    test("WHEN it lists, calls, reads, completes and is told of progress THEN all of it works", async (context) => {
      const started = await start(context);
      const client = (await connect(context, started)) as v2.Client;
      assert.equal(client.getServerVersion()?.name, "test");
      assert.equal(client.getInstructions(), "Ask for the guide first.");
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ name }) => name),
        NAMES,
      );
      const { content } = await callTool(client, { name: "echo", arguments: { a: 1 } });
      assert.equal((content[0] as { text?: string } | undefined)?.text, '{"a":1}');
      const progress: unknown[] = [];
      await callTool(
        client,
        { name: "talks", arguments: {} },
        {
          onprogress: (each) => progress.push(each),
        },
      );
      assert.deepEqual(progress.length, 1);
      const { contents } = await client.readResource({ uri: "docs://pages/2" });
      assert.equal(contents[0]?.uri, "docs://pages/2");
      const { messages } = await client.getPrompt({ name: "review", arguments: { language: "c" } });
      assert.equal(messages.length, 1);
      const { completion } = await client.complete({
        ref: { type: "ref/prompt", name: "review" },
        argument: { name: "language", value: "t" },
      });
      assert.deepEqual(completion.values, ["typescript"]);
      assert.deepEqual((await client.listResources()).resources.length, 1);
      assert.deepEqual((await client.listResourceTemplates()).resourceTemplates.length, 1);
      assert.deepEqual((await client.listPrompts()).prompts.length, 1);
      await assert.rejects(callTool(client, { name: "nope" }), /There is no tool `nope`/u);
      await assert.rejects(callTool(client, { name: "errs" }), /No such page/u);

      const { relay, callers, lines } = started;
      assert.ok(relay.received.every(({ context: { callerToken } }) => callerToken === TOKEN));
      assert.ok(callers.every((caller) => caller?.scopes === "all"));
      assert.ok(!JSON.stringify(lines).includes(TOKEN));
    });

    test("WHEN it gives a call up THEN the relay's signal aborts", async (context) => {
      const started = await start(context);
      const client = (await connect(context, started)) as v2.Client;
      const { relay } = started;
      const received = new Promise<AbortSignal>((resolve) => {
        relay.onReceived = ({ context: { signal } }) => {
          resolve(signal);
        };
      });
      const giving = new AbortController();
      const called = callTool(client, { name: "hangs", arguments: {} }, { signal: giving.signal });
      const rejected = assert.rejects(called);
      const signal = await received;
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          resolve();
        });
      });
      giving.abort();
      await rejected;
      // A legacy client says so with a message, which no other request hears of, and leaves with its connection.
      if (title !== "v2") await client.close();
      await aborted;
    });
  });
}
