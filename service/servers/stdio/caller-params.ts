import type { JsonObject, RelayContext, RelayRequest } from "../../runtime/relay.ts";
import type { Handshake } from "./handshake.ts";
import { objectOf } from "./messages.ts";
import { MODERN_VERSION, PREFIX } from "./protocol.ts";

const PROTOCOL_VERSION = `${PREFIX}protocolVersion`;
const CLIENT_CAPABILITIES = `${PREFIX}clientCapabilities`;
const LOG_LEVEL = `${PREFIX}logLevel`;

/** Trace context, under the names that `_meta` has for it in every revision. */
const TRACE_KEYS = ["traceparent", "tracestate", "baggage"] as const;

/**
 * The parameters of a caller as a child gets them, as JSON: with our progress token, with the trace context of the call, and with what `_meta` must
 * have in the child's revision, whatever the caller's is. They are written piece by piece: an object like them would be made only to be written down.
 */
export function callerParams(
  era: Handshake["era"],
  { params, argumentsText }: Pick<RelayRequest, "params" | "argumentsText">,
  context: RelayContext,
  id: number,
): string {
  let members = "";
  for (const key in params) {
    if (key === "_meta") continue;
    members +=
      key === "arguments" && argumentsText !== undefined && isOneLine(argumentsText)
        ? `,"arguments":${argumentsText}`
        : member(key, params[key]);
  }
  const meta = metaMembers(era, objectOf(params, "_meta"), context, id);
  if (meta !== "") members += `,"_meta":{${meta.slice(1)}}`;
  return `{${members.slice(1)}}`;
}

/** A message ends with its line. In JSON, line breaks stand between values alone. */
function isOneLine(text: string): boolean {
  return !text.includes("\n") && !text.includes("\r");
}

/** What `_meta` has, each behind a comma. */
function metaMembers(
  era: Handshake["era"],
  given: JsonObject,
  { clientCapabilities, carrier, progress, message }: RelayContext,
  id: number,
): string {
  let members =
    era === "modern"
      ? `,"${PROTOCOL_VERSION}":"${MODERN_VERSION}","${CLIENT_CAPABILITIES}":${JSON.stringify(clientCapabilities)}`
      : "";
  for (const key in given) {
    if (!isOurs(era, key, message !== undefined) && !isTraced(carrier, key))
      members += member(key, given[key]);
  }
  for (const key of TRACE_KEYS) {
    const value = carrier[key];
    if (value !== undefined) members += member(key, value);
  }
  if (progress !== undefined) members += `,"progressToken":${id}`;
  return members;
}

/** Whether a field of the caller's is not passed on: it says something of the caller's own hop, or means nothing in the child's revision. */
function isOurs(era: Handshake["era"], key: string, wantsMessages: boolean): boolean {
  if (key === "progressToken") return true;
  if (!key.startsWith(PREFIX)) return false;
  if (era === "legacy") return true;
  return (
    key === PROTOCOL_VERSION || key === CLIENT_CAPABILITIES || (key === LOG_LEVEL && !wantsMessages)
  );
}

function isTraced(carrier: RelayContext["carrier"], key: string): boolean {
  return TRACE_KEYS.some((name) => name === key) && carrier[key] !== undefined;
}

/** A further member of an object. */
function member(key: string, value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? "" : `,${JSON.stringify(key)}:${text}`;
}
