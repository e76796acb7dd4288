import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../relay.ts";
import { isObject } from "./relay-result.ts";

const PREFIX = "mcp-param-";

const NONE: Readonly<Record<string, string>> = {};

/** The `Mcp-Param-…` headers of a request, by their names in lower case. */
export function parameterHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  let found: Record<string, string> | undefined;
  for (const name in headers) {
    if (!name.startsWith(PREFIX)) continue;
    const value = headers[name];
    if (typeof value === "string") (found ??= {})[name] = value;
  }
  return found ?? NONE;
}

/** Per tool, since most calls are of tools that were called before. */
const annotated = new WeakMap<JsonObject, boolean>();

/** Whether some argument of a tool has to come as a header too. What only looks like it counts: the SDK then knows better. */
export function hasParameterHeaders(tool: JsonObject): boolean {
  let found = annotated.get(tool);
  if (found === undefined) {
    found = JSON.stringify(tool["inputSchema"] ?? {}).includes('"x-mcp-header"');
    annotated.set(tool, found);
  }
  return found;
}

/** The input schema of a tool, as it is offered. */
export function inputSchemaOf(tool: JsonObject | undefined): Record<string, unknown> | undefined {
  const schema = tool?.["inputSchema"];
  return isObject(schema) ? schema : undefined;
}
