import type * as pulumi from "@pulumi/pulumi";
import {
  DEFAULT_WORKERS,
  MODEL_SERVERS,
  ModelPrecision,
  isModelServer,
  type ModelServer,
  type ServedModel,
} from "./models.ts";
import { checkModelVariables } from "./models-variables.ts";
import { gpuMemoryOf } from "../capacity/gpu.ts";
import type { InstanceCapacityFacts } from "../capacity/instance-capacity.ts";
import { CpuArchitecture } from "./task.ts";
import { ArgumentError, check, checkTogether, oneOf, wholeNumberBetween } from "../validation.ts";
import type { Variables } from "../variables.ts";

/** What `model` is checked against. */
export interface ModelSurroundings {
  readonly server: string | undefined;
  readonly hasGpu: boolean;
  readonly architecture: CpuArchitecture;
  readonly environment: Variables;
  readonly secrets: Variables;
  /** Of a replica, in MiB. */
  readonly memory: pulumi.Input<number>;
  /** What its other containers take of that, in MiB. */
  readonly reserved: readonly pulumi.Input<number>[];
  readonly gpu: pulumi.Input<number> | undefined;
  /** The instances that the service runs on; undefined on Fargate. */
  readonly instanceCapacity: pulumi.Input<InstanceCapacityFacts | undefined>;
}

/** Refuses models that could not be fetched, or not be run, and settings that nobody would read. */
export function checkModel(
  component: string,
  model: ServedModel | undefined,
  surroundings: ModelSurroundings,
): void {
  const { architecture, hasGpu, memory, reserved, server } = surroundings;
  if (!isModelServer(server)) {
    if (model === undefined) return;
    throw new ArgumentError(
      component,
      `\`model\` is given, but \`server\` is not ${MODEL_SERVERS.map((name) => `\`${name}\``).join(" or ")}, so that nothing would read it. Leave one of them out.`,
    );
  }
  if (hasGpu && architecture === CpuArchitecture.Arm64) {
    throw new ArgumentError(
      component,
      `\`architecture\` is \`${architecture}\` and \`gpu\` is given, but ONNX Runtime has CUDA for Node.js on \`${CpuArchitecture.X86_64}\` alone. Take instances with such` +
        " processors, or leave `gpu` out.",
    );
  }
  const { repository, revision, workers = DEFAULT_WORKERS } = model ?? {};
  check(repository, (name) => {
    checkRepository(component, name);
  });
  if (repository !== undefined && revision === undefined) {
    throw new ArgumentError(
      component,
      "`model.repository` is given without `model.revision`: the next build of the image could bring another model. Give the commit, 40 hexadecimal digits.",
    );
  }
  check(revision, (commit) => {
    if (/^[\da-f]{40}$/u.test(commit)) return;
    throw new ArgumentError(
      component,
      `\`model.revision\` is \`${commit}\`; give a commit, 40 hexadecimal digits, as the history of the repository has it: a branch is another model when it moves.`,
    );
  });
  checkGraphs(component, model);
  check(model?.precision, oneOf(component, "model.precision", ModelPrecision));
  check(workers, wholeNumberBetween(component, "model.workers", 1, 64));
  check(model?.batchSize, wholeNumberBetween(component, "model.batchSize", 1, 256, "calls"));
  check(
    model?.maxQueuedCalls,
    wholeNumberBetween(component, "model.maxQueuedCalls", 1, 100_000, "calls"),
  );
  const isOwn = repository === undefined && model?.precision === undefined;
  checkTogether([workers, memory, ...reserved], ([copies = 0, all = 0, ...others]) => {
    const left = others.reduce((rest, taken) => rest - taken, all);
    checkModelMemory(component, { server, isOwn, hasGpu }, copies, left);
  });
  checkModelGpu(component, { server, isOwn }, workers, surroundings);
  checkModelVariables(component, server, surroundings);
}

/** The hub's names: an owner and a repository, without an address (huggingface_hub, "validate_repo_id"). */
const REPOSITORY = /^[\w-][\w.-]{0,95}\/[\w-][\w.-]{0,95}$/u;

function checkRepository(component: string, name: string): void {
  if (REPOSITORY.test(name) && !name.includes("..")) return;
  throw new ArgumentError(
    component,
    `\`model.repository\` is \`${name}\`; give the owner and the name of a repository of the Hugging Face hub, \`owner/name\`.`,
  );
}

/** What the server takes beside its models, in MiB: Node.js, the host, and ONNX Runtime, loaded twice: reckoned from the smallest models of the tests, and to be measured with large ones. */
const HOST_MEMORY = 320;

/**
 * What a copy of each server's own model takes, in MiB, tokenizer and the tensors of a batch included: with a GPU while it is on its way there, in full precision.
 * Reckoned from the sizes of its files, since nobody here could fetch them.
 */
const OWN_MODEL_MEMORY: Readonly<
  Record<ModelServer, { readonly cpu: number; readonly gpu: number }>
> = {
  translator: { cpu: 1280, gpu: 2816 },
  classifier: { cpu: 448, gpu: 640 },
};

/** The same of a model of which nothing is known. */
const ANY_MODEL_MEMORY = 128;

/**
 * Refuses replicas that the models would outgrow: the kernel would end them while they start.
 *
 * @param memory what sidecars leave of the replica's, in MiB.
 */
function checkModelMemory(
  component: string,
  {
    server,
    isOwn,
    hasGpu,
  }: { readonly server: ModelServer; readonly isOwn: boolean; readonly hasGpu: boolean },
  workers: number,
  memory: number,
): void {
  const each = isOwn ? OWN_MODEL_MEMORY[server][hasGpu ? "gpu" : "cpu"] : ANY_MODEL_MEMORY;
  const needed = HOST_MEMORY + workers * each;
  if (memory >= needed) return;
  throw new ArgumentError(
    component,
    `\`memory\` leaves the ${server} ${memory} MiB beside the replica's other containers, but with ${workers === 1 ? "one worker" : `${workers} workers`} it needs at least` +
      ` ${needed} MiB (${each} for each copy of the model, ${HOST_MEMORY} beside them). Give more \`memory\`${workers === 1 ? "" : ", or fewer `model.workers`"}.`,
  );
}

/** The names of files, without what the build itself adds. */
const GRAPH = /^[\w-]{1,100}$/u;

function checkGraphs(component: string, model: ServedModel | undefined): void {
  const { graphs, repository } = model ?? {};
  if (graphs === undefined) return;
  if (repository === undefined) {
    throw new ArgumentError(
      component,
      "`model.graphs` is given without `model.repository`: those of the server's own model are known. Give both, or leave it out.",
    );
  }
  const wrong = graphs.find((graph) => !GRAPH.test(graph));
  if (graphs.length > 0 && wrong === undefined) return;
  throw new ArgumentError(
    component,
    `\`model.graphs\` ${wrong === undefined ? "is empty" : `has \`${wrong}\``}; give the names of the ONNX files without folder, precision and ending, such as \`encoder_model\`.`,
  );
}

/** What CUDA and its libraries take of a GPU's memory in each process, in MiB, before any model. */
const CUDA_MEMORY = 512;

/** What a copy of each server's own model takes of it, in MiB, with the tensors of a batch; reckoned as above. */
const OWN_GPU_MEMORY: Readonly<Record<ModelServer, number>> = { translator: 3584, classifier: 768 };

/** Refuses GPUs that nobody would use, and shares of one that do not hold the server's own model. Where replicas share one, nothing but this sentence keeps them from taking each other's memory. */
function checkModelGpu(
  component: string,
  { server, isOwn }: { readonly server: ModelServer; readonly isOwn: boolean },
  workers: pulumi.Input<number>,
  { gpu, instanceCapacity }: ModelSurroundings,
): void {
  check(instanceCapacity, (facts) => {
    if (facts === undefined || gpu === undefined) return;
    check(gpu, (count) => {
      if (count <= 1) return;
      throw new ArgumentError(
        component,
        `\`gpu\` is ${count}, but the ${server} uses one GPU: the others would be paid for and not used. Give 1, and more replicas.`,
      );
    });
    checkTogether([gpu, workers], ([share = 0, copies = 0]) => {
      const has = gpuMemoryOf(facts, share);
      const needed = CUDA_MEMORY + copies * OWN_GPU_MEMORY[server];
      if (!isOwn || has === undefined || has >= needed) return;
      throw new ArgumentError(
        component,
        `\`gpu\` is ${share}, which is ${has} MiB of GPU memory, but the ${server} needs about ${needed} MiB with ${copies === 1 ? "one worker" : `${copies} workers`}. Give a` +
          ` larger share${copies === 1 ? "" : " or fewer `model.workers`"}, or take instances with more GPU memory.`,
      );
    });
  });
}
