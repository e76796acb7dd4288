import type { Variables } from "../variables.ts";
import { ArgumentError, check } from "../validation.ts";
import { MODEL_RESERVED, type ModelServer } from "./models.ts";

/** The variables of the servers that have no argument, those of numbers with the whole numbers that are taken (docs/models.md). */
const SETTINGS: Readonly<
  Record<ModelServer, Readonly<Record<string, readonly [least: number, most: number] | undefined>>>
> = {
  translator: {
    MODELS_PATH: undefined,
    TRANSLATOR_MAX_CHARACTERS: [1, 100_000],
    TRANSLATOR_SOURCE: undefined,
  },
  classifier: {
    IMAGE_ALLOW_HTTP: undefined,
    IMAGE_ALLOWED_NETWORKS: undefined,
    IMAGE_MAX_BYTES: [1024, 268_435_456],
    IMAGE_MAX_PIXELS: [1024, 268_402_689],
    IMAGE_TIMEOUT_SECONDS: [1, 300],
    MODELS_PATH: undefined,
  },
};

/** How the names of such variables begin, and those of the image's build arguments. */
const OWN_PREFIX = /^(?:CLASSIFIER|IMAGE|MODEL|MODELS|TRANSLATOR)_/u;

/** Refuses settings with which no replica would start, and names of settings that the server does not have: a limit that nobody reads is none. */
export function checkModelVariables(
  component: string,
  server: ModelServer,
  given: { readonly environment: Variables; readonly secrets: Variables },
): void {
  for (const argument of ["environment", "secrets"] as const) {
    check(given[argument], (all) => {
      for (const name of Object.keys(all)) checkName(component, server, argument, name);
    });
  }
  check(given.environment, (all) => {
    for (const [name, range] of Object.entries(SETTINGS[server])) {
      if (range === undefined) continue;
      const [least, most] = range;
      check(all[name], (value) => {
        const number = Number(value);
        if (/^\d{1,9}$/u.test(value) && number >= least && number <= most) return;
        throw new ArgumentError(
          component,
          `\`environment.${name}\` is \`${value}\`; give a whole number from ${least} to ${most}.`,
        );
      });
    }
  });
}

function checkName(
  component: string,
  server: ModelServer,
  argument: "environment" | "secrets",
  name: string,
): void {
  const settings = Object.keys(SETTINGS[server]);
  // Those that arguments set have a sentence of their own.
  if (!OWN_PREFIX.test(name) || settings.includes(name) || MODEL_RESERVED.has(name)) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` sets \`${name}\`, which the ${server} does not read. Its settings that have no argument are ${settings.map((setting) => `\`${setting}\``).join(", ")};` +
      " what model it runs is said in `model`.",
  );
}
