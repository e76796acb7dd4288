import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import type { JsonObject } from "../../../../runtime/relay.ts";
import { encodeHeaderValue } from "./header-value.ts";
import {
  isObject,
  LEGACY_VERSION,
  MODERN_VERSION,
  SESSION_HEADER,
  VERSION_HEADER,
} from "./protocol.ts";
import type { Question } from "./question.ts";
import type { Session } from "./sessions.ts";

/** A request as it is posted. */
export interface Envelope {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const BASE_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};
/** Fields of `_meta` that the specification keeps for itself. */
const RESERVED = "io.modelcontextprotocol/";
const DEFAULT_LOG_LEVEL = "info";

/** A request of 2026-07-28. The client's own `_meta` goes along, with what belongs to this hop put in its place. */
export function modernEnvelope(
  id: number,
  question: Question,
  clientInfo: { readonly name: string; readonly version: string },
  parameterHeaders: Readonly<Record<string, string>>,
): Envelope {
  const { method, params } = question;
  const given = isObject(params._meta) ? params._meta : {};
  const meta: Record<string, unknown> = {
    ...given,
    ...question.carrier,
    [PROTOCOL_VERSION_META_KEY]: MODERN_VERSION,
    [CLIENT_CAPABILITIES_META_KEY]: question.clientCapabilities,
    [CLIENT_INFO_META_KEY]: given[CLIENT_INFO_META_KEY] ?? clientInfo,
    progressToken: question.progress === undefined ? undefined : id,
    [LOG_LEVEL_META_KEY]:
      question.message === undefined ? undefined : (given[LOG_LEVEL_META_KEY] ?? DEFAULT_LOG_LEVEL),
  };
  const headers: Record<string, string> = {
    ...BASE_HEADERS,
    ...parameterHeaders,
    [VERSION_HEADER]: MODERN_VERSION,
    "mcp-method": method,
  };
  const name = nameOf(method, params);
  if (name !== undefined) headers["mcp-name"] = encodeHeaderValue(name);
  return { headers, body: write(id, method, { ...params, _meta: meta }) };
}

/** A request of the 2025 revisions: without what these do not know. */
export function legacyEnvelope(id: number, question: Question, session: Session): Envelope {
  const { _meta, ...params } = question.params;
  const meta: Record<string, unknown> = { ...question.carrier };
  if (isObject(_meta)) {
    for (const [key, value] of Object.entries(_meta))
      if (!key.startsWith(RESERVED)) meta[key] ??= value;
  }
  delete meta.progressToken;
  if (question.progress !== undefined) meta.progressToken = id;
  const sent = Object.keys(meta).length === 0 ? params : { ...params, _meta: meta };
  return { headers: sessionHeaders(session), body: write(id, question.method, sent) };
}

/** A notification, or an answer to a question of the upstream's, within a session. */
export function legacyMessage(session: Session, message: JsonObject): Envelope {
  return {
    headers: sessionHeaders(session),
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  };
}

/** The first request to a legacy upstream. Nothing is declared: a stateless server can ask its client nothing. */
export function initializeEnvelope(
  id: number,
  clientInfo: { readonly name: string; readonly version: string },
): Envelope {
  return {
    headers: { ...BASE_HEADERS },
    body: write(id, "initialize", {
      protocolVersion: LEGACY_VERSION,
      capabilities: {},
      clientInfo,
    }),
  };
}

/** The headers of everything within a session. */
export function sessionHeaders({ id, protocolVersion }: Session): Record<string, string> {
  return {
    ...BASE_HEADERS,
    [VERSION_HEADER]: protocolVersion,
    ...(id === undefined ? {} : { [SESSION_HEADER]: id }),
  };
}

/** What `Mcp-Name` says of it (Streamable HTTP, "Standard Request Headers"). */
function nameOf(method: string, { name, uri }: JsonObject): string | undefined {
  if (method === "tools/call" || method === "prompts/get")
    return typeof name === "string" ? name : undefined;
  return method === "resources/read" && typeof uri === "string" ? uri : undefined;
}

function write(id: number, method: string, params: JsonObject): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}
