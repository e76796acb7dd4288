/** What the main thread and a worker tell each other. Everything here crosses by structured clone. */
import type { Manifest } from "./manifest.ts";
import type { ModelSettings } from "./settings.ts";

/** What a worker is started with. */
export interface WorkerStart {
  /** The address of the module that exports `load`. */
  readonly module: string;
  /** The model's folder in `modelsPath`. */
  readonly name: string;
  readonly settings: Pick<ModelSettings, "modelsPath" | "device" | "threads">;
  readonly manifest: Manifest;
  /** What the server's own `load` needs beside that. */
  readonly data: unknown;
}

/** A batch to run; a worker gets the next one when it has answered. */
export interface WorkerBatch {
  readonly inputs: readonly unknown[];
}

/** What became of one input: `refusal` is for the model that calls, `failure` for the log. */
export type WorkerResult =
  { readonly value: unknown } | { readonly refusal: string } | { readonly failure: string };

/** What a worker says. */
export type WorkerMessage =
  | {
      readonly kind: "loaded";
      readonly device: "cpu" | "cuda";
      /** Why it is not on CUDA, where CUDA was tried. */
      readonly withoutCuda: string | undefined;
      readonly about: unknown;
    }
  /** It could not load the model; `advice` is a sentence for whoever configured the server. */
  | { readonly kind: "unusable"; readonly advice: string | undefined; readonly failure: string }
  | { readonly kind: "results"; readonly results: readonly WorkerResult[] };
