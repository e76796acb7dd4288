import assert from "node:assert/strict";
import { test } from "node:test";
import { imageModels, withoutGpu } from "../../../local/graph/image-models.ts";

const TRANSLATOR =
  "translator=acme/words@0123456789abcdef0123456789abcdef01234567#encoder_model,decoder_model_merged";

test("GIVEN a build of a stage with models WHEN it is read THEN its models, their libraries and how to get them are known", () => {
  const build = { context: "/package/service", args: { MODELS: TRANSLATOR } };
  for (const target of ["models", "models-cuda"]) {
    assert.deepEqual(imageModels({ ...build, target }), {
      models: [{ name: "translator", declared: TRANSLATOR }],
      precision: undefined,
      libraries: "/package/service/servers/models/libraries",
      download: "/package/service/dist/download-models.mjs",
    });
  }
  const args = { MODELS: `${TRANSLATOR} birds=acme/birds@ab`, MODELS_CPU_PRECISION: "fp32" };
  const several = imageModels({ ...build, args, target: "models" });
  assert.deepEqual(
    several?.models.map(({ name }) => name),
    ["translator", "birds"],
  );
  assert.equal(several.precision, "fp32");
});

test("GIVEN a build of such a stage that names no model WHEN it is read THEN it has those that the stage has by itself", () => {
  const usual = imageModels({ context: "service", target: "models", args: {} });
  assert.deepEqual(usual?.models, [
    { name: "translator", declared: undefined },
    { name: "classifier", declared: undefined },
  ]);
});

test("GIVEN a build of another stage WHEN it is read THEN it has no models, whatever it is told", () => {
  for (const target of ["server", "stdio-npm", undefined]) {
    assert.equal(
      imageModels({ context: "service", target, args: { MODELS: TRANSLATOR } }),
      undefined,
    );
  }
});

test("GIVEN a container that takes CUDA alone WHEN no GPU is assigned THEN it is told to take the processor; others are left alone", () => {
  assert.deepEqual(withoutGpu({ A: "b", MODEL_DEVICE: "cuda" }), { A: "b", MODEL_DEVICE: "cpu" });
  const others: Record<string, string>[] = [{}, { MODEL_DEVICE: "auto" }, { MODEL_DEVICE: "cpu" }];
  for (const environment of others) assert.equal(withoutGpu(environment), environment);
});
