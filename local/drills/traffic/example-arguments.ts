/** A JSON Schema, as a tool publishes it for its input. */
type Schema = Readonly<Record<string, unknown>>;

/** Schemas are trees, but a `$ref` that is not followed, or a hostile server, must not make this endless. */
const DEEPEST = 8;

/** Descriptions are written for models, and name examples as people do: "such as CA", "e.g. `CA`". */
const EXAMPLE_IN_WORDS = /(?:such as|for example,?|e\.g\.,?)\s+[`"']?([\w.:/@+-]*\w)/iu;

/**
 * Arguments that a tool's own schema offers: its examples, defaults and constants, the first of enumerated values, the example that a description
 * names, the least of what is required. They are a guess until the tool has been called with them.
 *
 * @returns undefined where it offers none: text without an example could mean anything.
 */
export function exampleArguments(schema: Schema): Readonly<Record<string, unknown>> | undefined {
  const value = exampleOf(schema, DEEPEST);
  return isObject(value) ? value : undefined;
}

function exampleOf(schema: Schema, depth: number): unknown {
  const { examples, enum: values, type } = schema;
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if ("default" in schema) return schema["default"];
  if ("const" in schema) return schema["const"];
  if (Array.isArray(values) && values.length > 0) return values[0];
  if (depth === 0) return undefined;
  switch (Array.isArray(type) ? (type as unknown[])[0] : type) {
    case "object":
      return objectOf(schema, depth);
    case "array":
      return schema["minItems"] === undefined || schema["minItems"] === 0 ? [] : undefined;
    case "boolean":
      return false;
    case "integer":
    case "number":
      return numberOf(schema);
    case "string":
      return textOf(schema);
    default:
      return undefined;
  }
}

function textOf({ description }: Schema): string | undefined {
  return typeof description === "string" ? EXAMPLE_IN_WORDS.exec(description)?.[1] : undefined;
}

/** What is required, and nothing else. */
function objectOf(schema: Schema, depth: number): unknown {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]) : [];
  const entries: [string, unknown][] = [];
  for (const name of required) {
    const property = typeof name === "string" ? properties[name] : undefined;
    const value = isObject(property) ? exampleOf(property, depth - 1) : undefined;
    if (typeof name !== "string" || value === undefined) return undefined;
    entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

/** The number nearest to zero within the bounds. */
function numberOf(schema: Schema): number {
  const bound = (name: string, otherwise: number): number => {
    const value = schema[name];
    return typeof value === "number" ? value : otherwise;
  };
  const least = Math.max(bound("minimum", -Infinity), bound("exclusiveMinimum", -Infinity) + 1);
  const most = Math.min(bound("maximum", Infinity), bound("exclusiveMaximum", Infinity) - 1);
  return Math.min(Math.max(0, least), most);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
