import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Eventually } from "./eventually.ts";
import { isSynchronous } from "./synchronous.ts";

type JsonSchema = Record<string, unknown>;

/** The schema of what takes no arguments. */
export const NO_ARGUMENTS = z.object({});

const described = {
  input: new WeakMap<z.ZodObject, JsonSchema>(),
  output: new WeakMap<z.ZodObject, JsonSchema>(),
};

/**
 * The JSON Schema that clients see of a schema; made once for each.
 *
 * @throws where the schema holds something that JSON has not, such as dates.
 */
export function jsonSchema(schema: z.ZodObject, io: "input" | "output"): JsonSchema {
  const known = described[io].get(schema);
  if (known !== undefined) return known;
  const json: JsonSchema = { type: "object", ...z.toJSONSchema(schema, { io }) };
  described[io].set(schema, json);
  return json;
}

/**
 * A schema that describes as the given one does, and lets everything pass. What the SDK checks, it checks before the author's function runs and
 * after: a refinement that throws would tell the client why, one that hangs would have no deadline, and asynchronous ones would run twice. Here
 * arguments and results are checked as a part of the call.
 */
export function description(schema: z.ZodObject): StandardSchemaWithJSON<Record<string, unknown>> {
  return {
    "~standard": {
      version: 1,
      vendor: "pulumi-mcp-service",
      validate: (value) => ({ value: value as Record<string, unknown> }),
      jsonSchema: {
        input: () => jsonSchema(schema, "input"),
        output: () => jsonSchema(schema, "output"),
      },
    },
  };
}

/** The arguments of a call do not satisfy the schema; the message is for the client. */
export class InvalidArguments extends Error {
  override readonly name = "InvalidArguments";
}

/**
 * Checks the arguments of a call; at once where the schema allows it.
 *
 * @throws {InvalidArguments} that tells what is wrong with each argument.
 */
export function parseArguments<Schema extends z.ZodObject>(
  schema: Schema,
  given: unknown,
  subject: string,
): Eventually<z.output<Schema>> {
  const value = given ?? {};
  return isSynchronous(schema)
    ? accepted(schema.safeParse(value), subject)
    : schema.safeParseAsync(value).then((parsed) => accepted(parsed, subject));
}

function accepted<T>(parsed: z.ZodSafeParseResult<T>, subject: string): T {
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`,
  );
  const reasons = problems.join("; ");
  throw new InvalidArguments(
    `${subject} does not take these arguments: ${reasons}${reasons.endsWith(".") ? "" : "."}`,
  );
}

/**
 * Checks what an author's function gave; at once where the schema allows it.
 *
 * @throws {z.ZodError} where the schema forbids it.
 */
export function parseResult<Schema extends z.ZodObject>(
  schema: Schema,
  given: unknown,
): Eventually<z.output<Schema>> {
  return isSynchronous(schema) ? schema.parse(given) : schema.parseAsync(given);
}

/** @throws where JSON cannot carry a value: the SDK would answer with nothing at all. */
export function assertJson(value: unknown): void {
  const text: unknown = JSON.stringify(value);
  if (typeof text !== "string") throw new TypeError("There is nothing to send.");
}
