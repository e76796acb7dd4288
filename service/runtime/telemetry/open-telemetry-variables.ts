import { z } from "zod";
import { readVariables as read, type Environment } from "../environment.ts";

export const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/u, "is not a whole number")
  .transform(Number);

export const positiveNumber = wholeNumber.refine((value) => value > 0, "is not more than 0");

/** `a=1,b=2` with percent-encoded values, as in W3C Baggage. */
export const pairs = z.string().transform((text, context) => {
  const found: Record<string, string> = {};
  for (const pair of text.split(",").filter((each) => each.trim() !== "")) {
    const [, key, value] = /^\s*([^=\s]+)\s*=(.*)$/u.exec(pair) ?? [];
    const decoded = key === undefined ? undefined : decode(value ?? "");
    if (key === undefined || decoded === undefined) {
      context.addIssue(
        "is not a list of `key=value`, separated by commas, with percent-encoded values",
      );
      return z.NEVER;
    }
    found[key] = decoded;
  }
  return found;
});

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value.trim());
  } catch {
    return undefined;
  }
}

/**
 * Reads the variables of a schema. An empty one counts as unset (OpenTelemetry specification, "Environment Variable Specification").
 *
 * @param prefix what stands before the schema's names.
 * @throws {ConfigurationError} that names every variable that is wrong, its value and the way out.
 */
export function readVariables<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
  prefix = "",
): z.output<Schema> {
  const given = Object.keys(schema.shape).flatMap((name) => {
    const value = environment[`${prefix}${name}`]?.trim() ?? "";
    return value === "" ? [] : [[name, value] as const];
  });
  // Headers carry keys.
  const secrets = new Set(Object.keys(schema.shape).filter((name) => name.endsWith("HEADERS")));
  return read(schema, Object.fromEntries(given), secrets, prefix);
}
