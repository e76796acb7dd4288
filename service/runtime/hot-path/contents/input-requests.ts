import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ClientCapabilities,
  type InputRequiredResult,
} from "@modelcontextprotocol/server";
import { isObject } from "../../protocol/relay-result.ts";
import type { JsonObject } from "../../relay.ts";

/**
 * The first reason why a client cannot be asked for all of this, if any: the SDK has the same rule, and keeps it to itself.
 *
 * @param declared what the client says it can do.
 */
export function refuseInputRequests(
  method: string,
  { inputRequests = {} }: InputRequiredResult,
  declared: ClientCapabilities,
): ProtocolError | undefined {
  for (const [key, entry] of Object.entries(inputRequests as JsonObject)) {
    if (!isRequest(entry)) {
      return internal(
        `Handler for ${method} returned an invalid input request '${key}': each inputRequests entry must be an embedded elicitation/create, sampling/createMessage, or roots/list request`,
      );
    }
    const required = requirement(entry);
    if (required === undefined) {
      return internal(
        `Handler for ${method} returned an input request '${key}' of kind '${entry.method}', which is not an embedded request the 2026-07-28 revision defines`,
      );
    }
    if (declares(declared, required)) continue;
    return new MissingRequiredClientCapabilityError(
      { requiredCapabilities: { [required.capability]: membersOf(required) } },
      `Cannot request input '${key}' (${entry.method}): the request's client capabilities do not declare the required capability`,
    );
  }
  return undefined;
}

interface InputRequest {
  readonly method: string;
  readonly params?: unknown;
}

/** A capability, and the part of it that a request needs. */
interface Requirement {
  readonly capability: "elicitation" | "sampling" | "roots";
  readonly member?: "form" | "url" | "tools";
}

function isRequest(entry: unknown): entry is InputRequest {
  return (
    typeof entry === "object" &&
    entry !== null &&
    "method" in entry &&
    typeof entry.method === "string"
  );
}

function requirement({ method, params }: InputRequest): Requirement | undefined {
  const given = isObject(params) ? params : {};
  switch (method) {
    case "elicitation/create":
      return { capability: "elicitation", member: given["mode"] === "url" ? "url" : "form" };
    case "sampling/createMessage":
      return given["tools"] === undefined && given["toolChoice"] === undefined
        ? { capability: "sampling" }
        : { capability: "sampling", member: "tools" };
    case "roots/list":
      return { capability: "roots" };
    default:
      return undefined;
  }
}

function declares(declared: ClientCapabilities, { capability, member }: Requirement): boolean {
  const found: unknown = declared[capability];
  if (found === undefined) return false;
  if (member === undefined || !isObject(found) || found[member] !== undefined) return true;
  // Clients that know of no modes know forms.
  return member === "form" && found["url"] === undefined;
}

function membersOf({ member }: Requirement): JsonObject {
  return member === undefined ? {} : { [member]: {} };
}

function internal(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InternalError, message);
}
