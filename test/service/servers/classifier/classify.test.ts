import assert from "node:assert/strict";
import { test } from "node:test";
import type { StructuredTool } from "../../../../service/runtime/tool.ts";
import { callTool } from "../../../../service/runtime/testing.ts";
import { classify, type ClassifyOptions } from "../../../../service/servers/classifier/classify.ts";
import { BUSY } from "../../../../service/servers/models/model.ts";

test("GIVEN as many images being fetched as may wait or run WHEN another call comes THEN nothing is fetched for it, and there is room again when one has failed", async () => {
  const fetches: PromiseWithResolvers<Uint8Array<ArrayBuffer>>[] = [];
  const model = {
    manifest: { repository: "owner/name", revision: "1" },
    device: "cpu",
    settings: { queueSize: 1, workers: 1, batchSize: 2 },
    run: () => Promise.resolve([[{ label: "cat", score: 1 }]]),
  } as unknown as ClassifyOptions["model"];
  const tool = classify({
    model,
    images: {
      fetch: () => {
        const fetched = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
        fetches.push(fetched);
        return fetched.promise;
      },
      close: () => Promise.resolve(),
    },
  }) as unknown as StructuredTool;
  const call = () => callTool(tool, { image_url: "https://example.com/cat.jpg" });

  const failing = assert.rejects(call(), { message: "not there" });
  const others = [call(), call()];
  await assert.rejects(call(), { name: "ToolError", message: BUSY });
  assert.equal(fetches.length, 3);
  fetches[0]?.reject(new Error("not there"));
  await failing;
  others.push(call());
  await Promise.resolve();
  assert.equal(fetches.length, 4);
  for (const { resolve } of fetches) resolve(new Uint8Array(1));
  for (const result of await Promise.all(others))
    assert.deepEqual((result as { labels: unknown }).labels, [{ label: "cat", score: 1 }]);
});
