import type { IncomingMessage } from "node:http";

/** How many headers a request may have: the default of Apache and of Tomcat. */
const HEADERS = 100;

/**
 * What is wrong with a request line and headers that Node has taken, as the status to answer with before anything else looks at them:
 *
 * - 431: there are more than 100 headers. Node's own `maxHeadersCount` would drop the surplus without a word, and with it perhaps the one
 *   that a check needed to see;
 * - 400: the target is neither a path nor an address, such as `http://`. Express would pass by all routes, guards included, and answer with a
 *   page of its own.
 */
export function headProblem(request: IncomingMessage): 400 | 431 | undefined {
  if (hasTooManyHeaders(request)) return 431;
  return isTarget(request.url ?? "") ? undefined : 400;
}

export function hasTooManyHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length > 2 * HEADERS;
}

/** RFC 9112 §3.2: an origin form, the asterisk form, or an absolute form, which clients send to proxies. */
function isTarget(target: string): boolean {
  return target.startsWith("/") || target === "*" || URL.canParse(target);
}
