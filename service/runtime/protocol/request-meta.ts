import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
} from "@modelcontextprotocol/server";
import type { JsonObject } from "../relay.ts";

/** Levels of log messages in the order of their severity (RFC 5424), the least first. */
export const LOG_LEVELS: readonly unknown[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];

/** What a client declares in the `_meta` of a request of 2026-07-28; typed by what has been validated before. */
export function declaredCapabilities(meta: JsonObject): ClientCapabilities {
  return meta[CLIENT_CAPABILITIES_META_KEY] ?? {};
}
