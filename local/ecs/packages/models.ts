import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";
import type { ImageModel, ImageModels } from "../../graph/image-models.ts";
import type { Container } from "../../graph/task-definition.ts";
import { installLibraries, type InstallSurroundings } from "./install.ts";
import { userCache } from "./installed-once.ts";

/** Where models are looked for. */
export interface ModelSurroundings extends InstallSurroundings {
  /** Default: `MODELS_PATH` of this shell, else `pulumi-mcp-service/models` in this user's cache. */
  readonly models?: string;
  /** The libraries that are installed already, or just now, by the folder of their lock. */
  readonly installed: Map<string, Promise<string>>;
}

/** A container that finds its models, or why it cannot. */
export type PreparedModels = { readonly container: Container } | { readonly missing: string };

/** The folder with a folder for each model. */
function modelsFolder(): string {
  const own = process.env["MODELS_PATH"];
  return own === undefined || own === "" ? userCache("models") : own;
}

/** Tells a container where its models and their libraries are; libraries are installed once for all runs, models are not fetched here: they are large. */
export async function prepareModels(
  container: Container,
  wanted: ImageModels,
  surroundings: ModelSurroundings,
): Promise<PreparedModels> {
  // A user's own variable stays, such as the path of a mounted volume.
  const folder = container.environment["MODELS_PATH"] ?? surroundings.models ?? modelsFolder();
  const found = await Promise.all(
    wanted.models.map(async (model) => ({ model, here: await modelIn(join(folder, model.name)) })),
  );
  const missing = found.flatMap(({ model, here }) => (here === undefined ? [model] : []));
  if (missing.length > 0) return { missing: sentence(missing, wanted, folder) };
  for (const { model, here } of found) {
    if (here !== undefined && model.declared?.startsWith(`${model.name}=${here}#`) === false)
      surroundings.tell(`runs the model \`${here}\` of \`${folder}\`, not \`${model.declared}\``);
  }
  // Whoever has them beside the models has chosen them.
  const libraries = existsSync(join(folder, "node_modules"))
    ? undefined
    : await librariesOf(container, wanted, surroundings);
  const environment = {
    MODELS_PATH: folder,
    ...(libraries === undefined ? {} : { NODE_PATH: libraries }),
    ...container.environment,
  };
  return { container: { ...container, environment } };
}

function librariesOf(
  { name }: Container,
  { libraries }: ImageModels,
  surroundings: ModelSurroundings,
): Promise<string> {
  const { installed } = surroundings;
  const found = installed.get(libraries) ?? installLibraries(name, libraries, surroundings);
  installed.set(libraries, found);
  return found;
}

const manifest = z.object({ repository: z.string(), revision: z.string() });

/** What a folder holds, `repository@commit`; undefined where that is no model. */
async function modelIn(folder: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(folder, "model.json"), "utf8");
    const { repository, revision } = manifest.parse(JSON.parse(text));
    return `${repository}@${revision}`;
  } catch {
    return undefined;
  }
}

function sentence(
  missing: readonly ImageModel[],
  { download, precision }: ImageModels,
  folder: string,
): string {
  const names = missing.map(({ name }) => `\`${name}\``).join(" and ");
  const [it, is] = missing.length === 1 ? ["it", "is"] : ["them", "are"];
  const command = [
    ...(precision === undefined ? [] : [`MODELS_CPU_PRECISION=${precision}`]),
    "node",
    relative(process.cwd(), download),
    folder,
    ...missing.flatMap(({ declared }) => declared ?? []),
  ].join(" ");
  return (
    `not started: the ${missing.length === 1 ? "model" : "models"} of ${names} ${is} not in \`${folder}\`. Get ${it} with \`${command}\`, or name the folder that has` +
    ` ${it} in \`MODELS_PATH\`, and start again`
  );
}
