import { SERVER_INFO_META_KEY, type Implementation } from "@modelcontextprotocol/server";
import type { JsonObject, RelayedMethod } from "../relay.ts";

/** The same result as a client of the era expects it; the result itself stays as it is. */
export function resultFor(
  era: "modern" | "legacy",
  method: RelayedMethod,
  result: JsonObject,
  serverInfo: Implementation,
): JsonObject {
  if (era === "legacy") return legacyResult(method, result);
  if (result["resultType"] !== undefined && result["resultType"] !== "complete")
    return stamped(result, serverInfo);
  return stamped(withRequired(method, result), serverInfo);
}

/** What 2026-07-28 asks of every result: `resultType`, and who says it. */
export function stamped(result: JsonObject, serverInfo: Implementation): JsonObject {
  const { resultType = "complete", _meta: meta = {} } = result;
  if (!isObject(meta) || meta[SERVER_INFO_META_KEY] !== undefined)
    return result["resultType"] === undefined ? { ...result, resultType } : result;
  return { ...result, resultType, _meta: { ...meta, [SERVER_INFO_META_KEY]: serverInfo } };
}

/** What the protocol demands and upstreams leave out. */
function withRequired(method: RelayedMethod, result: JsonObject): JsonObject {
  if (method === "tools/call" && result["content"] === undefined) return { ...result, content: [] };
  if (method !== "resources/read") return result;
  const { ttlMs, cacheScope } = result;
  return {
    ...result,
    ttlMs: Number.isSafeInteger(ttlMs) && Number(ttlMs) >= 0 ? ttlMs : 0,
    cacheScope: cacheScope === "public" ? "public" : "private",
  };
}

function legacyResult(method: RelayedMethod, result: JsonObject): JsonObject {
  if (method === "resources/read") return without(result, "resultType", "ttlMs", "cacheScope");
  const kept = without(result, "resultType");
  return method === "tools/call" ? legacyToolResult(kept) : kept;
}

/** In the 2025 revisions `structuredContent` is an object; what is none is told as text, unless there is content already. */
function legacyToolResult(result: JsonObject): JsonObject {
  const { structuredContent, ...others } = result;
  const content = Array.isArray(result["content"]) ? (result["content"] as readonly unknown[]) : [];
  if (structuredContent === undefined || isObject(structuredContent))
    return result["content"] === undefined ? { ...result, content } : result;
  if (content.length > 0) return others;
  return { ...others, content: [{ type: "text", text: JSON.stringify(structuredContent) }] };
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same object without some of its fields; the object itself where it has none of them. */
export function without<T extends Readonly<Record<string, unknown>>>(
  object: T,
  ...names: readonly string[]
): T {
  if (!names.some((name) => Object.hasOwn(object, name))) return object;
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) as T;
}
