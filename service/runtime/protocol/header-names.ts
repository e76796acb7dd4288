import type { z } from "zod";
import { jsonSchema } from "./schemas.ts";

/**
 * What a load balancer passes on: an ALB that drops invalid header fields keeps letters, digits and hyphens only (ELB guide, "Load balancer
 * attributes"), while the specification allows every token character.
 */
const PASSES = /^[a-z\d-]{1,64}$/iu;

const HEADER_TYPES: readonly unknown[] = ["string", "integer", "boolean"];

interface Schema {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly "x-mcp-header"?: unknown;
}

/**
 * What is wrong with the `x-mcp-header` annotations of a tool's input, in a sentence; undefined where nothing is. Clients copy such arguments
 * into `Mcp-Param-…` headers, and the server must refuse calls whose header is missing: one that a balancer drops would break every call.
 */
export function headerProblem(input: z.ZodObject): string | undefined {
  const schema: Schema = jsonSchema(input, "input");
  const taken = new Set<string>();
  let found = 0;
  for (const { path, schema: argument } of properties(schema)) {
    const header = argument["x-mcp-header"];
    if (header === undefined) continue;
    found++;
    const where = `\`x-mcp-header\` of the argument \`${path}\` is ${JSON.stringify(header)}`;
    if (typeof header !== "string" || !PASSES.test(header)) {
      return `${where}, which load balancers drop. Use 1 to 64 letters, digits and hyphens.`;
    }
    if (!HEADER_TYPES.includes(argument.type)) {
      return `${where}, but the argument is neither a string nor an integer nor a boolean. Leave the annotation out.`;
    }
    if (taken.has(header.toLowerCase())) {
      return `${where}, which another argument has already. Give each a header of its own.`;
    }
    taken.add(header.toLowerCase());
  }
  if (annotations(schema) > found) {
    return "`x-mcp-header` stands on something else than an argument or a property of one, where clients do not look for it. Leave the annotation out.";
  }
  return undefined;
}

/** How many annotations there are, wherever they stand. */
function annotations(schema: unknown): number {
  if (typeof schema !== "object" || schema === null) return 0;
  const own = "x-mcp-header" in schema && typeof schema["x-mcp-header"] !== "object" ? 1 : 0;
  return Object.values(schema).reduce<number>((sum, part) => sum + annotations(part), own);
}

function* properties(
  schema: Schema,
  before = "",
): Generator<{ readonly path: string; readonly schema: Schema }> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const path = `${before}${name}`;
    yield { path, schema: property };
    yield* properties(property, `${path}.`);
  }
}
