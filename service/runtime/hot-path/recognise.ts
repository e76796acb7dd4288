import type { IncomingHttpHeaders } from "node:http";
import {
  isJsonContentType,
  PROTOCOL_VERSION_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/server";
import type { JsonObject } from "../relay.ts";
import { isObject } from "../protocol/relay-result.ts";
import { headerText } from "./header-text.ts";
import { isLegacyMeta, isModernMeta } from "./meta.ts";
import { hasKnownParameters, isHotMethod, NAMED_BY, type HotMethod } from "./parameters.ts";

/** A request that is known in every field. */
export interface Recognised {
  readonly id: string | number;
  readonly method: HotMethod;
  /** As the client sent them, `_meta` included. */
  readonly params: JsonObject;
  readonly era: "modern" | "legacy";
  /** The JSON of `params.arguments` as it came, where that is at hand. */
  readonly argumentsText?: string;
}

const MODERN_VERSION = "2026-07-28";

const LEGACY_VERSIONS: ReadonlySet<string> = new Set(
  SUPPORTED_PROTOCOL_VERSIONS.filter((version) => version !== MODERN_VERSION),
);

const NO_PARAMETERS: JsonObject = {};

/**
 * Decides whether a request is one that can be answered without the MCP SDK: a single request of one of a few methods, right in its headers and
 * in its body. It may say no to requests that are right, and never yes to one that the SDK would answer otherwise than by doing it.
 *
 * @param body parsed JSON.
 * @param argumentsText the JSON of `params.arguments` as it came, where that is at hand.
 */
export function recognise(
  headers: IncomingHttpHeaders,
  body: unknown,
  argumentsText?: string,
): Recognised | undefined {
  if (!isJson(headers["content-type"]) || !takesBoth(headers.accept)) return undefined;
  if (!isObject(body) || !hasRequestFieldsOnly(body)) return undefined;
  const { jsonrpc, id, method, params = NO_PARAMETERS } = body;
  if (jsonrpc !== "2.0" || !isId(id) || !isHotMethod(method) || !isObject(params)) return undefined;
  const era = eraOf(headers, method, params);
  return era !== undefined && hasKnownParameters(method, params, era)
    ? { id, method, params, era, ...(argumentsText === undefined ? {} : { argumentsText }) }
    : undefined;
}

/** Whether it is JSON by its type. */
export function isJson(contentType: string | undefined): boolean {
  return contentType === "application/json" || isJsonContentType(contentType);
}

/** Whether a client takes both forms of an answer, as it has to. */
export function takesBoth(accept: string | undefined): boolean {
  return (
    accept !== undefined &&
    accept.includes("application/json") &&
    accept.includes("text/event-stream")
  );
}

/** Whether a message has no field that requests have not. */
export function hasRequestFieldsOnly(body: JsonObject): boolean {
  for (const name in body) {
    if (name !== "jsonrpc" && name !== "id" && name !== "method" && name !== "params") return false;
  }
  return true;
}

export function isId(id: unknown): id is string | number {
  return typeof id === "string" || Number.isSafeInteger(id);
}

function eraOf(
  headers: IncomingHttpHeaders,
  method: HotMethod,
  params: JsonObject,
): Recognised["era"] | undefined {
  const { _meta: meta } = params;
  if (isObject(meta) && PROTOCOL_VERSION_META_KEY in meta) {
    return isModern(headers, method, params) && isModernMeta(meta) ? "modern" : undefined;
  }
  const version = headers["mcp-protocol-version"];
  return typeof version === "string" && LEGACY_VERSIONS.has(version) && isLegacyMeta(meta)
    ? "legacy"
    : undefined;
}

/** The headers that balancers and gateways route by must say what the body says. */
function isModern(headers: IncomingHttpHeaders, method: HotMethod, params: JsonObject): boolean {
  if (headers["mcp-protocol-version"] !== MODERN_VERSION) return false;
  if (headers["mcp-method"] !== method) return false;
  const key = NAMED_BY[method];
  if (key === undefined) return true;
  const name = headers["mcp-name"];
  return typeof name === "string" && headerText(name) === params[key];
}
