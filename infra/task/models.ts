import * as pulumi from "@pulumi/pulumi";
import type { TaskSize } from "../capacity/task-size.ts";

/** The precisions in which a repository of the hub may hold a model's weights, by transformers.js's names ("Using quantized models (dtypes)"). */
export const ModelPrecision = {
  /** 32 bits: the model as it was trained, and the largest. */
  Fp32: "fp32",
  /** 16 bits: half of that, and what GPUs are fastest with. */
  Fp16: "fp16",
  /** 8 bits, a quarter of it, in the form that transformers.js takes by default on a CPU. */
  Q8: "q8",
  /** 8 bits with a sign. */
  Int8: "int8",
  /** 8 bits without a sign. */
  Uint8: "uint8",
  /** 4 bits. */
  Q4: "q4",
  /** 4 bits, computed with 16. */
  Q4f16: "q4f16",
  /** 4 bits, in the form of bitsandbytes. */
  Bnb4: "bnb4",
} as const;
export type ModelPrecision = (typeof ModelPrecision)[keyof typeof ModelPrecision];

/** The model of `server: translator` and `server: classifier`, and how a replica runs it. */
export interface ServedModel {
  /**
   * The repository of the Hugging Face hub that holds the model as ONNX files for transformers.js, `owner/name`; the image gets it when it is built.
   * Default: the server's own (docs/models.md).
   */
  repository?: pulumi.Input<string>;
  /**
   * The commit of the repository, 40 hexadecimal digits: a branch would be another model after the next build. With `repository`.
   * Default: that of the server's own model.
   */
  revision?: pulumi.Input<string>;
  /**
   * The names of the ONNX files that the model is made of, without folder, precision and ending; the repository has them in `onnx/`. Only beside `repository`.
   * Default: `encoder_model` and `decoder_model_merged` for `translator`, `model` for `classifier`.
   */
  graphs?: string[];
  /**
   * The precision of the weights, where the replicas run; the repository must have each file so.
   * Default: `q8` on a processor, `fp32` on a GPU.
   */
  precision?: ModelPrecision;
  /**
   * The threads of each replica that run the model, 1 to 64, each with a copy of it in memory, and in the GPU's.
   * Default: 1; `maxReplicas` multiplies the same, and spreads it over zones.
   */
  workers?: pulumi.Input<number>;
  /**
   * The calls that one run of the model takes at most, 1 to 256.
   * Default: 8.
   */
  batchSize?: pulumi.Input<number>;
  /**
   * The calls of a replica that wait for a worker, 1 to 100000; more are told that it is busy. `maxOngoingRequests` counts them, too.
   * Default: 64.
   */
  maxQueuedCalls?: pulumi.Input<number>;
}

/** The servers that run a model. */
export const MODEL_SERVERS = ["translator", "classifier"] as const;
export type ModelServer = (typeof MODEL_SERVERS)[number];

export function isModelServer(server: string | undefined): server is ModelServer {
  return (MODEL_SERVERS as readonly (string | undefined)[]).includes(server);
}

/** The numbers that a server gets in any case, so that they stand in the task definition. */
export const DEFAULT_WORKERS = 1;
export const DEFAULT_BATCH_SIZE = 8;
const DEFAULT_QUEUED_CALLS = 64;

/**
 * What a replica has on a processor alone where nobody says otherwise: a translation of a sentence takes about a second there. Cheaper sizes of Fargate that
 * would hold the models have too little of either (docs/gpu.md).
 */
export const DEFAULT_MODEL_SIZES: Readonly<Record<ModelServer, TaskSize>> = {
  translator: { cpu: 2, memory: 4096 },
  classifier: { cpu: 1, memory: 2048 },
};

/** How long a server may take until its model is loaded, and CUDA is with it, in seconds; the pull of the image comes before. */
export const MODEL_STARTUP_SECONDS = 120;

/** The variables that come from arguments, each with its own. */
export const MODEL_RESERVED: ReadonlyMap<string, string> = new Map([
  ["MODEL_BATCH_SIZE", "`model.batchSize`"],
  ["MODEL_DEVICE", "`gpu`"],
  ["MODEL_QUEUE_SIZE", "`model.maxQueuedCalls`"],
  ["MODEL_THREADS", "`cpu`"],
  ["MODEL_WORKERS", "`model.workers`"],
]);

/**
 * What the server is told through its environment.
 *
 * @param hasGpu with one, the CPU alone will not do: a replica that found no CUDA would cost a GPU's price and run at a hundredth of its speed, unseen.
 * @param cpu of a replica, in vCPU. A container on an instance sees all of its processors, and more threads than its share would wait for each other.
 */
export function modelEnvironment(
  model: ServedModel,
  hasGpu: boolean,
  cpu: pulumi.Input<number>,
): pulumi.Output<Record<string, string>> {
  return pulumi
    .output({
      batchSize: model.batchSize ?? DEFAULT_BATCH_SIZE,
      cpu,
      queued: model.maxQueuedCalls ?? DEFAULT_QUEUED_CALLS,
      workers: model.workers ?? DEFAULT_WORKERS,
    })
    .apply((known): Record<string, string> => ({
      MODEL_BATCH_SIZE: String(known.batchSize),
      MODEL_DEVICE: hasGpu ? "cuda" : "cpu",
      MODEL_QUEUE_SIZE: String(known.queued),
      MODEL_THREADS: String(Math.max(1, Math.floor(known.cpu / known.workers))),
      MODEL_WORKERS: String(known.workers),
    }));
}

/** The servers' own models (docs/models.md). Infrastructure and container import nothing of each other; a test holds both together. */
const OWN_MODELS: Readonly<
  Record<
    ModelServer,
    { readonly repository: string; readonly revision: string; readonly graphs: readonly string[] }
  >
> = {
  translator: {
    repository: "Xenova/m2m100_418M",
    revision: "cce333fc730dab2125fbc054a18fa2565db31095",
    graphs: ["encoder_model", "decoder_model_merged"],
  },
  classifier: {
    repository: "Xenova/vit-base-patch16-224",
    revision: "66fef688e8dbe77dd9d5aa256353f9ad8b0ef799",
    graphs: ["model"],
  },
};

/** Which stage of the bundled Dockerfile holds the model, and the arguments that name it: one image holds the model of one server. */
export function modelBuild(
  server: ModelServer,
  model: ServedModel,
  hasGpu: boolean,
): { readonly target: string; readonly args: Record<string, pulumi.Output<string>> } {
  const own = OWN_MODELS[server];
  const { precision } = model;
  const named = pulumi
    .all([model.repository ?? own.repository, model.revision ?? own.revision])
    .apply(
      ([repository, revision]) =>
        `${server}=${repository}@${revision}#${(model.graphs ?? own.graphs).join(",")}`,
    );
  return {
    target: hasGpu ? "models-cuda" : "models",
    args: {
      MODELS: named,
      ...(precision === undefined
        ? {}
        : {
            [hasGpu ? "MODELS_CUDA_PRECISION" : "MODELS_CPU_PRECISION"]: pulumi.output(precision),
          }),
    },
  };
}
