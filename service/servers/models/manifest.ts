import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "../../runtime/configuration-error.ts";

/** The file in a model's folder that says what the folder holds. */
export const MANIFEST_FILE = "model.json";

/** The precisions that transformers.js knows, and how the names of their ONNX files end. */
export const PRECISION_SUFFIXES = {
  fp32: "",
  fp16: "_fp16",
  int8: "_int8",
  uint8: "_uint8",
  q8: "_quantized",
  q4: "_q4",
  q4f16: "_q4f16",
  bnb4: "_bnb4",
} as const;

/** The precision of a model's numbers. */
export type Precision = keyof typeof PRECISION_SUFFIXES;

export const precisionSchema = z.enum(
  Object.keys(PRECISION_SUFFIXES) as [Precision, ...Precision[]],
  { error: `is none of ${Object.keys(PRECISION_SUFFIXES).join(", ")}` },
);

/** The name of a commit: never a branch or a tag, which may come to name something else. */
export const revisionSchema = z
  .string()
  .regex(/^[0-9a-f]{40}$/u, "is not a commit of 40 hex digits");

const manifestSchema = z.object({
  /** `owner/name` at Hugging Face. */
  repository: z.string().min(1),
  revision: revisionSchema,
  /** Which precision runs where. Where `cuda` has none, the model runs on the CPU alone. */
  precision: z.object({ cpu: precisionSchema, cuda: precisionSchema.optional() }),
  /** The size in bytes and the SHA-256 of each file, by its path in the folder. */
  files: z.record(
    z.string(),
    z.object({ size: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/u) }),
  ),
});

/** What a model's folder holds, as the download wrote it down. */
export type Manifest = z.output<typeof manifestSchema>;

/**
 * Reads what a model's folder holds, and checks that it is there in full length. Digests were checked when the files came: reading a
 * gigabyte again would delay every start.
 *
 * @throws {ConfigurationError} that says how to get the model, where it is not there or not whole.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const manifest = await parseManifest(join(folder, MANIFEST_FILE), folder);
  for (const [path, { size }] of Object.entries(manifest.files)) {
    const found = await stat(join(folder, path)).catch(() => undefined);
    if (found?.size === size) continue;
    const how = found === undefined ? "is missing" : `has ${found.size} bytes instead of ${size}`;
    throw new ConfigurationError(
      `The model in \`${folder}\` is not whole: \`${path}\` ${how}. ${HOW_TO_GET_ONE}`,
    );
  }
  return manifest;
}

const HOW_TO_GET_ONE =
  "Build the image with the target `models` or `models-cuda`, which hold the models, or download them with" +
  " `node dist/download-models.mjs <folder>` and name that folder in `MODELS_PATH` (docs/models.md).";

async function parseManifest(file: string, folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(`There is no model in \`${folder}\`. ${HOW_TO_GET_ONE}`, {
      cause: error,
    });
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new ConfigurationError(
      `\`${file}\` does not describe a model as the download writes it. ${HOW_TO_GET_ONE}`,
      { cause: error },
    );
  }
}
