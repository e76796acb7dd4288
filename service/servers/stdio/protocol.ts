import type { JsonObject, RelayContext } from "../../runtime/relay.ts";
import type { Handshake } from "./handshake.ts";
import { objectOf } from "./messages.ts";

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

const PREFIX = "io.modelcontextprotocol/";

/** What a request of our own, behind which there is no caller, says of its client. */
export const ownMeta: JsonObject = {
  [`${PREFIX}protocolVersion`]: MODERN_VERSION,
  [`${PREFIX}clientCapabilities`]: {},
  [`${PREFIX}clientInfo`]: OWN_NAME,
};

/** Trace context, under the names that `_meta` has for it in every revision. */
const TRACE_KEYS = ["traceparent", "tracestate", "baggage"] as const;

/** What a request that has no caller carries: nothing in the old revisions. */
export function ownParams({ era }: Pick<Handshake, "era">, params: JsonObject = {}): JsonObject {
  return era === "modern" ? { ...params, _meta: ownMeta } : params;
}

/**
 * The parameters of a caller as a child gets them: with our progress token, with the trace context of the call, and with what `_meta` must have
 * in the child's revision, whatever the caller's is.
 */
export function callerParams(
  { era }: Pick<Handshake, "era">,
  params: JsonObject,
  context: RelayContext,
  id: number,
): JsonObject {
  const trace = Object.fromEntries(
    TRACE_KEYS.flatMap((key) => {
      const value = context.carrier[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const given = without(objectOf(params, "_meta"), "progressToken");
  const meta = {
    ...(era === "modern" ? modernMeta(given, context) : legacyMeta(given)),
    ...trace,
    ...(context.progress === undefined ? {} : { progressToken: id }),
  };
  const rest = without(params, "_meta");
  return Object.keys(meta).length === 0 ? rest : { ...rest, _meta: meta };
}

function modernMeta(given: JsonObject, { clientCapabilities, message }: RelayContext): JsonObject {
  const { [`${PREFIX}logLevel`]: logLevel, ...others } = given;
  return {
    ...others,
    [`${PREFIX}protocolVersion`]: MODERN_VERSION,
    [`${PREFIX}clientCapabilities`]: clientCapabilities,
    ...(logLevel === undefined || message === undefined ? {} : { [`${PREFIX}logLevel`]: logLevel }),
  };
}

/** Keys of the new revision mean nothing to a server of the old ones. */
function legacyMeta(given: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(given).filter(([key]) => !key.startsWith(PREFIX)));
}

function without(object: JsonObject, key: string): JsonObject {
  if (!(key in object)) return object;
  const rest: Record<string, unknown> = { ...object };
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- of a copy
  delete rest[key];
  return rest;
}
