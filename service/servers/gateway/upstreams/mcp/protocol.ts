import { receivedIn } from "../../../../runtime/received.ts";
import type { JsonObject } from "../../../../runtime/relay.ts";

/** The revision that is spoken to modern upstreams. */
export const MODERN_VERSION = "2026-07-28";
/** The revision that is offered to legacy upstreams; they may choose an older one. */
export const LEGACY_VERSION = "2025-11-25";
export const VERSION_HEADER = "mcp-protocol-version";
export const SESSION_HEADER = "mcp-session-id";

/** JSON-RPC 2.0, "Method not found". */
export const METHOD_NOT_FOUND = -32601;
/** Basic, "Error Codes": the headers say something else than the body. */
export const HEADER_MISMATCH = -32020;
/** The client has not declared what the request takes. */
export const MISSING_CAPABILITY = -32021;
/** The server does not speak that revision. */
export const UNSUPPORTED_VERSION = -32022;
/** JSON-RPC 2.0, "Invalid params": of the revision of 2026-07-28 also for fields that are missing in `_meta`. */
export const INVALID_PARAMS = -32602;

/** A message of the upstream. */
export type Message =
  | { readonly kind: "result"; readonly id: unknown; readonly result: JsonObject }
  | { readonly kind: "error"; readonly id: unknown; readonly error: JsonRpcError }
  | { readonly kind: "request"; readonly id: string | number; readonly method: string }
  | { readonly kind: "notification"; readonly method: string; readonly params: JsonObject };

export interface JsonRpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Reads one JSON-RPC message; undefined if it is none. @param bytes the same in UTF-8, where it is at hand. */
export function readMessage(text: string, bytes?: Buffer): Message | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.jsonrpc !== "2.0") return undefined;
  const { id, method, params, result, error } = value;
  if (isObject(result)) return { kind: "result", id, result: receivedIn(text, result, bytes) };
  if (isObject(error)) {
    const { code, message, data } = error;
    if (!Number.isSafeInteger(code) || typeof message !== "string") return undefined;
    return {
      kind: "error",
      id,
      error: { code: code as number, message, ...(data === undefined ? {} : { data }) },
    };
  }
  if (typeof method !== "string") return undefined;
  if (id === undefined)
    return { kind: "notification", method, params: isObject(params) ? params : {} };
  return typeof id === "string" || typeof id === "number"
    ? { kind: "request", id, method }
    : undefined;
}

/** Whether it is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
