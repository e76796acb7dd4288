/**
 * `node dist/download-models.mjs FOLDER [name=owner/repository@commit#graph,graph …]`: downloads models into a folder for `MODELS_PATH`, the
 * translator's and the classifier's where none are named. Reads `MODELS_CPU_PRECISION` (`q8`), `MODELS_CUDA_PRECISION` (none) and
 * `MODELS_HUB` (https://huggingface.co).
 */
import { z } from "zod";
import { ConfigurationError } from "../../runtime/configuration-error.ts";
import { readVariables, type Environment } from "../../runtime/environment.ts";
import { fetchModel } from "./fetch-model.ts";
import { Hub } from "./hub.ts";
import { precisionSchema } from "./manifest.ts";
import { parseWantedModel, USUAL_MODELS } from "./wanted-model.ts";

const schema = z.object({
  MODELS_CPU_PRECISION: precisionSchema.default("q8"),
  MODELS_CUDA_PRECISION: precisionSchema.or(z.literal("")).default(""),
  MODELS_HUB: z.url({ error: "is not an address" }).default("https://huggingface.co"),
});

async function download(
  [folder, ...words]: readonly string[],
  environment: Environment,
): Promise<void> {
  if (folder === undefined) {
    throw new ConfigurationError("Name the folder that the models are to be written to.");
  }
  const read = readVariables(schema, environment, new Set());
  const hub = new Hub(read.MODELS_HUB);
  const wanted = (words.length === 0 ? USUAL_MODELS : words).map(parseWantedModel);
  for (const model of wanted) {
    console.log(`${model.name}: ${model.repository} at ${model.revision}`);
    const cuda = read.MODELS_CUDA_PRECISION || undefined;
    const { files } = await fetchModel(
      hub,
      model,
      { cpu: read.MODELS_CPU_PRECISION, cuda },
      folder,
    );
    for (const [path, { size, sha256 }] of Object.entries(files))
      console.log(`  ${path}: ${size} bytes, SHA-256 ${sha256}`);
  }
}

try {
  await download(process.argv.slice(2), process.env);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
