import { lookAt, UNLIMITED } from "./json-text.ts";
import type { JsonObject } from "./relay.ts";

/**
 * A property that nobody lists, copies or writes down: whoever makes another result of one makes one without it. A `WeakMap` would keep what is
 * in it beyond the next collection of the young generation (V8), and with it 25 kB of a call of 20 kB.
 */
const MESSAGE = Symbol("message");

const RESULT = ["result"];

/** In characters: what is shorter is written in about the time that remembering it takes. */
const WORTH_REMEMBERING = 2048;

/**
 * Remembers the message that a result came in, so that one that nobody changes is not written anew: writing 20 kB takes longer than everything
 * else about a call.
 *
 * @param message the JSON of an object whose member `result` is the result; neither changes from now on.
 * @param bytes the same in UTF-8, where it is at hand.
 * @returns the result.
 */
export function receivedIn(message: string, result: JsonObject, bytes?: Buffer): JsonObject {
  if (message.length >= WORTH_REMEMBERING) {
    const value: Received = { message, bytes };
    Object.defineProperty(result, MESSAGE, { value });
  }
  return result;
}

interface Received {
  readonly message: string;
  readonly bytes: Buffer | undefined;
}

/** The JSON of a result, in one line, as it came: as bytes where they are at hand. Undefined where it is not at hand at all, or has more lines. */
export function receivedText(result: JsonObject): string | Buffer | undefined {
  const received = (result as { readonly [MESSAGE]?: Received })[MESSAGE];
  if (received === undefined) return undefined;
  const { message, bytes } = received;
  // An event of a stream ends with its line.
  if (message.includes("\n") || message.includes("\r")) return undefined;
  const { span } = lookAt(message, UNLIMITED, RESULT);
  if (span === undefined) return undefined;
  // In ASCII a character is a byte; so is what was no UTF-8, and became U+FFFD.
  return bytes?.length === message.length && !message.includes("\uFFFD")
    ? bytes.subarray(span.begin, span.end)
    : message.slice(span.begin, span.end);
}
