import { join } from "node:path";
import type { ImageBuild } from "./container-settings.ts";

/** A model that the build of an image fetches, in the folder of its server. */
export interface ImageModel {
  readonly name: string;
  /** As the build argument has it, `name=repository@commit#graphs`; undefined for a model that the build knows by itself. */
  readonly declared: string | undefined;
}

/** The models that the build of an image fetches, and what runs them. */
export interface ImageModels {
  readonly models: readonly ImageModel[];
  /** Their precision on a processor; undefined where the build says nothing of it. */
  readonly precision: string | undefined;
  /** The folder with the lock of the libraries that the build installs. */
  readonly libraries: string;
  /** The program that fetches them, given a folder. */
  readonly download: string;
}

/** The stages of the bundled Dockerfile that hold models, and what they hold where nothing is said. */
const TARGETS = new Set(["models", "models-cuda"]);
const USUAL = ["translator", "classifier"].map((name) => ({ name, declared: undefined }));

/** The models that a build fetches; undefined where it fetches none. */
export function imageModels({
  args,
  context,
  target = "",
}: Pick<ImageBuild, "args" | "context" | "target">): ImageModels | undefined {
  if (!TARGETS.has(target)) return undefined;
  const named = (args["MODELS"] ?? "").split(" ").filter(Boolean);
  return {
    models:
      named.length === 0
        ? USUAL
        : named.map((declared) => ({ name: declared.split("=")[0] ?? "", declared })),
    precision: args["MODELS_CPU_PRECISION"],
    libraries: join(context, "servers", "models", "libraries"),
    download: join(context, "dist", "download-models.mjs"),
  };
}

/** The variables of a container where no GPU is assigned: what takes nothing but one would not start. */
export function withoutGpu(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return environment["MODEL_DEVICE"] === "cuda"
    ? { ...environment, MODEL_DEVICE: "cpu" }
    : environment;
}
