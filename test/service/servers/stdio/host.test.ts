import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { stdioServer } from "../../../../service/servers/stdio/index.ts";
import { call, send, startTestHost, TOKEN, type Started } from "../../running-host.ts";
import { FIXTURES } from "./harness.ts";

/** Serves a fixture over HTTP. */
function serveFixture(
  context: TestContext,
  fixture: string,
  variables: Record<string, string> = {},
): Promise<Started> {
  const environment = { PATH: process.env["PATH"] ?? "", ...variables };
  const words = ["--", process.execPath, join(FIXTURES, fixture)];
  return startTestHost(context, stdioServer(words, environment), environment);
}

/** A client of one era or the other. */
async function connect(
  context: TestContext,
  { host }: Started,
  mode: "auto" | "legacy",
): Promise<Client> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${host.address.port}/mcp`), {
      requestInit: { headers: { Authorization: `Bearer ${TOKEN}` } },
    }),
  );
  context.after(() => client.close());
  return client;
}

/** The first text of a tool's result. */
async function say(client: Client, name: string, heard: unknown[] = []): Promise<unknown> {
  const result = await client.callTool(
    { name, arguments: {} },
    { onprogress: ({ progress }) => heard.push(progress) },
  );
  const [first] = result.content;
  return first?.type === "text" ? first.text : undefined;
}

describe("GIVEN a stdio server over HTTP", { timeout: 300_000 }, () => {
  for (const fixture of ["legacy.ts", "modern.ts"]) {
    for (const mode of ["auto", "legacy"] as const) {
      test(`WHEN a client in mode ${mode} uses ${fixture} THEN it lists, calls and hears of progress (point 1)`, async (context) => {
        const client = await connect(context, await serveFixture(context, fixture), mode);
        const { tools } = await client.listTools();
        assert.equal(tools.length, fixture === "legacy.ts" ? 18 : 5);
        const heard: unknown[] = [];
        assert.equal(await say(client, "progress", heard), "done");
        assert.deepEqual(heard, fixture === "legacy.ts" ? [1] : [1, 2]);
        assert.match(client.getInstructions() ?? "", /Call its tools|Serves the modern era/u);
      });
    }
  }

  test("WHEN it has enough to do THEN the answer is 503 with `Retry-After` (point 5)", async (context) => {
    const started = await serveFixture(context, "legacy.ts", {
      STDIO_PROCESSES: "1",
      STDIO_MAX_ONGOING_REQUESTS: "1",
      STDIO_MAX_QUEUED_REQUESTS: "0",
      STDIO_TOOL_TIMEOUTS: '{"hang": 1}',
    });
    const replies = await Promise.all([
      call(started, "hang", {}),
      call(started, "hang", {}),
      call(started, "hang", {}),
    ]);
    const refused = replies.filter(({ status }) => status === 503);
    assert.equal(refused.length, 2);
    for (const { headers, body } of refused) {
      assert.equal(headers["retry-after"], "1");
      assert.equal((JSON.parse(body) as { error: { code: number } }).error.code, -32000);
    }
  });

  test("WHEN its only process is killed THEN it is not ready until another can be asked, and healthy all the time (point 8)", async (context) => {
    const started = await serveFixture(context, "legacy.ts", { STDIO_PROCESSES: "1" });
    const status = async (path: string): Promise<number> => (await send(started, path)).status;
    assert.equal(await status("/readyz"), 200);
    const { body } = await call(started, "process", {});
    const id = Number(/"text":"(?<id>\d+)"/u.exec(body)?.groups?.["id"]);
    process.kill(id, "SIGKILL");
    while ((await status("/readyz")) === 200);
    assert.equal(await status("/healthz"), 200);
    while ((await status("/readyz")) !== 200);
    assert.equal(await status("/healthz"), 200);
  });

  test("WHEN a body is too large THEN it is 413, and no process sees it; a stream is not buffered, and says that it is there (point 13)", async (context) => {
    const started = await serveFixture(context, "legacy.ts", {
      MAX_BODY_BYTES: "2048",
      STREAM_KEEP_ALIVE_SECONDS: "1",
      STDIO_TOOL_TIMEOUTS: '{"hang": 3}',
    });
    assert.equal((await call(started, "echo", { text: "x".repeat(3000) })).status, 413);
    const { status, headers, body } = await call(started, "hang", {});
    assert.deepEqual(
      [status, headers["content-type"], headers["x-accel-buffering"]],
      [200, "text/event-stream", "no"],
    );
    assert.match(body, /^: ?keep-?alive$/mu);
    assert.match(body, /"code":-32603/u);
  });
});
