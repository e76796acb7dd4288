import type { IncomingMessage } from "node:http";
import { forwardedAddresses, MOST_FORWARDED_ADDRESSES, type RawHeaders } from "./headers.ts";

/** Of a request line and of a single header; not to be raised (ELB guide, "Quotas"). */
const MOST_LINE_BYTES = 16 * 1024;

/** Of all headers (ELB guide, "Quotas"), and what the parser takes before it gives up. */
export const MOST_HEADER_BYTES = 64 * 1024;

/**
 * What a load balancer refuses by itself of what its parser takes (ELB guide, "Troubleshoot").
 *
 * @returns a status; undefined for a request that may be served.
 */
export function refusal(
  incoming: Pick<IncomingMessage, "method" | "url" | "rawHeaders" | "headers">,
): number | undefined {
  const { method = "", url = "", rawHeaders } = incoming;
  if (method === "TRACE") return 405;
  // The rest of the line: the method, two spaces and `HTTP/1.1`.
  if (method.length + url.length + 10 > MOST_LINE_BYTES) return 414;
  // The newer guide lists the limits of headers under 413, too, and does not say when.
  if (hasOversizedHeader(rawHeaders)) return 400;
  if (forwardedAddresses(incoming.headers["x-forwarded-for"]) > MOST_FORWARDED_ADDRESSES)
    return 463;
  return undefined;
}

/**
 * The status for what the parser of node:http gave up on.
 *
 * @param reason as the parser words it.
 */
export function statusOfParseError(code: string | undefined, reason = ""): number {
  if (code === "HPE_INVALID_VERSION") return 505;
  // Together with a length it is ambiguous, which is worse than unknown.
  if (code === "HPE_INVALID_TRANSFER_ENCODING" && !/content-length/iu.test(reason)) return 501;
  return 400;
}

function hasOversizedHeader(headers: RawHeaders): boolean {
  let all = 0;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const bytes = (headers[index]?.length ?? 0) + (headers[index + 1]?.length ?? 0) + 4;
    if (bytes > MOST_LINE_BYTES) return true;
    all += bytes;
  }
  return all > MOST_HEADER_BYTES;
}
