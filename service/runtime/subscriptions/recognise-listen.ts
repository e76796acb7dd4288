import type { IncomingHttpHeaders } from "node:http";
import { isModernMeta } from "../hot-path/meta.ts";
import { hasRequestFieldsOnly, isId, isJson, takesBoth } from "../hot-path/recognise.ts";
import { isObject } from "../protocol/relay-result.ts";
import { readFilter, type Filter } from "./filter.ts";

/** The method of a subscription. */
export const LISTEN = "subscriptions/listen";

/** A subscription that is known in every field. */
export interface Listen {
  readonly id: string | number;
  readonly filter: Filter;
}

/**
 * Decides whether a request is a subscription that can be served without the MCP SDK: right in its headers and in its body. It may say no to
 * requests that are right, and never yes to one that the SDK would answer otherwise than by opening a stream.
 *
 * @param body parsed JSON.
 */
export function recogniseListen(headers: IncomingHttpHeaders, body: unknown): Listen | undefined {
  if (headers["mcp-method"] !== LISTEN) return undefined;
  if (headers["mcp-protocol-version"] !== "2026-07-28") return undefined;
  if (!isJson(headers["content-type"]) || !takesBoth(headers.accept)) return undefined;
  if (!isObject(body) || !hasRequestFieldsOnly(body)) return undefined;
  const { jsonrpc, id, method, params } = body;
  if (jsonrpc !== "2.0" || method !== LISTEN || !isId(id)) return undefined;
  if (!isObject(params) || !hasOnly(params, PARAMETERS)) return undefined;
  const { _meta: meta, notifications } = params;
  if (!isObject(meta) || !isModernMeta(meta)) return undefined;
  const filter = readFilter(notifications);
  return filter === undefined ? undefined : { id, filter };
}

const PARAMETERS: ReadonlySet<string> = new Set(["_meta", "notifications"]);

function hasOnly(value: object, names: ReadonlySet<string>): boolean {
  for (const name in value) {
    if (!names.has(name)) return false;
  }
  return true;
}
