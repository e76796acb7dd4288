import { INTERNAL_ERROR } from "../failure.ts";
import type { Answer } from "./answer.ts";
import {
  HEADER_MISMATCH,
  INVALID_PARAMS,
  METHOD_NOT_FOUND,
  MISSING_CAPABILITY,
  MODERN_VERSION,
  UNSUPPORTED_VERSION,
} from "./protocol.ts";

export type Era = "modern" | "legacy";

/** Codes that only a server of 2026-07-28 gives. */
const MODERN_CODES: ReadonlySet<number> = new Set([HEADER_MISMATCH, MISSING_CAPABILITY]);

/** What the answer to a `server/discover` says of the upstream; undefined where it says nothing. */
export function eraOf({ status, message }: Answer): Era | undefined {
  if (message?.kind === "result") {
    const { supportedVersions } = message.result;
    return Array.isArray(supportedVersions) && supportedVersions.includes(MODERN_VERSION)
      ? "modern"
      : "legacy";
  }
  // Who may ask, how much and how often is said before anybody looks at what was asked.
  if ([401, 403, 407, 408, 413, 425, 429].includes(status)) return undefined;
  // Versioning, "Backward Compatibility": any error that is not one of the modern revision means an older server.
  return message !== undefined && MODERN_CODES.has(message.error.code) ? "modern" : "legacy";
}

/** Whether a server of that era would not have answered so: then it is asked again which one it is. Nothing has run if it is another one. */
export function contradicts(era: Era, { status, message }: Answer): boolean {
  if (message?.kind === "result" || ![400, 404, 405, 406, 415].includes(status)) return false;
  if (message === undefined) return true;
  const { code } = message.error;
  // That is the failure of something that has begun.
  if (code === INTERNAL_ERROR) return false;
  if (code === UNSUPPORTED_VERSION || era === "legacy") return true;
  return !MODERN_CODES.has(code) && code !== INVALID_PARAMS && code !== METHOD_NOT_FOUND;
}

/** What servers say with 400 to a session that they do not know: those of the TypeScript SDK the first two, those of the Python SDK the last. */
const SESSION_CODES: ReadonlySet<number> = new Set([-32000, -32001, -32600]);

/** Whether the answer says that the session is gone: 404 by the specification, 400 from many servers. */
export function endsSession({ status, message }: Answer): boolean {
  if (status === 404) return message?.kind !== "result";
  return status === 400 && message?.kind === "error" && SESSION_CODES.has(message.error.code);
}
