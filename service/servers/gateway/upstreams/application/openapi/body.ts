import type { JsonObject } from "../../../../../runtime/relay.ts";
import { isObject, type Operation, type OperationBody } from "../operation.ts";
import { resolve, Unmappable, type OpenApiDocument } from "./document.ts";
import { isArgumentName, unused } from "./names.ts";
import { isJson } from "./parameters.ts";
import type { SchemaConverter } from "./schemas.ts";

/** The body of an operation, and the arguments that it is made of. */
export interface MappedBody {
  readonly body: OperationBody;
  readonly contentType: string;
  /** Argument → schema. */
  readonly properties: readonly (readonly [string, unknown])[];
  readonly required: readonly string[];
}

/** What of an object schema its properties say by themselves; everything else says something of the whole. */
const FLAT: ReadonlySet<string> = new Set([
  "type",
  "title",
  "description",
  "properties",
  "required",
  "default",
  "examples",
  "deprecated",
]);

/**
 * Maps the body of an operation: its properties are arguments where they are all there is to it and none has the name of another one, else the whole
 * body is one argument.
 *
 * @param taken the arguments that there are.
 * @throws {Unmappable} where no JSON is taken.
 */
export function mapBody(
  document: OpenApiDocument,
  given: unknown,
  converter: SchemaConverter,
  taken: ReadonlySet<string>,
  method: Operation["method"],
): MappedBody | undefined {
  if (given === undefined) return undefined;
  const requestBody = resolve(document, given);
  if (method === "GET") {
    // RFC 9110, 9.3.1: nobody has to read a body there.
    if (isObject(requestBody) && requestBody["required"] === true)
      throw new Unmappable("It demands a body, and its method is `GET`.");
    return undefined;
  }
  if (!isObject(requestBody) || !isObject(requestBody["content"]))
    throw new Unmappable("Its body has no `content`.");
  const { content, description } = requestBody;
  const required = requestBody["required"] === true;
  const contents = Object.entries(content);
  const [type, media] =
    contents.find(([each]) => isJson(each)) ?? contents.find(([each]) => each === "*/*") ?? [];
  if (type === undefined)
    throw new Unmappable(
      `Its body is ${contents.map(([each]) => `\`${each}\``).join(" or ") || "nothing"}, and only JSON can be sent.`,
    );
  const contentType = isJson(type) ? (type.split(";", 1)[0] ?? type).trim() : "application/json";
  const schema = converter.convert(isObject(media) ? (media["schema"] ?? {}) : {});
  const flat = flattened(schema, converter, required, taken);
  if (flat !== undefined) return { ...flat, contentType };
  const argument = unused("body", taken);
  return {
    body: { kind: "argument", argument },
    contentType,
    properties: [[argument, described(schema, description)]],
    required: required ? [argument] : [],
  };
}

function flattened(
  schema: JsonObject | boolean,
  { definitions }: SchemaConverter,
  required: boolean,
  taken: ReadonlySet<string>,
): Omit<MappedBody, "contentType"> | undefined {
  const object = typeof schema === "boolean" ? undefined : unfolded(schema, definitions);
  if (object === undefined || !isObject(object["properties"])) return undefined;
  if (object["type"] !== undefined && object["type"] !== "object") return undefined;
  const { additionalProperties, properties, required: demanded } = object;
  // What is not declared could not be told from a mistake any longer.
  if (additionalProperties !== undefined && additionalProperties !== false) return undefined;
  const isFlat = Object.keys(object).every(
    (key) => FLAT.has(key) || key === "additionalProperties",
  );
  const needed = (Array.isArray(demanded) ? (demanded as unknown[]) : []).filter(
    (name) => typeof name === "string",
  );
  const names = Object.keys(properties);
  if (
    !isFlat ||
    names.length === 0 ||
    names.some((name) => taken.has(name) || !isArgumentName(name))
  )
    return undefined;
  if (needed.some((name) => !names.includes(name))) return undefined;
  // Without a body they are not needed, which a list of arguments cannot say.
  if (!required && needed.length > 0) return undefined;
  return {
    body: { kind: "properties", properties: new Map(names.map((name) => [name, name])), required },
    properties: Object.entries(properties),
    required: needed,
  };
}

/** The schema itself, where it is but a reference to a definition. */
function unfolded(schema: JsonObject, definitions: JsonObject | undefined): JsonObject {
  const { $ref: reference } = schema;
  if (typeof reference !== "string" || Object.keys(schema).length > 1) return schema;
  const target = definitions?.[reference.slice("#/$defs/".length)];
  return isObject(target) ? target : schema;
}

function described(schema: JsonObject | boolean, description: unknown): JsonObject | boolean {
  if (typeof description !== "string" || typeof schema === "boolean") return schema;
  return { description, ...schema };
}
