import type { Variables } from "../variables.ts";
import { ArgumentError, check } from "../validation.ts";
import { STDIO_VARIABLES } from "./stdio.ts";

/** The wrapper's settings that have no argument, with the whole numbers that it takes (docs/stdio.md). */
const SETTINGS: ReadonlyMap<string, readonly [least: number, most: number, unit: string]> = new Map(
  [
    ["STDIO_CHECK_TIMEOUT_SECONDS", [1, 10, "seconds"]],
    ["STDIO_LOG_LINES_PER_SECOND", [1, 10_000, "lines a second"]],
    ["STDIO_MAX_LINE_BYTES", [1024, 268_435_456, "bytes"]],
    ["STDIO_QUEUE_TIMEOUT_SECONDS", [1, 3600, "seconds"]],
    ["STDIO_START_TIMEOUT_SECONDS", [1, 600, "seconds"]],
    ["STDIO_STOP_SECONDS", [0, 50, "seconds"]],
  ],
);

const SERVER_NAME = "MCP_SERVER_NAME";

/** As the wrapper takes it. */
const KEBAB_CASE = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/u;

/**
 * Refuses settings of the wrapper with which no replica would start, and names of settings that it does not have.
 *
 * @param handedOn the names of the variables that the server sees: one of its own may begin as the wrapper's do.
 */
export function checkStdioVariables(
  component: string,
  given: { readonly environment: Variables; readonly secrets: Variables },
  handedOn: readonly string[],
): void {
  for (const argument of ["environment", "secrets"] as const) {
    check(given[argument], (all) => {
      for (const name of Object.keys(all)) checkName(component, argument, name, handedOn);
    });
  }
  check(given.environment, (all) => {
    for (const [name, [least, most, unit]] of SETTINGS) {
      check(all[name], (value) => {
        const number = Number(value);
        if (/^\d{1,9}$/u.test(value) && number >= least && number <= most) return;
        throw new ArgumentError(
          component,
          `\`environment.${name}\` is \`${value}\`; give a whole number of ${unit} from ${least} to ${most}.`,
        );
      });
    }
    check(all[SERVER_NAME], (value) => {
      if (value === "" || KEBAB_CASE.test(value)) return;
      throw new ArgumentError(
        component,
        `\`environment.${SERVER_NAME}\` is \`${value}\`; give 1 to 64 lower-case letters, digits and dashes, such as \`issue-tracker\`, or leave it out.`,
      );
    });
  });
}

function checkName(
  component: string,
  argument: "environment" | "secrets",
  name: string,
  handedOn: readonly string[],
): void {
  if (!name.startsWith("STDIO_") || SETTINGS.has(name) || handedOn.includes(name)) return;
  // Those have a sentence of their own.
  if ((STDIO_VARIABLES as readonly string[]).includes(name)) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` sets \`${name}\`, which nobody reads: the settings of the wrapper that have no argument are ${[...SETTINGS.keys()].map((setting) => `\`${setting}\``).join(", ")}.` +
      " Correct the name, or name it in `stdio.environment` where the server itself reads it.",
  );
}
