import type { IncomingHttpHeaders } from "node:http";
import { PageError } from "./page-error.ts";

/** What keeps other sites' pages, in the same browser, from reading this one or acting through it. */
export interface GuardedRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Lets through what this page itself may ask for.
 *
 * @throws {PageError} for a host that is not this machine's own name (DNS rebinding), a method other than GET, HEAD and POST, and a POST that is
 * not this page's own.
 */
export function guard({ method, headers }: GuardedRequest, port: number): void {
  const { host } = headers;
  const own = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`);
  if (host === undefined || !own.includes(host)) {
    throw new PageError(
      403,
      `The request's \`Host\` is not this page's. Open http://127.0.0.1:${port}/ instead.`,
    );
  }
  if (headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] !== "navigate") {
    throw new PageError(403, "Another site's page asks for this. Only this page may.");
  }
  if (method === "GET" || method === "HEAD") return;
  if (method !== "POST") {
    throw new PageError(405, `The method \`${method ?? ""}\` is not served here: use GET or POST.`);
  }
  if (headers.origin !== `http://${host}`) {
    throw new PageError(
      403,
      "The request's `Origin` is not this page's. Only this page may change the run.",
    );
  }
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new PageError(415, "The body is not of type `application/json`. Send JSON.");
  }
}

/** Sent with every answer: nothing runs but the page's own files, nothing is fetched from elsewhere, and no other page frames it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
};
