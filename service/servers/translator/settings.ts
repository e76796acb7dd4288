import { z } from "zod";
import { readVariables, wholeNumber, type Environment } from "../../runtime/environment.ts";

/** What the translator takes. */
export interface TranslatorSettings {
  /** The longest text, in UTF-16 code units, as JavaScript counts. */
  readonly maxCharacters: number;
  /** The language of texts for which a call names none, in the model's own code. */
  readonly source: string;
}

const schema = z.object({
  TRANSLATOR_MAX_CHARACTERS: wholeNumber(1, 100_000, 5000),
  TRANSLATOR_SOURCE: z.string().default(""),
});

/**
 * Reads `TRANSLATOR_MAX_CHARACTERS` (5000) and `TRANSLATOR_SOURCE` (`en`).
 *
 * @throws {ConfigurationError} that names every variable that is wrong.
 */
export function readTranslatorSettings(environment: Environment): TranslatorSettings {
  const read = readVariables(schema, environment, new Set());
  return {
    maxCharacters: read.TRANSLATOR_MAX_CHARACTERS,
    source: read.TRANSLATOR_SOURCE || "en",
  };
}
