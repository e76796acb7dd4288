import type { ToolError } from "../../runtime/tool.ts";
import type { Manifest, Precision } from "./manifest.ts";
import type { Device } from "./settings.ts";
import type { TransformersLibrary } from "./transformers.ts";

/** What a module's `load` gets, in the worker thread. */
export interface LoadContext<Data = unknown> {
  /** transformers.js, told to read models from the disk alone. */
  readonly transformers: TransformersLibrary;
  /** Loads a library that lies beside transformers.js, such as `sharp`. */
  readonly require: (name: string) => unknown;
  /** What to give `pipeline` as the model: its folder, relative to `MODELS_PATH`. */
  readonly model: string;
  /** The same folder, absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly device: Device;
  readonly precision: Precision;
  /** The options of `pipeline` and `from_pretrained` that the settings call for: device, precision and threads. */
  readonly options: PipelineOptions;
  /** What the server gave `startModel` for this. */
  readonly data: Data;
}

/** Options of transformers.js, by its names. */
export interface PipelineOptions {
  readonly device: Device;
  readonly dtype: Precision;
  readonly local_files_only: true;
  readonly session_options: {
    readonly intraOpNumThreads: number;
    readonly interOpNumThreads: number;
    /** Settings of ONNX Runtime by their own names. */
    readonly extra: { readonly session: { readonly intra_op: { readonly allow_spinning: "0" } } };
  };
}

/** A model in memory. */
export interface LoadedModel<Input, Output, About = unknown> {
  /** What the main thread should know of it, such as its languages: something that structured clone can carry. Default: undefined. */
  readonly about?: About;
  /**
   * Computes a batch: a result for each input, in their order. A {@link ToolError} in the place of a result refuses that input alone. Where it
   * rejects, each input of the batch is tried once more by itself, so that one cannot spoil the others.
   */
  run(inputs: readonly Input[]): Promise<readonly (Output | ToolError)[]>;
}

/** What a model's module exports as `load`: opens the model, once for each worker thread. */
export type LoadModel<Input, Output, About = unknown, Data = unknown> = (
  context: LoadContext<Data>,
) => Promise<LoadedModel<Input, Output, About>>;
