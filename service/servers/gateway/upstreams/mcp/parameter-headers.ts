import type { JsonObject } from "../../../../runtime/relay.ts";
import { encodeHeaderValue } from "./header-value.ts";
import { isObject } from "./protocol.ts";

/** An argument that goes into a header as well. */
interface Parameter {
  readonly path: readonly string[];
  /** `mcp-param-…`, in lower case. */
  readonly header: string;
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]{1,200}$/u;
/** Schemas nest no deeper than people think. */
const MAX_DEPTH = 16;

/**
 * Which arguments of which tools a modern upstream wants to see in headers, too (`x-mcp-header`). A client of the 2025 revisions knows nothing of
 * that, and its calls would be refused.
 */
export class ParameterHeaders {
  readonly #tools = new Map<string, readonly Parameter[]>();

  /** Reads the annotations of listed tools. */
  learn(tools: readonly JsonObject[]): void {
    for (const { name, inputSchema } of tools) {
      if (typeof name !== "string") continue;
      const parameters = [...annotated(inputSchema, [])];
      if (parameters.length > 0) this.#tools.set(name, parameters);
      else this.#tools.delete(name);
    }
  }

  /** The headers of a call: those that came with it, and those that are missing. */
  complete(
    given: Readonly<Record<string, string>>,
    name: string,
    parameters: unknown,
  ): Readonly<Record<string, string>> {
    const annotations = this.#tools.get(name);
    if (annotations === undefined) return given;
    const headers = { ...given };
    for (const { path, header } of annotations) {
      if (headers[header] !== undefined) continue;
      let value: unknown = parameters;
      for (const key of path) value = isObject(value) ? value[key] : undefined;
      if (typeof value === "string" || typeof value === "boolean" || Number.isFinite(value))
        headers[header] = encodeHeaderValue(String(value));
    }
    return headers;
  }
}

function* annotated(schema: unknown, path: readonly string[]): Generator<Parameter> {
  if (!isObject(schema) || path.length > MAX_DEPTH) return;
  const name = schema["x-mcp-header"];
  if (path.length > 0 && typeof name === "string" && TOKEN.test(name))
    yield { path, header: `mcp-param-${name.toLowerCase()}` };
  if (!isObject(schema.properties)) return;
  for (const [key, property] of Object.entries(schema.properties))
    yield* annotated(property, [...path, key]);
}
