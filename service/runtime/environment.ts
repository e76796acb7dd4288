import { z } from "zod";
import { ConfigurationError } from "./configuration-error.ts";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Values separated by commas; spaces around them do not count. Default: none. */
export const list = z
  .string()
  .default("")
  .transform((text) => text.split(",").flatMap((item) => item.trim() || []));

/** A whole number between two others, both included. */
export const wholeNumber = (least: number, most: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/u, "is not a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `is not between ${least} and ${most}`)
    .default(fallback);

/**
 * Reads variables by a schema whose messages are predicates, such as `is not a whole number`.
 *
 * @param secrets names of the schema whose values must never be repeated in a message.
 * @param prefix what stands before the schema's names in the process's variables, for the message.
 * @throws {ConfigurationError} that names every variable that is wrong, its value and what is wrong with it.
 */
export function readVariables<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
  secrets: ReadonlySet<string>,
  prefix = "",
): z.output<Schema> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const given = secrets.has(name) ? "" : ` (\`${withoutPassword(environment[name] ?? "")}\`)`;
    return `\`${prefix}${name}\`${given} ${message}.`;
  });
  throw new ConfigurationError(sentences.join(" "));
}

function withoutPassword(text: string): string {
  return text.replace(/(?<user>:\/\/[^/?#@:]*):[^/?#@]*@/u, "$<user>:…@");
}
