import { isUtf8 } from "node:buffer";

/** What a request's JSON may be at most. */
export interface JsonLimits {
  /** How deep arrays and objects may be nested. */
  readonly depth: number;
  /** How many messages a batch may have. */
  readonly batch: number;
  /** How many arrays and objects there may be. */
  readonly containers: number;
}

/** A request's JSON: one message, a batch of them, or why it is neither. */
export type ParsedJson =
  | { readonly kind: "message"; readonly message: Readonly<Record<string, unknown>> }
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
  const excess = measure(body, limits);
  if (excess !== undefined) return refused(-32_600, excess);
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(body));
  } catch {
    return refused(-32_700, "The request body is not valid JSON.");
  }
  if (!Array.isArray(value)) {
    if (typeof value !== "object" || value === null)
      return refused(-32_600, "The request body is neither a JSON object nor an array.");
    return { kind: "message", message: value as Record<string, unknown> };
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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `{` and `[` differ in this bit alone, as do `}` and `]`; no other ASCII character becomes one of them by setting it. */
const CASE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** Looks at the brackets outside strings, and nothing else; what is wrong with the text is for the parser to say. */
function measure(body: Buffer, { depth: most, containers: mostContainers }: JsonLimits) {
  let depth = 0;
  let containers = 0;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index] ?? 0;
    if (byte === QUOTE) {
      index = endOfString(body, index);
      continue;
    }
    const bracket = byte | CASE_BIT;
    if (bracket === OPENING) {
      if (++depth > most)
        return `The request body is nested deeper than ${most} levels of arrays and objects.`;
      if (++containers > mostContainers)
        return `The request body has more than ${mostContainers} arrays and objects.`;
    } else if (bracket === CLOSING) depth--;
  }
  return undefined;
}

/** The index of the quote that ends the string which starts at `start`; the end of the body where none does. */
function endOfString(body: Buffer, start: number): number {
  // Nearly all strings are short; searching natively pays for the long ones.
  for (let end = body.indexOf(QUOTE, start + 1); end !== -1; end = body.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (body[end - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return body.length;
}

/** RFC 8259 §8.1 lets a parser ignore a byte order mark, and the SDK does. */
function withoutMark(body: Buffer): string {
  const text = body.toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function refused(code: -32_700 | -32_600, reason: string): ParsedJson {
  return { kind: "refused", code, reason };
}
