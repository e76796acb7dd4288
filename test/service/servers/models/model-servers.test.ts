import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { modelsFolder } from "./model-folder.ts";
import { REVISION } from "./write-model.ts";

const ROOT = join(import.meta.dirname, ..."../../../..".split("/"));
const LINE_OF_TEXT = join(import.meta.dirname, "..", "classifier", "fixtures", "line-of-text.png");

/** A server of the bundle as a process, and a client of it. */
interface Served {
  readonly client: Client;
  readonly ready: Record<string, unknown>;
  readonly stop: () => Promise<unknown>;
}

/** Starts a server as the container does, and connects the official client. */
async function serve(name: string, modelsPath: string): Promise<Served> {
  const child = spawn(process.execPath, [join(ROOT, "service", "dist", "main.mjs"), name], {
    env: {
      AUTH_MODE: "none",
      HOST: "127.0.0.1",
      PORT: "0",
      DRAIN_SECONDS: "0",
      MODELS_PATH: modelsPath,
      MODEL_DEVICE: "cpu",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = new Map<string, Record<string, unknown>>();
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as Record<string, unknown>;
    lines.set(String(entry["msg"]), entry);
    if (entry["msg"] === "ready") break;
  }
  const port = String(lines.get("ready")?.["port"]);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
  return {
    client,
    ready: lines.get("model loaded") ?? {},
    stop: async () => {
      await client.close();
      child.kill();
      const [code] = (await once(child, "exit")) as [number | null];
      return code;
    },
  };
}

describe("model servers", () => {
  let models: Awaited<ReturnType<typeof modelsFolder>>;
  before(async () => {
    models = await modelsFolder("classifier", "translator");
  });
  after(() => models.remove());

  test("GIVEN a real model WHEN the official client has an image classified THEN it gets labels, and the server ends cleanly", async () => {
    const { client, ready, stop } = await serve("classifier", models.path);
    const image = await readFile(LINE_OF_TEXT, "base64");

    const { tools } = await client.listTools();
    const result = await client.callTool({
      name: "classify",
      arguments: { image_url: `data:image/png;base64,${image}` },
    });

    assert.deepEqual(
      tools.map(({ name, annotations }) => ({ name, annotations })),
      [
        {
          name: "classify",
          annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: true },
        },
      ],
    );
    const { labels, ...rest } = result.structuredContent as {
      labels: { label: string; score: number }[];
    };
    assert.deepEqual(rest, { model: `tests/text-direction@${REVISION}`, device: "cpu" });
    assert.deepEqual(
      labels.map(({ label, score }) => [label, score.toFixed(3)]),
      [
        ["upright", "1.000"],
        ["upside down", "0.000"],
      ],
    );
    assert.deepEqual(result.content, [
      { type: "text", text: "upright (100.0 %)\nupside down (0.0 %)" },
    ]);
    assert.equal(ready["device"], "cpu");
    assert.equal(await stop(), 0);
  });

  test("GIVEN a tiny model WHEN the official client has a text translated THEN it gets the translation, and the server ends cleanly", async () => {
    const { client, ready, stop } = await serve("translator", models.path);

    const result = await client.callTool({
      name: "translate",
      arguments: { text: "hello world.\nthanks.", target: "fr" },
    });

    assert.deepEqual(result.structuredContent, {
      translation: "bonjour monde.\nmerci.",
      source: "en",
      target: "fr",
      sentences: 2,
      model: `tests/tiny-translator@${REVISION}`,
      device: "cpu",
    });
    assert.deepEqual(result.content, [{ type: "text", text: "bonjour monde.\nmerci." }]);
    assert.equal(ready["device"], "cpu");
    assert.equal(await stop(), 0);
  });

  for (const [name, environment, sentence] of [
    [
      "no model",
      { MODELS_PATH: "/nowhere" },
      "There is no model in `/nowhere/classifier`. Build the image with the target `models` or `models-cuda`",
    ],
    [
      "an explicit CUDA that is not there",
      { MODEL_DEVICE: "cuda" },
      "`MODEL_DEVICE` is `cuda`, but the model does not run there: ",
    ],
    [
      "a network that is none",
      { IMAGE_ALLOWED_NETWORKS: "10.0.0.0/33" },
      "`IMAGE_ALLOWED_NETWORKS` (`10.0.0.0/33`) is not a list of networks such as `10.0.3.0/24`, separated by commas.",
    ],
  ] as const) {
    test(`GIVEN ${name} WHEN the classifier starts THEN it ends with a sentence`, async () => {
      const child = spawn(
        process.execPath,
        [join(ROOT, "service", "dist", "main.mjs"), "classifier"],
        {
          env: { AUTH_MODE: "none", PORT: "0", MODELS_PATH: models.path, ...environment },
          stdio: ["ignore", "ignore", "pipe"],
        },
      );
      let errors = "";
      child.stderr.on("data", (chunk: Buffer) => {
        errors += chunk.toString();
      });
      const [code] = (await once(child, "close")) as [number | null];

      assert.equal(code, 1);
      assert.equal(errors.slice(0, sentence.length), sentence);
      assert.doesNotMatch(errors, /\n\s+at /u);
    });
  }
});
