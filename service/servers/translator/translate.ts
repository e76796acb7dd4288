import { z } from "zod";
import { defineTool } from "../../runtime/tool.ts";
import type { Model } from "../models/model.ts";
import { joinPieces, piecesOf } from "./sentences.ts";
import type { TranslatorSettings } from "./settings.ts";
import type { TranslationAbout, TranslationInput } from "./translation.ts";

/** What a wrong argument may take of the message about it. */
const SHOWN_CHARACTERS = 20;

const output = z.object({
  translation: z.string().describe("The text in the target language; line breaks are kept."),
  source: z.string().describe("The language that the text was taken for."),
  target: z.string().describe("The language of the translation."),
  sentences: z.int().nonnegative().describe("How many sentences were translated."),
  model: z.string().describe("The model's name and revision."),
  device: z.enum(["cpu", "cuda"]).describe("Where the model ran."),
});

/** The tool that translates texts among the languages of a model. */
export function translate(
  model: Model<TranslationInput, string, TranslationAbout>,
  { maxCharacters, source: usualSource }: TranslatorSettings,
) {
  const { manifest, device, about } = model;
  const name = `${manifest.repository}@${manifest.revision}`;
  const languageSchema = languageSchemaOf(about.languages);
  return defineTool({
    name: "translate",
    title: "Translate a text",
    description: `Translates a text of up to ${maxCharacters} characters into one of ${about.languages.length} languages.`,
    input: z.object({
      text: z
        .string()
        .max(
          maxCharacters,
          `\`text\` is longer than ${maxCharacters} characters. Translate it in several calls, a few paragraphs each.`,
        )
        .refine((text) => text.trim() !== "", "`text` is empty. Give the text to translate.")
        .describe("The text to translate, in whole sentences."),
      target: languageSchema("target")
        .describe("The language to translate into.")
        .meta({ examples: ["fr"] }),
      source: languageSchema("source")
        .default(usualSource)
        .describe(`The language of the text. Default: \`${usualSource}\`.`),
    }),
    output,
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    run: async ({ text, target, source }, { signal, progress }) => {
      const pieces = piecesOf(text, source);
      const inputs = pieces
        .filter(({ sentence }) => sentence !== "")
        .map(({ sentence }) => ({ sentence, source, target }));
      const translations =
        source === target
          ? inputs.map(({ sentence }) => sentence)
          : await model.run(inputs, {
              signal,
              onProgress: (done, total) => {
                void progress({ progress: done, total, message: `${done} of ${total} sentences.` });
              },
            });
      return {
        translation: joinPieces(pieces, translations),
        source,
        target,
        sentences: inputs.length,
        model: name,
        device,
      };
    },
    describe: ({ translation }) => translation,
  });
}

/** A schema of the model's languages, which names them where another one is given. */
function languageSchemaOf(languages: readonly string[]) {
  return (argument: "source" | "target") =>
    z.enum(languages as [string, ...string[]], {
      error: ({ input: given }) =>
        `\`${argument}\` is ${JSON.stringify(String(given).slice(0, SHOWN_CHARACTERS))}, which is no language of this model. Give one of: ${languages.join(", ")}.`,
    });
}
