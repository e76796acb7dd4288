/** The thread that holds a copy of a model: loads it, says so, then answers one batch after another. */
import { parentPort, workerData } from "node:worker_threads";
import { join } from "node:path";
import { ConfigurationError } from "../../runtime/configuration-error.ts";
import { ToolError } from "../../runtime/tool.ts";
import type { LoadContext, LoadedModel, LoadModel } from "./load.ts";
import type { Device } from "./settings.ts";
import { loadLibraries, type Libraries } from "./transformers.ts";
import type { WorkerBatch, WorkerMessage, WorkerResult, WorkerStart } from "./worker-messages.ts";

type AnyModel = LoadedModel<unknown, unknown>;

/** A model, where it runs, and why it does not run on CUDA where that was tried. */
interface Placed {
  readonly model: AnyModel;
  readonly device: Device;
  readonly withoutCuda: string | undefined;
}

async function place(start: WorkerStart): Promise<Placed> {
  const { device: wanted, modelsPath } = start.settings;
  const { load } = (await import(start.module)) as { load: LoadModel<unknown, unknown> };
  const libraries = loadLibraries(modelsPath);
  const on = (device: Device): Promise<AnyModel> => load(contextOf(start, libraries, device));
  if (wanted === "cpu") return { model: await on("cpu"), device: "cpu", withoutCuda: undefined };
  const missing =
    start.manifest.precision.cuda === undefined ? NO_PRECISION : libraries.withoutCuda;
  const attempt = missing ?? (await on("cuda").catch(messageOf));
  if (typeof attempt !== "string")
    return { model: attempt, device: "cuda", withoutCuda: undefined };
  if (wanted === "cuda") {
    throw new ConfigurationError(
      `\`MODEL_DEVICE\` is \`cuda\`, but the model does not run there: ${attempt} Give the task a GPU and the image its libraries, or set \`auto\` or \`cpu\`.`,
    );
  }
  return { model: await on("cpu"), device: "cpu", withoutCuda: attempt };
}

const NO_PRECISION = "the model's folder has no files for CUDA.";

function contextOf(start: WorkerStart, libraries: Libraries, device: Device): LoadContext {
  const { manifest, settings } = start;
  const precision =
    (device === "cuda" ? manifest.precision.cuda : undefined) ?? manifest.precision.cpu;
  return {
    transformers: libraries.transformers,
    require: libraries.require,
    model: start.name,
    folder: join(settings.modelsPath, start.name),
    manifest,
    device,
    precision,
    options: {
      device,
      dtype: precision,
      local_files_only: true,
      session_options: {
        intraOpNumThreads: settings.threads,
        interOpNumThreads: 1,
        // Threads that wait for work by spinning take the processor from the event loop.
        extra: { session: { intra_op: { allow_spinning: "0" } } },
      },
    },
    data: start.data,
  };
}

async function runBatch(model: AnyModel, inputs: readonly unknown[]): Promise<WorkerResult[]> {
  try {
    const outputs = await model.run(inputs);
    return inputs.map((_input, place) => resultOf(outputs[place]));
  } catch (error) {
    if (inputs.length === 1) return [failureOf(error)];
    const results: WorkerResult[] = [];
    for (const input of inputs) results.push(...(await runBatch(model, [input])));
    return results;
  }
}

function resultOf(output: unknown): WorkerResult {
  if (output === undefined) return { failure: "The model gave no result for this input." };
  return output instanceof ToolError ? { refusal: output.message } : { value: output };
}

function failureOf(error: unknown): WorkerResult {
  if (error instanceof ToolError) return { refusal: error.message };
  return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.endsWith(".") ? message : `${message}.`;
}

/** What cannot cross to the main thread fails alone: thrown here, it would end the thread, and the whole batch with it. */
function answer(results: readonly WorkerResult[]): void {
  try {
    say({ kind: "results", results });
  } catch {
    say({ kind: "results", results: results.map(sendable) });
  }
}

function sendable(result: WorkerResult): WorkerResult {
  try {
    return structuredClone(result);
  } catch (error) {
    return failureOf(error);
  }
}

function say(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

try {
  const { model, device, withoutCuda } = await place(workerData as WorkerStart);
  parentPort?.on("message", ({ inputs }: WorkerBatch) => {
    void runBatch(model, inputs).then(answer);
  });
  say({ kind: "loaded", device, withoutCuda, about: model.about });
} catch (error) {
  say({
    kind: "unusable",
    advice: error instanceof ConfigurationError ? error.message : undefined,
    failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
}
