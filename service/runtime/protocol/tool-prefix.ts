import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { headerText, headerValue } from "../hot-path/header-text.ts";
import { isObject } from "./relay-result.ts";

/** Stands between prefix and name. */
const SEPARATOR = "__";

/** The rules by which a gateway names what stands behind it (service/servers/gateway/names.ts); a test holds both together. */
const LONGEST_NAME = 64;
const LEGAL_NAME = /^[\w.-]+$/u;
const HASH_CHARACTERS = 8;
const SHORTENED = /^[\da-f]{8}_/u;

/** The requests that name a tool or a prompt. */
export type NamingMethod = "tools/call" | "prompts/get";

/**
 * Takes a gateway's prefix from the name in a request, from body and `Mcp-Name` together. A header that says something else than the body stays as it is, for
 * whoever compares the two; so does a name without the prefix.
 *
 * @param headers changed in place.
 * @param names what the server offers, for names that the gateway had to shorten.
 * @returns the body as the server's own clients would have sent it.
 */
export function withoutPrefix(
  body: unknown,
  headers: IncomingHttpHeaders,
  prefix: string,
  names: (method: NamingMethod) => Iterable<string>,
): unknown {
  if (!isObject(body) || !isNaming(body["method"]) || !isObject(body["params"])) return body;
  const { method, params } = body;
  const { name } = params;
  if (typeof name !== "string") return body;
  const own = ownName(name, prefix, () => names(method));
  if (own === undefined) return body;
  const header = headers["mcp-name"];
  if (header !== undefined) {
    if (typeof header !== "string" || headerText(header) !== name) return body;
    headers["mcp-name"] = headerValue(own);
  }
  return { ...body, params: { ...params, name: own } };
}

function isNaming(method: unknown): method is NamingMethod {
  return method === "tools/call" || method === "prompts/get";
}

/** What the server itself calls what a gateway's clients call so; undefined where that is none of its names. */
function ownName(name: string, prefix: string, names: () => Iterable<string>): string | undefined {
  const before = `${prefix}${SEPARATOR}`;
  if (!name.startsWith(before) || name === before) return undefined;
  const rest = name.slice(before.length);
  if (!SHORTENED.test(rest)) return rest;
  for (const own of names()) {
    if (shortened(before, own) === name) return own;
  }
  return rest;
}

/** What a gateway calls a name that is too long, or has characters that names must not have; undefined for any other. */
function shortened(before: string, own: string): string | undefined {
  const whole = before + own;
  if (whole.length <= LONGEST_NAME && LEGAL_NAME.test(own)) return undefined;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_CHARACTERS);
  const room = LONGEST_NAME - before.length - HASH_CHARACTERS - 1;
  return `${before}${hash}_${own.replaceAll(/[^\w.-]/gu, "_").slice(-room)}`;
}
