import type { JsonObject } from "../../../../../runtime/relay.ts";
import { isObject } from "../operation.ts";

/** Why a document, or one operation of it, is of no use, in a sentence. */
export class Unmappable extends Error {
  override readonly name = "Unmappable";
}

/** An OpenAPI document that was read, with references in it. */
export interface OpenApiDocument {
  readonly root: JsonObject;
  /** Schemas of 3.0 are not yet JSON Schema, those of 3.1 are. */
  readonly version: "3.0" | "3.1";
}

/** Reads a document, JSON or YAML. @throws {Unmappable} */
export async function readDocument(text: string): Promise<OpenApiDocument> {
  const root = await parse(text);
  if (!isObject(root)) throw new Unmappable("It is no object.");
  const { openapi, swagger } = root;
  if (typeof swagger === "string")
    throw new Unmappable("It is of Swagger 2.0. Convert it to OpenAPI 3.");
  const version = typeof openapi === "string" ? /^3\.[01](?=\.|$)/u.exec(openapi)?.[0] : undefined;
  if (version !== "3.0" && version !== "3.1")
    throw new Unmappable("Its `openapi` is neither 3.0 nor 3.1.");
  if (!isObject(root["paths"])) throw new Unmappable("It has no `paths`.");
  return { root, version };
}

async function parse(text: string): Promise<unknown> {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // It may be YAML, which few applications serve.
  }
  const { parseYaml } = await import("./yaml.ts");
  try {
    // Twice, for what JSON cannot say: dates, keys that are no text, and objects that hold themselves.
    return JSON.parse(JSON.stringify(parseYaml(text, { logLevel: "silent" }))) as unknown;
  } catch {
    throw new Unmappable("It is neither JSON nor YAML.");
  }
}

/**
 * What stands at a reference of the document's own, references of that followed.
 *
 * @throws {Unmappable} where there is nothing, or the reference leads elsewhere.
 */
export function resolve({ root }: OpenApiDocument, value: unknown): unknown {
  const seen = new Set<string>();
  let current = value;
  while (isObject(current) && typeof current["$ref"] === "string") {
    const reference = current["$ref"];
    if (seen.has(reference))
      throw new Unmappable(`The reference \`${reference}\` leads back to itself.`);
    seen.add(reference);
    current = at(root, reference);
  }
  return current;
}

/** What stands at one reference (RFC 6901). @throws {Unmappable} */
export function at(root: JsonObject, reference: string): unknown {
  if (!/^#(?:\/|$)/u.test(reference))
    throw new Unmappable(
      `The reference \`${reference}\` leads out of the document, where the gateway does not follow it.`,
    );
  let current: unknown = root;
  for (const part of reference.split("/").slice(1)) {
    const key = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    const holder: unknown = current;
    current =
      typeof holder === "object" && holder !== null && Object.hasOwn(holder, key)
        ? (holder as JsonObject)[key]
        : undefined;
    if (current === undefined)
      throw new Unmappable(`The reference \`${reference}\` leads to nothing.`);
  }
  return current;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
