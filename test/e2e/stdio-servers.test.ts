import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { stdioServer } from "../../service/servers/stdio/index.ts";
import { startTestHost, TOKEN } from "../service/running-host.ts";
import { cachedFolder } from "./cached.ts";

const run = promisify(execFile);

/** The reference server of the protocol's authors, from npm. */
const EVERYTHING = "@modelcontextprotocol/server-everything@2026.8.31";

/** Theirs from PyPI, which builds on the Python SDK. */
const TIME = "mcp-server-time==2026.10.19";

/** Where the npm server's program is; installed on first use. */
async function everything(): Promise<readonly string[]> {
  const folder = await cachedFolder("npm-server-everything", EVERYTHING, async (fresh) => {
    await run("npm", ["install", "--prefix", fresh, "--no-audit", "--no-fund", EVERYTHING]);
  });
  const scope = join(folder, "node_modules", "@modelcontextprotocol");
  return [process.execPath, join(scope, "server-everything", "dist", "index.js"), "stdio"];
}

/** Where the Python server's module can be run; installed on first use. */
async function time(): Promise<readonly string[]> {
  const folder = await cachedFolder("python-mcp-server-time", TIME, async (fresh) => {
    await run("python3", ["-m", "venv", fresh]);
    await run(join(fresh, "bin", "python"), [
      ...["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", TIME],
    ]);
  });
  return [join(folder, "bin", "python"), "-m", "mcp_server_time", "--local-timezone", "UTC"];
}

/** Serves a command over HTTP, and connects a client of one era to it. */
async function connect(
  context: TestContext,
  command: readonly string[],
  mode: "auto" | "legacy",
  variables: Record<string, string> = {},
): Promise<{ client: Client; processes: () => readonly number[] }> {
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: process.env["HOME"] ?? "",
    MAX_ONGOING_REQUESTS: "1000",
    ...variables,
  };
  const definition = stdioServer(["--", ...command], environment);
  const { host, lines } = await startTestHost(context, definition, environment);
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${host.address.port}/mcp`), {
      requestInit: { headers: { Authorization: `Bearer ${TOKEN}` } },
    }),
  );
  context.after(() => client.close());
  return {
    client,
    processes: () =>
      lines.flatMap(({ msg, pid }) =>
        msg === "stdio server process is ready" && typeof pid === "number" ? [pid] : [],
      ),
  };
}

async function say(
  client: Client,
  name: string,
  given: Record<string, unknown>,
  heard: unknown[] = [],
): Promise<string> {
  const result = await client.callTool(
    { name, arguments: given },
    { onprogress: ({ progress, total }) => heard.push([progress, total]) },
  );
  const [first] = result.content;
  return first?.type === "text" ? first.text : "";
}

describe("GIVEN server-everything of npm over HTTP", { timeout: 300_000 }, () => {
  for (const mode of ["auto", "legacy"] as const) {
    test(`WHEN a client in mode ${mode} uses all that it offers THEN it works`, async (context) => {
      const { client } = await connect(context, await everything(), mode);
      const names = (await client.listTools()).tools.map(({ name }) => name);
      assert.ok(names.includes("echo") && names.includes("get-sum"), names.join());
      assert.equal(await say(client, "echo", { message: "zażółć 🙂" }), "Echo: zażółć 🙂");
      assert.match(await say(client, "get-sum", { a: 2, b: 3 }), /5/u);

      const heard: unknown[] = [];
      await say(client, "trigger-long-running-operation", { duration: 1, steps: 2 }, heard);
      assert.deepEqual(heard, [
        [1, 2],
        [2, 2],
      ]);

      const structured = await client.callTool({
        name: "get-structured-content",
        arguments: { location: "Chicago" },
      });
      assert.deepEqual(Object.keys(structured.structuredContent ?? {}).sort(), [
        ...["conditions", "humidity", "temperature"],
      ]);

      const { prompts } = await client.listPrompts();
      assert.ok(prompts.some(({ name }) => name === "simple-prompt"));
      const prompt = await client.getPrompt({ name: "simple-prompt" });
      assert.equal(prompt.messages.length, 1);

      const { resources } = await client.listResources();
      const [resource] = resources;
      assert.ok(resource);
      assert.equal((await client.readResource({ uri: resource.uri })).contents.length, 1);
      assert.ok((await client.listResourceTemplates()).resourceTemplates.length > 0);

      const { completion } = await client.complete({
        ref: { type: "ref/prompt", name: "completable-prompt" },
        argument: { name: "department", value: "E" },
      });
      assert.deepEqual(completion.values, ["Engineering"]);
    });
  }

  test("WHEN one of two processes is killed under load THEN no idempotent call fails (point 7)", async (context) => {
    const { client, processes } = await connect(context, await everything(), "auto", {
      STDIO_IDEMPOTENT_TOOLS: "echo",
    });
    while (processes().length < 2) await say(client, "echo", { message: "warm" });
    const [victim = 0] = processes();
    let done = 0;
    const load = async (worker: number): Promise<void> => {
      for (let each = 0; each < 50; each += 1) {
        const message = `${worker}-${each}`;
        assert.equal(await say(client, "echo", { message }), `Echo: ${message}`);
        done += 1;
        if (done === 100) process.kill(victim, "SIGKILL");
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, worker) => load(worker)));
    assert.equal(done, 1000);
    while (processes().length < 3) await say(client, "echo", { message: "again" });
  });
});

const skip =
  spawnSync("python3", ["--version"]).status !== 0 && process.env["CI"] === undefined
    ? "python3 is not installed"
    : false;

describe("GIVEN mcp-server-time of PyPI over HTTP", { skip, timeout: 300_000 }, () => {
  for (const mode of ["auto", "legacy"] as const) {
    test(`WHEN a client in mode ${mode} calls it THEN it works, and its errors are its own`, async (context) => {
      const { client } = await connect(context, await time(), mode);
      assert.deepEqual((await client.listTools()).tools.map(({ name }) => name).sort(), [
        "convert_time",
        "get_current_time",
      ]);
      const said = await say(client, "convert_time", {
        source_timezone: "UTC",
        time: "12:00",
        target_timezone: "Asia/Tokyo",
      });
      assert.match(said, /21:00/u);
      const wrong = await client.callTool({
        name: "get_current_time",
        arguments: { timezone: "Nowhere/None" },
      });
      assert.equal(wrong.isError, true);
    });
  }
});
