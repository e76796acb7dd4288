import { Worker } from "node:worker_threads";
import { ConfigurationError } from "../../runtime/configuration-error.ts";
import { ToolError } from "../../runtime/tool.ts";
import type { BatchResult } from "./batches.ts";
import { moduleBeside } from "./beside.ts";
import type { WorkerMessage, WorkerResult, WorkerStart } from "./worker-messages.ts";

/** What a worker says once its model is in memory. */
export type Loaded = Extract<WorkerMessage, { readonly kind: "loaded" }>;

/** A thread that ended without being told to. */
export class WorkerLost extends Error {
  override readonly name = "WorkerLost";
}

/** A batch that waits for its results. */
interface Pending {
  readonly resolve: (results: readonly WorkerResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread with its copy of a model, as the main thread sees it. */
export class ModelWorker {
  readonly #thread: Worker;
  #pending: Pending | undefined;
  #settleLoaded: ((message: Loaded) => void) | undefined;
  #isStopping = false;
  #hasEnded = false;
  #fault: unknown;
  readonly #lost: (error: Error) => void;
  /** Resolves when the model is in memory; rejects where it cannot be loaded. */
  readonly loaded: Promise<Loaded>;

  /** @param lost told once, after the thread has ended of itself. */
  constructor(start: WorkerStart, lost: (error: Error) => void) {
    this.#lost = lost;
    this.#thread = new Worker(moduleBeside("inference-worker", import.meta.url), {
      workerData: start,
      name: `model ${start.name}`,
    });
    this.loaded = new Promise((resolve, reject) => {
      this.#settleLoaded = resolve;
      this.#pending = { resolve: () => undefined, reject };
    });
    // Whoever started it awaits this; a thread that is lost later must not end the process.
    this.loaded.catch(() => undefined);
    this.#thread.on("message", (message: WorkerMessage) => {
      this.#hear(message);
    });
    this.#thread.on("error", (error) => {
      this.#fault = error;
    });
    this.#thread.on("exit", (code) => {
      this.#ended(code);
    });
  }

  /**
   * Runs a batch; there must be no other one. An input that cannot be sent to the thread fails alone.
   *
   * @param transferOf memory of an input that moves to the thread instead of being copied.
   * @throws {WorkerLost} where the thread ends, or has ended: it says nothing to what is sent to it then.
   */
  async run<Input, Output>(
    inputs: readonly Input[],
    transferOf: (input: Input) => readonly ArrayBuffer[],
  ): Promise<readonly BatchResult<Output>[]> {
    if (this.#hasEnded) {
      throw new WorkerLost("A model's thread ended before it got a batch.", { cause: this.#fault });
    }
    const answer = Promise.withResolvers<readonly WorkerResult[]>();
    try {
      const transfer = inputs.flatMap((input) => transferOf(input));
      this.#thread.postMessage({ inputs }, transfer);
    } catch (error) {
      if (inputs.length === 1) return [{ error }];
      const alone: BatchResult<Output>[] = [];
      for (const input of inputs)
        alone.push(...(await this.run<Input, Output>([input], transferOf)));
      return alone;
    }
    this.#pending = answer;
    const results = await answer.promise;
    return results.map((result) => {
      if ("value" in result) return { value: result.value as Output };
      return {
        error:
          "refusal" in result
            ? new ToolError(result.refusal)
            : new Error("The model failed on this input.", { cause: result.failure }),
      };
    });
  }

  /** Ends the thread; what it computes is lost. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#thread.terminate();
  }

  #hear(message: WorkerMessage): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (message.kind === "results") pending?.resolve(message.results);
    else if (message.kind === "loaded") this.#settleLoaded?.(message);
    else {
      this.#isStopping = true;
      pending?.reject(
        message.advice === undefined
          ? new Error("The model cannot be loaded.", { cause: message.failure })
          : new ConfigurationError(message.advice),
      );
      void this.#thread.terminate();
    }
  }

  #ended(code: number): void {
    this.#hasEnded = true;
    const error = new WorkerLost(`A model's thread ended with code ${code}.`, {
      cause: this.#fault,
    });
    this.#pending?.reject(error);
    this.#pending = undefined;
    if (!this.#isStopping) this.#lost(error);
  }
}
