import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test, type TestContext } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import express from "express";
import { z } from "zod";
import {
  callTool,
  createLogger,
  defineTool,
  mountServer,
  readConfiguration,
  ToolError,
} from "../../service/index.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const ENTRY = JSON.stringify(join(ROOT, "service", "index.ts"));

/** The TypeScript of a document, block by block, importing this checkout's sources. */
async function blocks(document: string): Promise<string[]> {
  const text = await readFile(join(ROOT, document), "utf8");
  return [...text.matchAll(/```ts\n(.*?)```/gsu)].map(([, code = ""]) =>
    code.replaceAll('"pulumi-mcp-service/service"', ENTRY),
  );
}

/** Runs a program beside this file, where it finds its packages; gives the address that it logs. */
async function run(context: TestContext, source: string): Promise<URL> {
  const folder = await mkdtemp(join(import.meta.dirname, "authored-"));
  await writeFile(join(folder, "server.ts"), source);
  const child = spawn(process.execPath, [join(folder, "server.ts")], {
    env: { AUTH_MODE: "none", PORT: "0", HOST: "127.0.0.1", DRAIN_SECONDS: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(async () => {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      const [code] = (await once(child, "exit")) as [number | null];
      assert.equal(code, 0);
    }
    await rm(folder, { recursive: true });
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, port } = JSON.parse(line) as { msg: string; port?: number };
    if (msg === "ready") return new URL(`http://127.0.0.1:${port}/mcp`);
  }
  throw new Error("The server ended before it was ready.");
}

async function connect(context: TestContext, url: URL): Promise<Client> {
  const client = new Client(
    { name: "tests", version: "1" },
    { versionNegotiation: { mode: "auto" } },
  );
  await client.connect(new StreamableHTTPClientTransport(url));
  context.after(() => client.close());
  return client;
}

describe("GIVEN a reader of the documents", () => {
  test("WHEN the README's server is run as it stands THEN a client calls it, and it ends on SIGTERM with 0", async (context) => {
    const source = (await blocks("README.md")).find((code) => code.includes("serve("));
    assert.ok(source !== undefined);
    assert.ok(source.trim().split("\n").length <= 12);
    const client = await connect(context, await run(context, source));
    const result = await client.callTool({ name: "double", arguments: { value: 21 } });
    assert.deepEqual(result.structuredContent, { doubled: 42 });
  });

  test("WHEN the parts of docs/servers.md are put together THEN clients find all of them", async (context) => {
    const parts = (await blocks("docs/servers.md")).filter(
      (code) => code.includes("export const") && !code.includes("assert"),
    );
    const joined = parts
      .join("\n")
      .replaceAll(/^import (?:type )?\{[^}]*\} from [^;]+;$/gmu, "")
      .replaceAll("export const", "const");
    const client = await connect(
      context,
      await run(
        context,
        `import { z } from "zod";
         import * as authoring from ${ENTRY};
         const { defineTool, definePrompt, inputRequest, requireInput, ResourceNotFound, serve, ToolError } = authoring;
         type Resource = import(${ENTRY}).Resource; type ResourceTemplate = import(${ENTRY}).ResourceTemplate;
         ${joined}
         await serve({ name: "library", version: "1", tools: [findBook, returnBook], resources: [hours], resourceTemplates: [shelf], prompts: [recommend] });`,
      ),
    );
    assert.deepEqual(
      (await client.listTools()).tools.map(({ name }) => name),
      ["find_book", "return_book"],
    );
    const { contents } = await client.readResource({ uri: "library://shelves/science" });
    assert.deepEqual(contents, [
      { uri: "library://shelves/science", mimeType: "text/plain", text: "Curie" },
    ]);
    await assert.rejects(client.readResource({ uri: "library://shelves/none" }), /no shelf/u);
    const completed = await client.complete({
      ref: { type: "ref/resource", uri: "library://shelves/{subject}" },
      argument: { name: "subject", value: "p" },
    });
    assert.deepEqual(completed.completion.values, ["poetry"]);
    const { messages } = await client.getPrompt({
      name: "recommend",
      arguments: { subject: "poetry" },
    });
    assert.deepEqual(messages[0]?.content, {
      type: "text",
      text: "Recommend a book on poetry for an adult.",
    });
  });
});

describe("GIVEN a tool in a test of its author", () => {
  const half = defineTool({
    name: "half",
    description: "Halves a number.",
    input: z.object({ value: z.coerce.number() }),
    output: z.object({ half: z.int() }),
    run: ({ value }, { caller }) => {
      if (caller?.id === "mallory") throw new ToolError("Not for you.");
      return { half: value / 2 };
    },
  });

  test("WHEN it is called without HTTP THEN schemas count on both sides, and the context is what the test says", async () => {
    assert.deepEqual(await callTool(half, { value: "8" }), { half: 4 });
    await assert.rejects(callTool(half, { value: "eight" }), z.ZodError);
    await assert.rejects(callTool(half, { value: 3 }), z.ZodError);
    await assert.rejects(
      callTool(half, { value: 8 }, { caller: { id: "mallory", scopes: "all", claims: {} } }),
      new ToolError("Not for you."),
    );
  });
});

describe("GIVEN an Express application of a user", () => {
  for (const order of ["before", "behind"] as const) {
    test(`WHEN a server is mounted ${order} the application's own body parser THEN both serve`, async (context) => {
      const mounted = await mountServer(
        {
          name: "mounted",
          version: "1",
          tools: [defineTool({ name: "hello", description: "Greets.", run: () => "Hello." })],
        },
        {
          configuration: readConfiguration({ AUTH_MODE: "none" }),
          log: createLogger("mounted", { id: "1", zone: "here" }, "silent"),
          environment: {},
        },
      );
      const application = express();
      if (order === "before") application.use(mounted.router);
      application.use(express.json());
      if (order === "behind") application.use(mounted.router);
      application.post("/echo", (request, response) => {
        response.json(request.body);
      });
      await mounted.start();
      const server = application.listen(0, "127.0.0.1");
      await once(server, "listening");
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      context.after(async () => {
        await mounted.close();
        server.close();
        server.closeAllConnections();
        await once(server, "close");
      });

      const client = await connect(context, new URL(`${origin}/mcp`));
      const result = await client.callTool({ name: "hello", arguments: {} });
      assert.deepEqual(result.content, [{ type: "text", text: "Hello." }]);
      const echoed = await fetch(`${origin}/echo`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: '{"a":1}',
      });
      assert.deepEqual(await echoed.json(), { a: 1 });
    });
  }
});
