/** The whole gateway as a host, before servers that nobody here wrote and with the clients that people use. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as v2 from "@modelcontextprotocol/client";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as V1Transport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ConfigurationError } from "../../../../service/runtime/configuration-error.ts";
import { gateway } from "../../../../service/servers/gateway/index.ts";
import { startTestHost, TOKEN, type Started } from "../../running-host.ts";
import { legacyListener, modernListener, startServer } from "./upstreams/upstream-servers.ts";

async function start(
  context: TestContext,
  given: (urls: Record<"modern" | "legacy" | "old", string>) => Record<string, unknown>,
): Promise<Started> {
  const [modern, legacy, old] = await Promise.all([
    startServer(context, modernListener()),
    startServer(context, legacyListener(false)),
    startServer(context, legacyListener(true)),
  ]);
  const folder = await mkdtemp(join(tmpdir(), "gateway-"));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "upstreams.json");
  const upstreams = given({ modern: modern.url, legacy: legacy.url, old: old.url });
  await writeFile(file, JSON.stringify(upstreams));
  return startTestHost(context, gateway, { GATEWAY_UPSTREAMS_FILE: file });
}

const urlOf = ({ host }: Started): URL => new URL(`http://127.0.0.1:${host.address.port}/mcp`);
const requestInit = { headers: { Authorization: `Bearer ${TOKEN}` } };

interface Tools {
  names(): Promise<readonly string[]>;
  call(
    name: string,
    given: Record<string, unknown>,
    onprogress?: (progress: unknown) => void,
  ): Promise<unknown>;
}

/** Its clients, by what they are called in titles. */
const CLIENTS: Readonly<
  Record<string, (context: TestContext, started: Started) => Promise<Tools>>
> = {
  "the first SDK's client": async (context, started) => {
    const client = new V1Client({ name: "v1", version: "1" });
    await client.connect(new V1Transport(urlOf(started), { requestInit }));
    context.after(() => client.close());
    return {
      names: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: (name, given, onprogress) =>
        client.callTool(
          { name, arguments: given },
          undefined,
          onprogress === undefined ? {} : { onprogress },
        ),
    };
  },
  "the second SDK's client, of 2026-07-28": (context, started) =>
    v2Client(context, started, "auto"),
  "the second SDK's client, of 2025": (context, started) => v2Client(context, started, "legacy"),
};

async function v2Client(
  context: TestContext,
  started: Started,
  mode: "auto" | "legacy",
): Promise<Tools> {
  const client = new v2.Client({ name: "v2", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new v2.StreamableHTTPClientTransport(urlOf(started), { requestInit }));
  context.after(() => client.close());
  return {
    names: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, given, onprogress) =>
      client.callTool({ name, arguments: given }, onprogress === undefined ? {} : { onprogress }),
  };
}

function textOf(result: unknown): string {
  const { content } = result as { content: readonly { text: string }[] };
  return content.map(({ text }) => text).join("");
}

for (const [title, connect] of Object.entries(CLIENTS))
  describe(`GIVEN a modern upstream, a legacy one and one with sessions, and ${title}`, () => {
    test("WHEN it lists and calls THEN it sees the tools of all, each does its work, and progress comes through", async (context) => {
      const started = await start(context, (urls) => ({
        modern: { url: urls.modern },
        legacy: { url: urls.legacy },
        old: { url: urls.old, aliases: { add: "sum" } },
      }));
      const tools = await connect(context, started);
      assert.deepEqual(await tools.names(), [
        "legacy__add",
        "legacy__slow",
        "modern__add",
        "modern__slow",
        "old__slow",
        "old__sum",
      ]);
      for (const name of ["legacy__add", "modern__add", "old__sum"])
        assert.equal(textOf(await tools.call(name, { a: 2, b: 3 })), "5", name);
      for (const name of ["legacy__slow", "modern__slow", "old__slow"]) {
        const heard: unknown[] = [];
        const result = await tools.call(name, {}, (progress) => heard.push(progress));
        assert.equal(textOf(result), "done");
        assert.deepEqual(heard, [{ progress: 1, total: 2, message: "half" }], name);
      }
      await assert.rejects(tools.call("add", { a: 1, b: 1 }), /There is no tool `add`/u);
    });

    test("WHEN one upstream does not answer THEN the tools of the others are there and work", async (context) => {
      const started = await start(context, (urls) => ({
        modern: { url: urls.modern },
        // Nothing listens there: it is the port that the discard protocol would have.
        gone: { url: "http://127.0.0.1:9/mcp" },
      }));
      const tools = await connect(context, started);
      assert.deepEqual(await tools.names(), ["modern__add", "modern__slow"]);
      assert.equal(textOf(await tools.call("modern__add", { a: 1, b: 1 })), "2");
    });
  });

test("GIVEN an upstream whose lists are private, as the SDK says of them unless told otherwise, WHEN a caller lists and calls THEN it is listed to that caller once, and calls ask for no list", async (context) => {
  const handler = toNodeHandler(
    createMcpHandler(() => {
      const server = new McpServer({ name: "private", version: "1.0.0" });
      server.registerTool("hello", { description: "Greets." }, () => ({
        content: [{ type: "text", text: "Hello." }],
      }));
      return server;
    }),
  );
  const upstream = await startServer(context, handler);
  const started = await start(context, () => ({ own: { url: upstream.url } }));
  const lists = (): number =>
    upstream.requests.filter(({ headers }) => headers["mcp-method"] === "tools/list").length;
  assert.equal(lists(), 1);
  const first = await v2Client(context, started, "auto");
  for (let count = 0; count < 3; count += 1) {
    assert.deepEqual(await first.names(), ["own__hello"]);
    assert.equal(textOf(await first.call("own__hello", {})), "Hello.");
  }
  assert.equal(lists(), 2);
});

test("GIVEN two upstreams with the same names and no prefix WHEN the gateway starts THEN it refuses, and says which", async (context) => {
  await assert.rejects(
    start(context, (urls) => ({
      one: { url: urls.modern, prefix: false },
      two: { url: urls.legacy, prefix: false },
    })),
    (error) =>
      error instanceof ConfigurationError &&
      error.message.includes("The tool `add` would stand for `add` of `one` and `add` of `two`."),
  );
});

test("GIVEN a file of upstreams that is not there WHEN the gateway starts THEN it refuses with a sentence", async (context) => {
  await assert.rejects(
    startTestHost(context, gateway, { GATEWAY_UPSTREAMS_FILE: "/nowhere/upstreams.json" }),
    (error) =>
      error instanceof ConfigurationError &&
      error.message.startsWith(
        "The upstreams in the file `/nowhere/upstreams.json` cannot be read: ENOENT",
      ),
  );
});
