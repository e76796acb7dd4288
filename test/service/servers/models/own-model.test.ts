/** The model server of docs/models.md, as its author would run it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { modelsFolder } from "./model-folder.ts";
import { writeTinyEmbedder } from "./tiny-translator.ts";

const ROOT = join(import.meta.dirname, ..."../../../..".split("/"));
const ENTRY = JSON.stringify(join(ROOT, "service", "index.ts"));

test("GIVEN the example of a model of one's own WHEN the official client calls its tool THEN it gets what the model computes", async (context) => {
  const models = await modelsFolder();
  context.after(() => models.remove());
  await writeTinyEmbedder(join(models.path, "embedder"));
  const folder = await mkdtemp(join(import.meta.dirname, "authored-"));
  context.after(() => rm(folder, { recursive: true }));
  const text = await readFile(join(ROOT, "docs", "models.md"), "utf8");
  const blocks = [...text.matchAll(/```ts\n\/\/ (?<file>\S+)\n(?<code>.*?)```/gsu)];
  for (const { groups } of blocks)
    await writeFile(
      join(folder, groups?.["file"] ?? ""),
      groups?.["code"]?.replaceAll('"pulumi-mcp-service/service"', ENTRY) ?? "",
    );

  const child = spawn(process.execPath, [join(folder, "server.ts")], {
    env: {
      AUTH_MODE: "none",
      HOST: "127.0.0.1",
      PORT: "0",
      DRAIN_SECONDS: "0",
      MODELS_PATH: models.path,
      MODEL_DEVICE: "cpu",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  context.after(async () => {
    child.kill();
    await exited;
  });
  let port = "";
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as Record<string, unknown>;
    if (entry["msg"] !== "ready") continue;
    port = String(entry["port"]);
    break;
  }
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
  const { structuredContent } = await client.callTool({
    name: "embed",
    arguments: { text: "hello" },
  });
  await client.close();

  assert.deepEqual(structuredContent, { vector: [1] });
});
