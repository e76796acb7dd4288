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
  const headers: Record<string, string> = {
    "content-type": BASE_HEADERS["content-type"],
    accept: BASE_HEADERS.accept,
    ...parameterHeaders,
    [VERSION_HEADER]: MODERN_VERSION,
    "mcp-method": method,
  };
  const name = nameOf(method, params);
  if (name !== undefined) headers["mcp-name"] = encodeHeaderValue(name);
  return { headers, body: write(id, question, modernMeta(id, question, clientInfo)) };
}

/** What belongs to this hop whatever the client says. */
const OF_THIS_HOP: ReadonlySet<string> = new Set([
  PROTOCOL_VERSION_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  // Deprecated in favour of traces; clients that show messages to people will be around for years.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  LOG_LEVEL_META_KEY,
  "progressToken",
]);

/** `_meta` as JSON, written piece by piece: most of it is the same for all calls. */
function modernMeta(
  id: number,
  { params, carrier, clientCapabilities, progress, message }: Question,
  clientInfo: { readonly name: string; readonly version: string },
): string {
  const given = isObject(params._meta) ? params._meta : NOTHING;
  const info = given[CLIENT_INFO_META_KEY] ?? clientInfo;
  let text = `{"${PROTOCOL_VERSION_META_KEY}":"${MODERN_VERSION}","${CLIENT_CAPABILITIES_META_KEY}":${JSON.stringify(clientCapabilities)},"${CLIENT_INFO_META_KEY}":${JSON.stringify(info)}`;
  if (progress !== undefined) text += `,"progressToken":${id}`;
  if (message !== undefined)
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    text += member(LOG_LEVEL_META_KEY, given[LOG_LEVEL_META_KEY] ?? DEFAULT_LOG_LEVEL);
  for (const key in given) {
    if (!OF_THIS_HOP.has(key) && !Object.hasOwn(carrier, key)) text += member(key, given[key]);
  }
  for (const key in carrier) text += member(key, carrier[key]);
  return `${text}}`;
}

const NOTHING: JsonObject = {};

/** A further member of an object. */
function member(key: string, value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? "" : `,${JSON.stringify(key)}:${text}`;
}

/** A request of the 2025 revisions: without what these do not know. */
export function legacyEnvelope(id: number, question: Question, session: Session): Envelope {
  const { _meta } = question.params;
  const meta: Record<string, unknown> = { ...question.carrier };
  if (isObject(_meta)) {
    for (const [key, value] of Object.entries(_meta))
      if (!key.startsWith(RESERVED)) meta[key] ??= value;
  }
  delete meta.progressToken;
  if (question.progress !== undefined) meta.progressToken = id;
  const sent = Object.keys(meta).length === 0 ? undefined : JSON.stringify(meta);
  return { headers: sessionHeaders(session), body: write(id, question, sent) };
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
  const params = { protocolVersion: LEGACY_VERSION, capabilities: {}, clientInfo };
  const question = { method: "initialize", params, argumentsText: undefined };
  return { headers: { ...BASE_HEADERS }, body: write(id, question, undefined) };
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

/** @param meta the JSON of `_meta`; undefined where there is none. */
function write(
  id: number,
  { method, params, argumentsText }: Pick<Question, "method" | "params" | "argumentsText">,
  meta: string | undefined,
): string {
  let members = "";
  for (const key in params) {
    if (key === "_meta") continue;
    members +=
      key === "arguments" && argumentsText !== undefined
        ? `,"arguments":${argumentsText}`
        : member(key, params[key]);
  }
  if (meta !== undefined) members += `,"_meta":${meta}`;
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":{${members.slice(1)}}}`;
}
