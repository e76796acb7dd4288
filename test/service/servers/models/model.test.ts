import assert from "node:assert/strict";
import { once, EventEmitter } from "node:events";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { pino } from "pino";
import { z } from "zod";
import { defineTool, ToolError } from "../../../../service/runtime/tool.ts";
import { readManifest } from "../../../../service/servers/models/manifest.ts";
import { ModelWorker } from "../../../../service/servers/models/model-worker.ts";
import { startModel, type Model } from "../../../../service/servers/models/model.ts";
import { startTestHost, TOKEN } from "../../running-host.ts";
import type { Data, Order } from "./fixtures/scripted-model.ts";
import { modelLibraries } from "./libraries.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { REVISION, writeModel } from "./write-model.ts";

type Scripted = Model<Order, string, { readonly greeting: string }>;

const SCRIPTED = new URL("./fixtures/scripted-model.ts", import.meta.url);

const open = { signal: new AbortController().signal };

describe("a model in worker threads", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
    await symlink(join(await modelLibraries(), "node_modules"), join(folder.path, "node_modules"));
    await writeModel(join(folder.path, "scripted"), "tests/scripted", {});
  });
  after(() => folder.remove());

  /** Starts the scripted model; its log's messages come as events of these names. */
  async function start(
    context: TestContext,
    environment: Record<string, string> = {},
    more: { readonly data?: Data; readonly batchMilliseconds?: number } = {},
  ): Promise<{ readonly model: Scripted; readonly logged: EventEmitter }> {
    const logged = new EventEmitter();
    const log = pino(
      {},
      {
        write: (line: string) => {
          const entry = JSON.parse(line) as Record<string, unknown>;
          logged.emit(String(entry["msg"]), entry);
        },
      },
    );
    const model: Scripted = await startModel({
      name: "scripted",
      module: SCRIPTED,
      environment: { MODELS_PATH: folder.path, MODEL_DEVICE: "cpu", ...environment },
      log,
      data: { greeting: "Hello" },
      ...more,
    });
    context.after(() => model.stop());
    return { model, logged };
  }

  test("GIVEN a model THEN the main thread knows where it runs, what it is and what it tells of itself", async (context) => {
    const { model } = await start(context);
    assert.deepEqual(
      { device: model.device, about: model.about, repository: model.manifest.repository },
      {
        device: "cpu",
        about: { greeting: "Hello from the cpu" },
        repository: "tests/scripted",
      },
    );
    assert.equal(model.manifest.revision, REVISION);
    assert.deepEqual([model.ready(), model.healthy()], [true, true]);
  });

  test("GIVEN a thread that computes WHEN `/healthz`, `/readyz` and a list are asked for THEN they are answered before it is done", async (context) => {
    const { model } = await start(context);
    const { host } = await startTestHost(context, {
      tools: [
        defineTool({
          name: "hold",
          description: "Runs the model.",
          input: z.object({}),
          run: async () => (await model.run([{ kind: "hold", shared }], open)).join(""),
        }),
      ],
      start: () => ({ ready: () => model.ready(), healthy: () => model.healthy() }),
    });
    const shared = new SharedArrayBuffer(4);
    const state = new Int32Array(shared);
    const origin = `http://127.0.0.1:${host.address.port}`;
    const ask = (method: string, params: object) =>
      fetch(`${origin}/mcp`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${TOKEN}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      });

    const call = ask("tools/call", { name: "hold", arguments: {} });
    const waiting = Atomics.waitAsync(state, 0, 0);
    if (waiting.async) await waiting.value;
    const answers = await Promise.all([
      fetch(`${origin}/healthz`),
      fetch(`${origin}/readyz`),
      ask("tools/list", {}),
    ]);
    const stateThen = Atomics.load(state, 0);
    Atomics.store(state, 0, 2);
    Atomics.notify(state, 0);

    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    assert.equal(stateThen, 1, "the thread was still computing");
    assert.match(await (await call).text(), /held \(batch of 1\)/u);
  });

  test("GIVEN inputs of several calls WHEN one is refused and one throws THEN each call gets its own outcome", async (context) => {
    const { model } = await start(context);
    const echo = (text: string): Order => ({ kind: "echo", text });
    const outcomes = await Promise.allSettled([
      model.run([echo("first")], open),
      model.run([echo("second")], open),
      model.run([{ kind: "refuse" }], open),
      model.run([{ kind: "throw" }], open),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.status === "fulfilled" ? outcome.value : (outcome.reason as Error).message,
      ),
      [
        ["first (batch of 1)"],
        // The batch of three failed as a whole; alone, each had its own outcome.
        ["second (batch of 1)"],
        "Say something else.",
        "The model failed on this input.",
      ],
    );
    const [, , refused] = outcomes;
    assert.ok(refused.status === "rejected" && refused.reason instanceof ToolError);
  });

  test("GIVEN inputs and results that cannot cross between threads THEN they fail alone, and the thread goes on", async (context) => {
    const { model } = await start(context);
    const echo = (text: string): Order => ({ kind: "echo", text });
    const outcomes = await Promise.allSettled([
      model.run([echo("first")], open),
      model.run([echo("second")], open),
      model.run([echo((() => "a function") as unknown as string)], open),
      model.run([echo("third")], open),
      model.run([{ kind: "unsendable" }], open),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.status === "fulfilled" ? outcome.value : (outcome.reason as Error).message,
      ),
      [
        ["first (batch of 1)"],
        ["second (batch of 1)"],
        '() => "a function" could not be cloned.',
        ["third (batch of 1)"],
        "The model failed on this input.",
      ],
    );
    const [kept, lost] = await Promise.allSettled([
      model.run([echo("fourth")], open),
      model.run([echo("fifth"), { kind: "unsendable" }], open),
    ]);
    assert.deepEqual(kept.status === "fulfilled" && kept.value, ["fourth (batch of 1)"]);
    assert.equal(
      lost.status === "rejected" && (lost.reason as Error).message,
      "The model failed on this input.",
    );
    assert.equal(model.ready(), true);
  });

  test("GIVEN a thread that has ended WHEN it gets a batch THEN the batch fails at once", async () => {
    const ended = Promise.withResolvers<Error>();
    const worker = new ModelWorker(
      {
        module: SCRIPTED.href,
        name: "scripted",
        settings: { modelsPath: folder.path, device: "cpu", threads: 1 },
        manifest: await readManifest(join(folder.path, "scripted")),
        data: { greeting: "Hello" },
      },
      ended.resolve,
    );
    await worker.loaded;
    await assert.rejects(
      worker.run([{ kind: "die" }], () => []),
      { name: "WorkerLost" },
    );
    await ended.promise;
    await assert.rejects(
      worker.run([{ kind: "echo", text: "a" }], () => []),
      { name: "WorkerLost", message: "A model's thread ended before it got a batch." },
    );
  });

  test("GIVEN a full queue WHEN a call comes THEN the model that calls is told to try again", async (context) => {
    const { model } = await start(context, { MODEL_QUEUE_SIZE: "1" });
    const calls = ["a", "b"].map((text) => model.run([{ kind: "echo", text }], open));
    await assert.rejects(model.run([{ kind: "echo", text: "c" }], open), {
      name: "ToolError",
      message:
        "This replica's model is working on as many calls as it takes. Try again in a few seconds.",
    });
    await Promise.all(calls);
  });

  test("GIVEN a thread that ends WHEN it runs a call THEN the call fails, the replica is not ready, and turns ready with a new thread", async (context) => {
    const { model, logged } = await start(context);
    const lost = once(logged, "model thread lost");
    await assert.rejects(model.run([{ kind: "die" }], open), { name: "WorkerLost" });
    await lost;
    assert.deepEqual([model.ready(), model.healthy()], [false, true]);
    assert.deepEqual(await model.run([{ kind: "echo", text: "back" }], open), [
      "back (batch of 1)",
    ]);
    assert.deepEqual([model.ready(), model.healthy()], [true, true]);
  });

  test("GIVEN threads that end, each after it has answered WHEN it has come to three THEN the replica is healthy still", async (context) => {
    const { model } = await start(context);
    for (let count = 0; count < 3; count += 1) {
      await assert.rejects(model.run([{ kind: "die" }], open), { name: "WorkerLost" });
      await model.run([{ kind: "echo", text: "back" }], open);
    }
    assert.deepEqual([model.ready(), model.healthy()], [true, true]);
  });

  test("GIVEN a thread that ends WHEN no new one can load the model THEN the replica is unhealthy, and calls that wait are refused", async (context) => {
    const data = { greeting: "Hello", loads: new SharedArrayBuffer(4) };
    const { model, logged } = await start(context, {}, { data });
    const broken = once(logged, "model broken");
    const lost = model.run([{ kind: "die" }], open);
    const waiting = model.run([{ kind: "echo", text: "a" }], open);
    const outcome = assert.rejects(waiting, { name: "Stopped" });
    await assert.rejects(lost, { name: "WorkerLost" });
    await broken;
    await outcome;
    assert.deepEqual([model.ready(), model.healthy()], [false, false]);
  });

  test("GIVEN a batch that hangs WHEN its time is over THEN the replica is unhealthy", async (context) => {
    const { model, logged } = await start(context, {}, { batchMilliseconds: 1 });
    const shared = new SharedArrayBuffer(4);
    const broken = once(logged, "model broken");
    const call = model.run([{ kind: "hold", shared }], open);
    await broken;
    assert.deepEqual([model.ready(), model.healthy()], [false, false]);
    Atomics.store(new Int32Array(shared), 0, 2);
    Atomics.notify(new Int32Array(shared), 0);
    assert.deepEqual(await call, ["held (batch of 1)"]);
  });

  test("GIVEN two workers WHEN one computes THEN the other one takes the next call", async (context) => {
    const { model } = await start(context, { MODEL_WORKERS: "2" });
    const shared = new SharedArrayBuffer(4);
    const held = model.run([{ kind: "hold", shared }], open);
    assert.deepEqual(await model.run([{ kind: "echo", text: "free" }], open), [
      "free (batch of 1)",
    ]);
    Atomics.store(new Int32Array(shared), 0, 2);
    Atomics.notify(new Int32Array(shared), 0);
    assert.deepEqual(await held, ["held (batch of 1)"]);
  });

  test("GIVEN no transformers.js WHEN a model starts THEN it ends with a sentence", async () => {
    const bare = await temporaryFolder();
    await writeModel(join(bare.path, "scripted"), "tests/scripted", {});
    await assert.rejects(
      startModel({
        name: "scripted",
        module: SCRIPTED,
        environment: { MODELS_PATH: bare.path },
        log: pino({ level: "silent" }),
      }),
      {
        name: "ConfigurationError",
        message: `\`@huggingface/transformers\` is neither in \`${bare.path}/node_modules\` nor beside this program. Take an image with the target \`models\` or \`models-cuda\`, or install the package (docs/models.md).`,
      },
    );
    await bare.remove();
  });
});
