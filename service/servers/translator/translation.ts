/** The translator's model, in a worker thread: sentences of one pair of languages, a batch at a time. */
import { z } from "zod";
import { ConfigurationError } from "../../runtime/configuration-error.ts";
import { ToolError } from "../../runtime/tool.ts";
import type { LoadModel } from "../models/load.ts";

/** A sentence to translate. */
export interface TranslationInput {
  readonly sentence: string;
  /** Languages, in the model's own codes. */
  readonly source: string;
  readonly target: string;
}

/** What the main thread knows of the model. */
export interface TranslationAbout {
  /** The codes of the languages that it translates from and to, sorted. */
  readonly languages: readonly string[];
}

/** A tokenizer of a model for many languages: M2M100's, and those that work alike. */
interface TranslationTokenizer {
  (texts: readonly string[]): { readonly input_ids: { readonly dims: readonly number[] } };
  readonly language_codes?: readonly string[];
}

/** Where the configuration does not say how many tokens the model can look at. */
const WINDOW = 512;

/**
 * How many tokens a translation may have for each of its sentence: some languages need more than others, and a model that has lost the thread
 * repeats itself until it is stopped.
 */
const MOST_GROWTH = 3;
const SPARE_TOKENS = 32;

const outputSchema = z.array(z.object({ translation_text: z.string() }));

export const load: LoadModel<TranslationInput, string, TranslationAbout> = async ({
  transformers,
  model,
  manifest,
  options,
}) => {
  const translate = await transformers.pipeline("translation", model, options);
  const tokenizer = translate.tokenizer as TranslationTokenizer;
  const languages = tokenizer.language_codes;
  const [anyLanguage] = languages ?? [];
  if (languages === undefined || anyLanguage === undefined) {
    throw new ConfigurationError(
      `The model \`${manifest.repository}\` names no languages in its tokenizer. Take one that translates among many, such as \`Xenova/m2m100_418M\`.`,
    );
  }
  const { max_position_embeddings: limit } = translate.model.config;
  const window = typeof limit === "number" ? limit : WINDOW;
  // The first inference finds out whether a GPU's libraries are whole, and pays for what is only done once.
  await translate(["."], { src_lang: anyLanguage, tgt_lang: anyLanguage, max_new_tokens: 2 });
  const tokensOf = (sentence: string): number => tokenizer([sentence]).input_ids.dims[1] ?? 0;
  return {
    about: { languages: languages.toSorted() },
    run: async (inputs) => {
      const lengths = inputs.map(({ sentence }) => tokensOf(sentence));
      const fitting = inputs.filter((_input, place) => (lengths[place] ?? 0) <= window);
      const [first] = fitting;
      if (first === undefined) return inputs.map(() => tooLong(window));
      const longest = Math.max(...lengths.filter((length) => length <= window));
      const translations = outputSchema.parse(
        await translate(
          fitting.map(({ sentence }) => sentence),
          {
            src_lang: first.source,
            tgt_lang: first.target,
            max_new_tokens: Math.min(window, longest * MOST_GROWTH + SPARE_TOKENS),
          },
        ),
      );
      const remaining = translations.values();
      return lengths.map((length) =>
        length <= window ? (remaining.next().value?.translation_text ?? "") : tooLong(window),
      );
    },
  };
};

function tooLong(window: number): ToolError {
  return new ToolError(
    `A sentence of \`text\` is longer than the ${window} tokens that the model can look at. End sentences with full stops, or put line breaks between them.`,
  );
}
