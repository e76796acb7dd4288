import type { IncomingMessage } from "node:http";
import { isHost } from "../host-names.ts";
import { rememberRight } from "../remember-right.ts";

/** How many headers a request may have: the default of Apache and of Tomcat. */
const HEADERS = 100;

/**
 * What is wrong with a request line and headers that Node has taken, as the status to answer with before anything else looks at them:
 *
 * - 431: there are more than 100 headers. Node's own `maxHeadersCount` would drop the surplus without a word, and with it perhaps the one
 *   that a check needed to see;
 * - 400: the target is neither a path nor an address, such as `http://`. Express would pass by all routes, guards included, and answer with a
 *   page of its own. Or there is not exactly one `Host` that names a host: proxies on the way may have understood another one than we would.
 */
export function headProblem(request: IncomingMessage): 400 | 431 | undefined {
  if (hasTooManyHeaders(request)) return 431;
  return isTarget(request.url ?? "") && hasOneHost(request) ? undefined : 400;
}

const isRightHost = rememberRight(isHost);

/** RFC 9112 §3.2; HTTP/1.0 needs none, and the endpoint's guard decides. */
function hasOneHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let host: string | undefined;
  // `headers` would hide all but the first of several.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length !== HOST.length || name.toLowerCase() !== HOST) continue;
    if (host !== undefined) return false;
    host = rawHeaders[index + 1];
  }
  return host === undefined ? httpVersion === "1.0" : isRightHost(host);
}

const HOST = "host";

export function hasTooManyHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length > 2 * HEADERS;
}

/** RFC 9112 §3.2: an origin form, the asterisk form, or an absolute form, which clients send to proxies. */
function isTarget(target: string): boolean {
  return target.startsWith("/") || target === "*" || URL.canParse(target);
}
