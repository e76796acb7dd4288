import type { JsonObject } from "../../runtime/relay.ts";
import type { Handshake } from "./handshake.ts";

/** The revision without sessions. */
export const MODERN_VERSION = "2026-07-28";

/** The revisions with `initialize`, of which a server chooses the one that it knows. */
export const LEGACY_VERSIONS: ReadonlySet<string> = new Set([
  "2025-11-25",
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
]);

/** Whom children see as their client. */
export const OWN_NAME = { name: "pulumi-mcp-service", version: "0.1.0" } as const;

/** What begins the names in `_meta` that the protocol keeps for itself. */
export const PREFIX = "io.modelcontextprotocol/";

/** What a request of our own, behind which there is no caller, says of its client. */
export const ownMeta: JsonObject = {
  [`${PREFIX}protocolVersion`]: MODERN_VERSION,
  [`${PREFIX}clientCapabilities`]: {},
  [`${PREFIX}clientInfo`]: OWN_NAME,
};

/** What a request that has no caller carries: nothing in the old revisions. */
export function ownParams({ era }: Pick<Handshake, "era">, params: JsonObject = {}): JsonObject {
  return era === "modern" ? { ...params, _meta: ownMeta } : params;
}
