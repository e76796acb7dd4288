import { ConfigurationError } from "../../runtime/configuration-error.ts";
import { PRECISION_SUFFIXES, revisionSchema, type Precision } from "./manifest.ts";

/** A model to download. */
export interface WantedModel {
  /** Its folder in `MODELS_PATH`: the name of its server. */
  readonly name: string;
  /** `owner/name`. */
  readonly repository: string;
  /** A commit. */
  readonly revision: string;
  /** The ONNX files that it is made of, without `onnx/`, precision and `.onnx`. */
  readonly graphs: readonly string[];
}

/**
 * What the image holds unless told otherwise, in the form that {@link parseWantedModel} reads. Both may be used commercially: M2M100 has the
 * MIT licence, the Vision Transformer Apache-2.0 (NLLB and its kin are for research alone). Both are Xenova's exports to ONNX.
 */
export const USUAL_MODELS = [
  "translator=Xenova/m2m100_418M@cce333fc730dab2125fbc054a18fa2565db31095#encoder_model,decoder_model_merged",
  "classifier=Xenova/vit-base-patch16-224@66fef688e8dbe77dd9d5aa256353f9ad8b0ef799#model",
] as const;

const PATTERN =
  /^(?!node_modules=)(?<name>[a-z\d][a-z\d_-]*)=(?<repository>[\w.-]+\/[\w.-]+)@(?<revision>[^#]+)(?:#(?<graphs>[\w-]+(?:,[\w-]+)*))?$/iu;

/**
 * Reads `name=owner/repository@commit#graph,graph`; without graphs there is one, `model`.
 *
 * @throws {ConfigurationError} where a text is not of this form, or names a branch.
 */
export function parseWantedModel(text: string): WantedModel {
  const { name, repository, revision, graphs = "model" } = PATTERN.exec(text)?.groups ?? {};
  if (name === undefined || repository === undefined || revision === undefined) {
    throw new ConfigurationError(
      `\`${text}\` does not name a model. Write \`name=owner/repository@commit#graph,graph\`, such as \`${USUAL_MODELS[1]}\`.`,
    );
  }
  if (!revisionSchema.safeParse(revision).success) {
    throw new ConfigurationError(
      `\`${text}\` asks for the revision \`${revision}\`. Name a commit by its 40 hex digits: a branch may be something else tomorrow.`,
    );
  }
  return { name, repository, revision, graphs: graphs.split(",") };
}

/** A file of a repository at a commit. */
export interface ListedFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** Files beside the graphs that libraries may ask for: settings, vocabularies and licences. */
const SIDE_FILES =
  /^(?:[\w-]*config\.json|tokenizer\.json|vocab\.(?:json|txt)|merges\.txt|special_tokens_map\.json|LICEN[CS]E[\w.]*)$/u;

/**
 * The files that a model needs, out of those that its repository has.
 *
 * @throws {ConfigurationError} where the repository lacks one.
 */
export function filesOf<File extends ListedFile>(
  { repository, revision, graphs }: WantedModel,
  precisions: readonly Precision[],
  listed: readonly File[],
): File[] {
  const chosen = new Set(listed.filter(({ path }) => SIDE_FILES.test(path)));
  for (const graph of graphs) {
    for (const precision of precisions) {
      const path = `onnx/${graph}${PRECISION_SUFFIXES[precision]}.onnx`;
      const found = listed.find((file) => file.path === path);
      if (found === undefined) {
        throw new ConfigurationError(
          `\`${repository}\` has no \`${path}\` at ${revision}. Ask for another precision than \`${precision}\`, or another graph; it has: ${graphsOf(listed)}.`,
        );
      }
      chosen.add(found);
      // What does not fit into 2 GB lies beside the graph.
      for (const file of listed) if (file.path.startsWith(`${path}_data`)) chosen.add(file);
    }
  }
  return [...chosen];
}

function graphsOf(listed: readonly ListedFile[]): string {
  return listed.flatMap(({ path }) => (/^onnx\/.*\.onnx$/u.test(path) ? [path] : [])).join(", ");
}
