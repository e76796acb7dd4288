import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { readManifest } from "../../../../service/servers/models/manifest.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { REVISION, writeModel } from "./write-model.ts";

const HOW_TO_GET_ONE =
  "Build the image with the target `models` or `models-cuda`, which hold the models, or download them with `node dist/download-models.mjs <folder>` and name that folder in `MODELS_PATH` (docs/models.md).";

async function modelIn(context: TestContext): Promise<string> {
  const { path, remove } = await temporaryFolder();
  context.after(remove);
  await writeModel(path, "owner/name", {
    "config.json": { a: 1 },
    "onnx/model.onnx": Buffer.of(1),
  });
  return path;
}

test("GIVEN a model that is whole THEN its manifest says what it is", async (context) => {
  const { repository, revision, files } = await readManifest(await modelIn(context));
  assert.deepEqual(
    [repository, revision, Object.keys(files)],
    ["owner/name", REVISION, ["config.json", "onnx/model.onnx"]],
  );
});

test("GIVEN a file that is missing or cut off THEN the error names it and how to get the model", async (context) => {
  const folder = await modelIn(context);
  await writeFile(join(folder, "onnx", "model.onnx"), "");
  await assert.rejects(readManifest(folder), {
    name: "ConfigurationError",
    message: `The model in \`${folder}\` is not whole: \`onnx/model.onnx\` has 0 bytes instead of 1. ${HOW_TO_GET_ONE}`,
  });
  await rm(join(folder, "onnx"), { recursive: true });
  await assert.rejects(readManifest(folder), {
    name: "ConfigurationError",
    message: `The model in \`${folder}\` is not whole: \`onnx/model.onnx\` is missing. ${HOW_TO_GET_ONE}`,
  });
});

for (const [what, text] of [
  ["no JSON", "{"],
  ["another shape", "{}"],
] as const) {
  test(`GIVEN a manifest with ${what} THEN the error names it`, async (context) => {
    const folder = await modelIn(context);
    await writeFile(join(folder, "model.json"), text);
    await assert.rejects(readManifest(folder), {
      name: "ConfigurationError",
      message: `\`${folder}/model.json\` does not describe a model as the download writes it. ${HOW_TO_GET_ONE}`,
    });
  });
}
