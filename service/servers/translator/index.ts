import { ConfigurationError } from "../../runtime/configuration-error.ts";
import type { ServerDefinition, StartContext } from "../../runtime/server.ts";
import { moduleBeside } from "../models/beside.ts";
import { startModel } from "../models/model.ts";
import { readTranslatorSettings } from "./settings.ts";
import { translate } from "./translate.ts";
import type { TranslationAbout, TranslationInput } from "./translation.ts";

/**
 * Translates among the 100 languages of M2M100 (`facebook/m2m100_418M`, MIT), or those of another model that works like it.
 *
 * Reads the `MODEL_…` and `TRANSLATOR_…` variables, and the folder `translator` in `MODELS_PATH`; see docs/models.md.
 */
export const translator = {
  name: "translator",
  title: "Translator",
  version: "0.1.0",
  instructions:
    "Translates texts. `translate` takes the text, the code of the language to translate into, and that of the text where it is not the usual one.",
  start: async ({ environment, log }: Pick<StartContext, "environment" | "log">) => {
    const settings = readTranslatorSettings(environment);
    const model = await startModel<TranslationInput, string, TranslationAbout>({
      name: "translator",
      module: moduleBeside("translation", import.meta.url),
      environment,
      log,
      keyOf: ({ source, target }) => `${source} ${target}`,
    });
    if (!model.about.languages.includes(settings.source)) {
      await model.stop();
      throw new ConfigurationError(
        `\`TRANSLATOR_SOURCE\` is \`${settings.source}\`, which is no language of the model. Give one of: ${model.about.languages.join(", ")}.`,
      );
    }
    return {
      tools: [translate(model, settings)],
      ready: () => model.ready(),
      healthy: () => model.healthy(),
      stop: () => model.stop(),
    };
  },
} satisfies ServerDefinition;
