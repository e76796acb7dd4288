import type { JsonObject } from "../../../../../runtime/relay.ts";
import { isObject } from "../operation.ts";
import { at, Unmappable, type OpenApiDocument } from "./document.ts";

/** More schemas than that in one tool are no longer written out where they are used, but once, in `$defs`. */
const MOST_WRITTEN_OUT = 1000;
/** More than that, no model reads. */
const MOST_SCHEMAS = 20_000;
const DEEPEST = 100;

/** Keywords that OpenAPI has and JSON Schema has not, or that would give a schema an identity of its own. */
const DROPPED: ReadonlySet<string> = new Set([
  "$ref",
  "$schema",
  "$id",
  "$anchor",
  "$dynamicAnchor",
  "$comment",
  "$defs",
  "discriminator",
  "example",
  "externalDocs",
  "nullable",
  "readOnly",
  "writeOnly",
  "xml",
]);
const MAPS: ReadonlySet<string> = new Set(["properties", "patternProperties", "dependentSchemas"]);
const LISTS: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const SCHEMAS: ReadonlySet<string> = new Set([
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
/** Those that can be checked: of JSON Schema 2020-12, and of OpenAPI's registry. Others say nothing that anybody could hold a value against. */
const FORMATS: ReadonlySet<string> = new Set([
  ..."date-time date time duration email hostname ipv4 ipv6 uri uri-reference uri-template".split(
    " ",
  ),
  ..."uuid json-pointer relative-json-pointer regex".split(" "),
  ..."int32 int64 float double byte binary password".split(" "),
]);
/** What tells a reader something and validates nothing, beside a reference. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "deprecated",
  "examples",
]);

/**
 * Turns schemas of a document into JSON Schema (2020-12), for one tool: references are written out, but for those that lead back to themselves,
 * which come to stand in `$defs`. What only answers have (`readOnly`) is left out.
 */
export class SchemaConverter {
  readonly #document: OpenApiDocument;
  readonly #writesOut: boolean;
  readonly #open = new Set<string>();
  /** By reference; `undefined` as long as it is being converted. */
  readonly #definitions = new Map<string, { readonly name: string; schema: unknown }>();
  #count = 0;

  private constructor(document: OpenApiDocument, writesOut: boolean) {
    this.#document = document;
    this.#writesOut = writesOut;
  }

  /** Runs `make`, which gets the converter, and again with more references if what comes of it is too long. @throws {Unmappable} */
  static run<T>(document: OpenApiDocument, make: (converter: SchemaConverter) => T): T {
    try {
      return make(new SchemaConverter(document, true));
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
      return make(new SchemaConverter(document, false));
    }
  }

  /** The definitions that the schemas converted so far refer to; undefined: none. */
  get definitions(): JsonObject | undefined {
    if (this.#definitions.size === 0) return undefined;
    return Object.fromEntries(
      [...this.#definitions.values()].map(({ name, schema }) => [name, schema]),
    );
  }

  /** @throws {Unmappable} */
  convert(schema: unknown, depth = 0): JsonObject | boolean {
    if (typeof schema === "boolean") return schema;
    if (!isObject(schema)) throw new Unmappable("A schema is no object.");
    if (depth > DEEPEST) throw new Unmappable("A schema is nested too deep.");
    if (++this.#count > MOST_WRITTEN_OUT && this.#writesOut) throw new TooLong();
    if (this.#count > MOST_SCHEMAS) throw new Unmappable("A schema is too long.");
    if (schema["$dynamicRef"] !== undefined || schema["$recursiveRef"] !== undefined)
      throw new Unmappable("A schema has a dynamic reference.");
    const { $ref: reference } = schema;
    if (typeof reference !== "string") return this.#plain(schema, depth);
    const target = this.#reference(reference, depth);
    // In 3.0, what stands beside a reference is nothing.
    const beside = this.#document.version === "3.1" ? this.#plain(schema, depth) : {};
    const keys = Object.keys(beside);
    if (keys.length === 0) return target;
    if (typeof target === "object" && keys.every((key) => ANNOTATIONS.has(key)))
      return { ...target, ...beside };
    return { allOf: [target, beside] };
  }

  #reference(reference: string, depth: number): JsonObject | boolean {
    const definition = this.#definitions.get(reference);
    if (definition !== undefined) return refer(definition.name);
    if (this.#open.has(reference)) return refer(this.#define(reference));
    const target = at(this.#document.root, reference);
    if (!this.#writesOut) this.#define(reference);
    this.#open.add(reference);
    // A definition begins anew: only what stands within others is deep.
    const converted = this.convert(target, this.#writesOut ? depth + 1 : 0);
    this.#open.delete(reference);
    const own = this.#definitions.get(reference);
    if (own === undefined) return converted;
    own.schema = converted;
    return refer(own.name);
  }

  #define(reference: string): string {
    const wish = (reference.split("/").at(-1) ?? "").replaceAll(/[^\w.-]/gu, "_") || "schema";
    const taken = new Set([...this.#definitions.values()].map(({ name }) => name));
    let name = wish;
    for (let number = 2; taken.has(name); number++) name = `${wish}_${number}`;
    this.#definitions.set(reference, { name, schema: true });
    return name;
  }

  #plain(schema: JsonObject, depth: number): JsonObject {
    const below = (value: unknown): JsonObject | boolean => this.convert(value, depth + 1);
    const entries: [string, unknown][] = [];
    for (const [key, value] of Object.entries(schema)) {
      if (DROPPED.has(key) || key.startsWith("x-")) continue;
      if (key === "properties" && isObject(value))
        entries.push([key, this.#properties(value, below)]);
      else if (key === "required" && Array.isArray(value))
        entries.push([key, this.#required(value as unknown[], schema)]);
      else if (MAPS.has(key) && isObject(value))
        entries.push([
          key,
          Object.fromEntries(
            Object.entries(value)
              .filter(([name]) => key !== "patternProperties" || isPattern(name))
              .map(([name, each]) => [name, below(each)]),
          ),
        ]);
      else if (LISTS.has(key) && Array.isArray(value))
        entries.push([key, (value as unknown[]).map(below)]);
      else if (SCHEMAS.has(key)) entries.push([key, below(value)]);
      // Another language's regular expressions may be none here; the application checks them itself.
      else if (key === "pattern" && !isPattern(value)) continue;
      else if (key === "format" && !(typeof value === "string" && FORMATS.has(value))) continue;
      else entries.push([key, value]);
    }
    const converted = Object.fromEntries(entries);
    return this.#document.version === "3.0" ? modernized(schema, converted) : converted;
  }

  /** Without those that only answers have. */
  #properties(properties: JsonObject, below: (value: unknown) => JsonObject | boolean): JsonObject {
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([, property]) => !this.#isReadOnly(property))
        .map(([name, property]) => [name, below(property)]),
    );
  }

  #required(names: readonly unknown[], { properties }: JsonObject): readonly unknown[] {
    const known = isObject(properties) ? properties : {};
    return names.filter(
      (name) =>
        !(typeof name === "string" && Object.hasOwn(known, name) && this.#isReadOnly(known[name])),
    );
  }

  #isReadOnly(property: unknown): boolean {
    return isObject(property) && property["readOnly"] === true;
  }
}

/** Written out, the schema would be too long. */
class TooLong extends Error {}

function refer(name: string): JsonObject {
  return { $ref: `#/$defs/${name}` };
}

function isPattern(value: unknown): boolean {
  try {
    return typeof value === "string" && new RegExp(value, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

/** What OpenAPI 3.0 writes otherwise than JSON Schema does. */
function modernized(
  { nullable, example }: JsonObject,
  { exclusiveMinimum, exclusiveMaximum, minimum, maximum, ...rest }: JsonObject,
): JsonObject {
  const schema = {
    ...rest,
    ...bound("minimum", "exclusiveMinimum", minimum, exclusiveMinimum),
    ...bound("maximum", "exclusiveMaximum", maximum, exclusiveMaximum),
    ...(example === undefined ? {} : { examples: [example] }),
  };
  return nullable === true ? orNull(schema) : schema;
}

function bound(key: string, exclusiveKey: string, limit: unknown, exclusive: unknown): JsonObject {
  if (limit === undefined)
    return typeof exclusive === "number" ? { [exclusiveKey]: exclusive } : {};
  return { [exclusive === true ? exclusiveKey : key]: limit };
}

function orNull(schema: JsonObject): JsonObject {
  const { type, enum: values, ...rest } = schema;
  const isOpen = ["allOf", "anyOf", "oneOf", "not"].some((key) => Object.hasOwn(schema, key));
  if (typeof type !== "string" || isOpen) {
    const { title, description, default: preset, ...constraints } = schema;
    return {
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(preset === undefined ? {} : { default: preset }),
      anyOf: [constraints, { type: "null" }],
    };
  }
  return {
    ...rest,
    type: [type, "null"],
    ...(Array.isArray(values)
      ? { enum: values.includes(null) ? (values as unknown[]) : [...(values as unknown[]), null] }
      : {}),
  };
}
