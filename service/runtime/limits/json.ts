import { isUtf8 } from "node:buffer";
import { lookAt, type StructureLimits } from "../json-text.ts";

/** What a request's JSON may be at most. */
export interface JsonLimits extends StructureLimits {
  /** How many messages a batch may have. */
  readonly batch: number;
}

/** A request's JSON: one message, a batch of them, or why it is neither. */
export type ParsedJson =
  | {
      readonly kind: "message";
      readonly message: Readonly<Record<string, unknown>>;
      /** The JSON of `params.arguments` as it came, where writing that anew would take long. */
      readonly argumentsText?: string;
    }
  | { readonly kind: "batch"; readonly messages: readonly unknown[] }
  /** The code is JSON-RPC's own, for an answer with HTTP 400: -32700 where it is no JSON, -32600 where it is not what may be asked. */
  | { readonly kind: "refused"; readonly code: -32_700 | -32_600; readonly reason: string };

/**
 * 64 levels: the default of .NET's `System.Text.Json`, the strictest among the common parsers (Rust's serde_json: 128, PHP: 512). An MCP
 * call's own arguments start at level 3. `JSON.parse` itself takes any depth, but what walks its result does so recursively
 * (`JSON.stringify`, zod, a tool's own code) and throws a RangeError from about 5000 levels on.
 */
const DEPTH = 64;

/**
 * 50 messages, half of the SDK's 100: a batch takes as much room as it has messages, and one that needs all of a replica's default room
 * (`MAX_ONGOING_REQUESTS`: 100) would only ever get in where nobody else is. Batches exist in revision 2025-03-26 alone.
 */
const BATCH = 50;

/** 100 000 arrays and objects: one takes three bytes as text and up to 56 in memory, so that 4 MiB of `{},` would be 85 MB. */
const CONTAINERS = 100_000;

/** The limits of a replica; a batch never needs more room than there is. */
export function jsonLimits(configuration: { readonly maxOngoingRequests: number }): JsonLimits {
  return {
    depth: DEPTH,
    batch: Math.min(BATCH, configuration.maxOngoingRequests),
    containers: CONTAINERS,
  };
}

/**
 * Parses a request's body; it never throws. Names of objects mean nothing here: where one comes twice the last counts, and `__proto__` is a
 * property like any other, as in `JSON.parse`.
 */
export function parseJson(body: Buffer, limits: JsonLimits): ParsedJson {
  // RFC 8259 §8.1: JSON is UTF-8. Decoding would put U+FFFD where it is not, and so change what the caller asked.
  if (!isUtf8(body)) return refused(-32_700, "The request body is not valid UTF-8.");
  const text = withoutMark(body);
  const structure = lookAt(text, limits, text.length < LONG ? NOWHERE : ARGUMENTS);
  if (structure.exceeded !== undefined) return refused(-32_600, excess(structure.exceeded, limits));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(-32_700, "The request body is not valid JSON.");
  }
  if (!Array.isArray(value)) {
    if (typeof value !== "object" || value === null)
      return refused(-32_600, "The request body is neither a JSON object nor an array.");
    const message = value as Record<string, unknown>;
    const { span } = structure;
    return span === undefined
      ? { kind: "message", message }
      : { kind: "message", message, argumentsText: text.slice(span.begin, span.end) };
  }
  const messages: readonly unknown[] = value;
  if (messages.length === 0) return refused(-32_600, "The batch has no messages.");
  if (messages.length > limits.batch) {
    return refused(
      -32_600,
      `The batch has ${messages.length} messages; at most ${limits.batch} are taken at once.`,
    );
  }
  return { kind: "batch", messages };
}

const ARGUMENTS = ["params", "arguments"];
const NOWHERE: readonly string[] = [];

/** In characters: the arguments of a shorter message are written in about the time that looking for them takes. */
const LONG = 2048;

function excess(exceeded: keyof StructureLimits, { depth, containers }: JsonLimits): string {
  return exceeded === "depth"
    ? `The request body is nested deeper than ${depth} levels of arrays and objects.`
    : `The request body has more than ${containers} arrays and objects.`;
}

/** RFC 8259 §8.1 lets a parser ignore a byte order mark, and the SDK does. */
function withoutMark(body: Buffer): string {
  const text = body.toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function refused(code: -32_700 | -32_600, reason: string): ParsedJson {
  return { kind: "refused", code, reason };
}
