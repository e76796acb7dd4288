import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  isSpecType,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import type { JsonObject } from "../relay.ts";
import { isObject } from "../protocol/relay-result.ts";
import { LOG_LEVELS } from "../protocol/request-meta.ts";

/** The keys that the protocol keeps for itself. */
const RESERVED = "io.modelcontextprotocol/";

/** Whether a `_meta` of 2026-07-28 has what it must have, and nothing of another type than the protocol says. */
export function isModernMeta(meta: JsonObject): boolean {
  for (const key in meta) {
    if (key.startsWith(RESERVED) && !KNOWN.has(key)) return false;
  }
  return (
    meta[PROTOCOL_VERSION_META_KEY] === "2026-07-28" &&
    isProgressToken(meta["progressToken"]) &&
    isCapabilities(meta[CLIENT_CAPABILITIES_META_KEY]) &&
    isImplementation(meta[CLIENT_INFO_META_KEY]) &&
    (meta[LOG_LEVEL_META_KEY] === undefined || LOG_LEVELS.includes(meta[LOG_LEVEL_META_KEY]))
  );
}

const KNOWN: ReadonlySet<string> = new Set([
  PROTOCOL_VERSION_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  // Deprecated in favour of traces; clients that show messages to people will be around for years.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  LOG_LEVEL_META_KEY,
]);

/** Whether a `_meta` of a 2025 revision, or none, means nothing but a progress token and what strangers put there. */
export function isLegacyMeta(meta: unknown): boolean {
  if (meta === undefined) return true;
  if (!isObject(meta) || !isProgressToken(meta["progressToken"])) return false;
  for (const key in meta) {
    if (key.startsWith(RESERVED)) return false;
  }
  return true;
}

function isProgressToken(token: unknown): boolean {
  return token === undefined || typeof token === "string" || Number.isSafeInteger(token);
}

/** What nearly all clients say is looked at here; the rest takes the SDK's schema, which takes its time. */
function isCapabilities(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const key in value) {
    if (!isPlainCapability(key, value[key])) return isSpecType.ClientCapabilities(value);
  }
  return true;
}

function isPlainCapability(key: string, value: unknown): boolean {
  if (!isObject(value)) return false;
  switch (key) {
    case "elicitation":
    case "sampling":
      return Object.values(value).every((each) => isObject(each) && isEmpty(each));
    case "roots":
      return value["listChanged"] === undefined || typeof value["listChanged"] === "boolean";
    case "experimental":
    case "extensions":
      return Object.values(value).every(isObject);
    default:
      return false;
  }
}

function isEmpty(value: JsonObject): boolean {
  for (const _key in value) return false;
  return true;
}

/** As with {@link isCapabilities}. */
function isImplementation(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isObject(value)) return false;
  if (typeof value["name"] !== "string" || typeof value["version"] !== "string") return false;
  for (const key in value) {
    if (key === "name" || key === "version") continue;
    if (key !== "title" || typeof value[key] !== "string") return isSpecType.Implementation(value);
  }
  return true;
}
