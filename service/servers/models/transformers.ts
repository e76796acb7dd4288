import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ConfigurationError } from "../../runtime/configuration-error.ts";

/** The package, and the version that the image installs and the tests run on. */
export const TRANSFORMERS_PACKAGE = "@huggingface/transformers";

/**
 * The part of transformers.js that is told here what to do. Its own types come with a package of some hundred megabytes, which this one
 * neither installs nor bundles: it lies in `MODELS_PATH` in the image, and in the program's own `node_modules` elsewhere.
 */
export interface TransformersLibrary {
  readonly env: {
    version: string;
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    localModelPath: string;
    useFSCache: boolean;
    useBrowserCache: boolean;
    logLevel: number;
  };
  /** Loads tokenizer or processor and model of a task; see https://huggingface.co/docs/transformers.js/api/pipelines. */
  pipeline(task: string, model: string, options: object): Promise<Pipeline>;
  /** Pixels, row by row, channels beside each other. */
  readonly RawImage: new (
    data: Uint8ClampedArray,
    width: number,
    height: number,
    channels: 1 | 2 | 3 | 4,
  ) => object;
}

/** A task with its model: a function that also carries the parts it is made of. */
export interface Pipeline {
  (inputs: unknown, options?: object): Promise<unknown>;
  readonly tokenizer: unknown;
  readonly processor: unknown;
  readonly model: { readonly config: Readonly<Record<string, unknown>> };
  dispose(): Promise<void>;
}

/** Where libraries are loaded from. */
export interface Libraries {
  readonly transformers: TransformersLibrary;
  readonly require: (name: string) => unknown;
  /** Why ONNX Runtime cannot use CUDA, as far as its files tell; undefined where it may be tried. */
  readonly withoutCuda: string | undefined;
}

/** `LogLevel.ERROR` of transformers.js: ONNX Runtime warns of every node that it assigns. */
const ERRORS_ONLY = 40;

/**
 * Loads transformers.js from the models' folder, or else from where this module's own packages come from, and tells it never to download.
 *
 * @throws {ConfigurationError} where it is not installed.
 */
export function loadLibraries(modelsPath: string): Libraries {
  const own = createRequire(import.meta.url);
  let file: string;
  try {
    file = own.resolve(TRANSFORMERS_PACKAGE, { paths: [modelsPath, import.meta.dirname] });
  } catch (error) {
    throw new ConfigurationError(
      `\`${TRANSFORMERS_PACKAGE}\` is neither in \`${join(modelsPath, "node_modules")}\` nor beside this program. Take an image with the` +
        " target `models` or `models-cuda`, or install the package (docs/models.md).",
      { cause: error },
    );
  }
  const fromThere = createRequire(file);
  const transformers = fromThere(file) as TransformersLibrary;
  transformers.env.allowRemoteModels = false;
  transformers.env.allowLocalModels = true;
  transformers.env.useFSCache = false;
  transformers.env.useBrowserCache = false;
  transformers.env.localModelPath = modelsPath;
  transformers.env.logLevel = ERRORS_ONLY;
  return {
    transformers,
    require: (name) => fromThere(name) as unknown,
    withoutCuda: withoutCuda(fromThere),
  };
}

/** ONNX Runtime's package has its CUDA files only where its install script fetched them: Linux on x64 alone has any. */
function withoutCuda(require: NodeJS.Require): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `ONNX Runtime has no CUDA for ${process.platform} on ${process.arch}.`;
  }
  const root = dirname(dirname(require.resolve("onnxruntime-node")));
  const file = join(root, "bin", "napi-v6", "linux", "x64", "libonnxruntime_providers_cuda.so");
  if (existsSync(file)) return undefined;
  return "ONNX Runtime is installed without its CUDA files: the image's target `models-cuda` has them.";
}
