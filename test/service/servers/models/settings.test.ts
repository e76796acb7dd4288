import assert from "node:assert/strict";
import { test } from "node:test";
import { readModelSettings } from "../../../../service/servers/models/settings.ts";

test("GIVEN no variables THEN a model runs with the usual settings, and leaves a processor to the event loop", () => {
  assert.deepEqual(readModelSettings("classifier", {}, 4), {
    modelsPath: "/opt/models",
    modelPath: "/opt/models/classifier",
    device: "auto",
    workers: 1,
    threads: 3,
    batchSize: 8,
    queueSize: 64,
  });
});

test("GIVEN variables THEN they count", () => {
  const environment = {
    MODELS_PATH: "/models",
    MODEL_DEVICE: "cuda",
    MODEL_WORKERS: "3",
    MODEL_THREADS: "5",
    MODEL_BATCH_SIZE: "16",
    MODEL_QUEUE_SIZE: "7",
  };
  assert.deepEqual(readModelSettings("mine", environment, 4), {
    modelsPath: "/models",
    modelPath: "/models/mine",
    device: "cuda",
    workers: 3,
    threads: 5,
    batchSize: 16,
    queueSize: 7,
  });
});

for (const [processors, workers, threads] of [
  [1, "1", 1],
  [2, "1", 1],
  [8, "2", 3],
  [2, "4", 1],
] as const) {
  test(`GIVEN ${processors} processors and ${workers} workers THEN each computes with ${threads} threads`, () => {
    assert.equal(readModelSettings("a", { MODEL_WORKERS: workers }, processors).threads, threads);
  });
}

test("GIVEN wrong values THEN each is named with what is wrong", () => {
  assert.throws(() => readModelSettings("a", { MODEL_DEVICE: "tpu", MODEL_WORKERS: "0" }), {
    name: "ConfigurationError",
    message:
      "`MODEL_DEVICE` (`tpu`) is none of `auto`, `cpu` and `cuda`. `MODEL_WORKERS` (`0`) is not between 1 and 64.",
  });
});
