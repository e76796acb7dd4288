import type { Logger } from "pino";
import type { Environment } from "../../runtime/environment.ts";
import { ToolError } from "../../runtime/tool.ts";
import { Batches, QueueFull, Stopped, type BatchCall, type RunBatch } from "./batches.ts";
import { readManifest, type Manifest } from "./manifest.ts";
import { ModelWorker, type Loaded } from "./model-worker.ts";
import { readModelSettings, type Device, type ModelSettings } from "./settings.ts";
import type { WorkerStart } from "./worker-messages.ts";

/** Which model is started, and how. */
export interface ModelOptions<Input, Data = unknown> {
  /** Its folder in `MODELS_PATH`. */
  readonly name: string;
  /** The module that exports `load` (a `LoadModel`); it is loaded in worker threads alone. */
  readonly module: URL;
  readonly environment: Environment;
  readonly log: Logger;
  /** What `load` gets as `data`: something that structured clone can carry. Default: undefined. */
  readonly data?: Data;
  /** Inputs of different keys never share a batch, for models that take one setting for a whole batch. Default: all may. */
  readonly keyOf?: (input: Input) => string;
  /** Memory of an input that moves to the thread instead of being copied; nobody may read it afterwards. Default: none. */
  readonly transferOf?: (input: Input) => readonly ArrayBuffer[];
  /** How long one batch may take, in milliseconds, before the replica counts as broken. Default: ten minutes. */
  readonly batchMilliseconds?: number;
}

/** A GPU that hangs keeps its thread for ever, and native code cannot be interrupted. No honest batch takes so long. */
const BATCH_MILLISECONDS = 600_000;

/** How many threads may be lost in a row, none of them having answered a batch, before the replica counts as broken. */
const MOST_LOST = 3;

/** A model that runs in worker threads. */
export class Model<Input, Output, About = unknown> {
  readonly settings: ModelSettings;
  readonly manifest: Manifest;
  /** Where it runs. */
  readonly device: Device;
  /** What its `load` told of it. */
  readonly about: About;
  readonly #pool: Pool<Input, Output>;

  constructor(pool: Pool<Input, Output>, loaded: Loaded) {
    this.settings = pool.settings;
    this.manifest = pool.manifest;
    this.device = loaded.device;
    this.about = loaded.about as About;
    this.#pool = pool;
  }

  /**
   * Computes the outputs of one call's inputs, in their order; they may share batches with those of other calls.
   *
   * @throws {ToolError} where too many calls wait, or `load`'s `run` refuses an input; the signal's reason once it aborts.
   */
  async run(inputs: readonly Input[], call: BatchCall): Promise<Output[]> {
    try {
      return await this.#pool.batches.run(inputs, call);
    } catch (error) {
      if (error instanceof QueueFull) throw new ToolError(BUSY, { cause: error });
      throw error;
    }
  }

  /** Whether any thread has the model in memory: for `/readyz`. */
  ready(): boolean {
    return this.#pool.live > 0 && !this.#pool.isBroken;
  }

  /** Whether it can still come to something: for `/healthz`. */
  healthy(): boolean {
    return !this.#pool.isBroken;
  }

  /** Ends the threads; calls that wait are refused. */
  stop(): Promise<void> {
    return this.#pool.stop();
  }
}

/** What a caller is told where no more calls may wait. */
export const BUSY =
  "This replica's model is working on as many calls as it takes. Try again in a few seconds.";

/**
 * Starts a model: reads its folder and settings, and loads it into every worker.
 *
 * @throws {ConfigurationError} where a variable is wrong, the model or transformers.js is not there, or `MODEL_DEVICE` is `cuda` and cannot be had.
 */
export async function startModel<Input, Output, About = unknown, Data = unknown>(
  options: ModelOptions<Input, Data>,
): Promise<Model<Input, Output, About>> {
  const settings = readModelSettings(options.name, options.environment);
  const manifest = await readManifest(settings.modelPath);
  const pool = new Pool<Input, Output>(options, settings, manifest);
  const started = performance.now();
  const loaded = await pool.start();
  options.log.info(
    {
      model: manifest.repository,
      revision: manifest.revision,
      device: loaded.device,
      precision: manifest.precision[loaded.device],
      workers: settings.workers,
      threads: settings.threads,
      milliseconds: Math.round(performance.now() - started),
      ...(loaded.withoutCuda === undefined ? {} : { withoutCuda: loaded.withoutCuda }),
    },
    "model loaded",
  );
  return new Model(pool, loaded);
}

/** The threads of one model. */
class Pool<Input, Output> {
  readonly settings: ModelSettings;
  readonly manifest: Manifest;
  readonly batches: Batches<Input, Output>;
  readonly #options: ModelOptions<Input>;
  readonly #transferOf: (input: Input) => readonly ArrayBuffer[];
  readonly #workers = new Set<ModelWorker>();
  #lostInARow = 0;
  #isStopping = false;
  /** How many threads have the model in memory. */
  live = 0;
  isBroken = false;

  constructor(options: ModelOptions<Input>, settings: ModelSettings, manifest: Manifest) {
    this.#options = options;
    this.#transferOf = options.transferOf ?? (() => []);
    this.settings = settings;
    this.manifest = manifest;
    this.batches = new Batches({
      batchSize: settings.batchSize,
      queueSize: settings.queueSize,
      keyOf: options.keyOf ?? (() => ""),
    });
  }

  /** One after another: the first tells whether it works at all, and memory is short while a model is read. */
  async start(): Promise<Loaded> {
    try {
      const first = await this.#add();
      for (let count = 1; count < this.settings.workers; count += 1) await this.#add();
      return first;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.batches.stop(new Stopped("The model has stopped."));
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
  }

  async #add(): Promise<Loaded> {
    const { name, module, data } = this.#options;
    const start: WorkerStart = {
      name,
      module: module.href,
      settings: this.settings,
      manifest: this.manifest,
      data,
    };
    let isLoaded = false;
    const worker = new ModelWorker(start, (error) => {
      this.#workers.delete(worker);
      if (!isLoaded) return;
      this.live -= 1;
      this.batches.remove(run);
      this.#replace(error);
    });
    const run: RunBatch<Input, Output> = async (inputs) => {
      const timer = setTimeout(() => {
        this.#giveUp();
      }, this.#batchMilliseconds).unref();
      try {
        const results = await worker.run<Input, Output>(inputs, this.#transferOf);
        this.#lostInARow = 0;
        return results;
      } finally {
        clearTimeout(timer);
      }
    };
    this.#workers.add(worker);
    try {
      const loaded = await worker.loaded;
      isLoaded = true;
      this.live += 1;
      this.batches.add(run);
      return loaded;
    } catch (error) {
      this.#workers.delete(worker);
      throw error;
    }
  }

  get #batchMilliseconds(): number {
    return this.#options.batchMilliseconds ?? BATCH_MILLISECONDS;
  }

  #replace(error: unknown): void {
    if (this.#isStopping || this.isBroken) return;
    this.#lostInARow += 1;
    this.#options.log.error({ err: error, lostInARow: this.#lostInARow }, "model thread lost");
    if (this.#lostInARow >= MOST_LOST) {
      this.#break("The model's threads end one after another.");
      return;
    }
    this.#add().catch((failure: unknown) => {
      this.#replace(failure);
    });
  }

  #giveUp(): void {
    this.#break(`A batch has taken longer than ${this.#batchMilliseconds} ms.`);
  }

  /** From here on only a new process helps: `/healthz` says so, and what waits is refused. */
  #break(why: string): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.live = 0;
    this.#options.log.error({ why }, "model broken");
    this.batches.stop(new Stopped(why));
  }
}
