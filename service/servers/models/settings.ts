import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { readVariables, wholeNumber, type Environment } from "../../runtime/environment.ts";

/** Where a model is to run: `auto` takes CUDA where it works, and the CPU elsewhere. */
export type WantedDevice = "auto" | Device;

/** Where a model runs. */
export type Device = "cpu" | "cuda";

/** How a model server runs its model, from its environment. */
export interface ModelSettings {
  /** The folder with the libraries (`node_modules`) and one folder for each model. */
  readonly modelsPath: string;
  /** The model's own folder. */
  readonly modelPath: string;
  readonly device: WantedDevice;
  /** How many threads hold a copy of the model each. */
  readonly workers: number;
  /** How many threads of the CPU each of them computes with. */
  readonly threads: number;
  /** How many inputs go into one inference at most. */
  readonly batchSize: number;
  /** How many calls may wait for a worker. */
  readonly queueSize: number;
}

/** Where the image keeps models. */
const MODELS_PATH = "/opt/models";

const schema = z.object({
  MODELS_PATH: z.string().default(""),
  MODEL_DEVICE: z
    .enum(["auto", "cpu", "cuda"], { error: "is none of `auto`, `cpu` and `cuda`" })
    .default("auto"),
  MODEL_WORKERS: wholeNumber(1, 64, 1),
  MODEL_THREADS: wholeNumber(1, 256, 0),
  MODEL_BATCH_SIZE: wholeNumber(1, 256, 8),
  MODEL_QUEUE_SIZE: wholeNumber(1, 100_000, 64),
});

/**
 * Reads `MODELS_PATH` (`/opt/models`), `MODEL_DEVICE` (`auto`), `MODEL_WORKERS` (1), `MODEL_THREADS` (the processors that the container
 * has, less one for the event loop, divided among the workers), `MODEL_BATCH_SIZE` (8) and `MODEL_QUEUE_SIZE` (64).
 *
 * @param name the model's folder in `MODELS_PATH`.
 * @throws {ConfigurationError} that names every variable that is wrong.
 */
export function readModelSettings(
  name: string,
  environment: Environment,
  processors = availableParallelism(),
): ModelSettings {
  const read = readVariables(schema, environment, new Set());
  const modelsPath = resolve(read.MODELS_PATH || MODELS_PATH);
  return {
    modelsPath,
    modelPath: join(modelsPath, name),
    device: read.MODEL_DEVICE,
    workers: read.MODEL_WORKERS,
    threads: read.MODEL_THREADS || Math.max(1, Math.floor((processors - 1) / read.MODEL_WORKERS)),
    batchSize: read.MODEL_BATCH_SIZE,
    queueSize: read.MODEL_QUEUE_SIZE,
  };
}
