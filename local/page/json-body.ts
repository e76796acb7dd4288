import type { IncomingMessage } from "node:http";
import { PageError } from "./page-error.ts";

/** Far more than a form of a tool holds. */
const LARGEST_BODY_BYTES = 1024 * 1024;

/**
 * The JSON object that a request carries.
 *
 * @throws {PageError} where it is too large, or no JSON object.
 */
export async function jsonBody(
  request: IncomingMessage,
): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY_BYTES) {
      throw new PageError(413, `The body is larger than ${LARGEST_BODY_BYTES} bytes. Send less.`);
    }
    chunks.push(chunk);
  }
  const value = parsed(Buffer.concat(chunks).toString("utf8"));
  if (!isObject(value)) throw new PageError(400, "The body is no JSON object. Send one.");
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
