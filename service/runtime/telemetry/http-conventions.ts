import type { Attributes } from "@opentelemetry/api";

/** What is known of a request before it is sent. */
export interface OutgoingRequest {
  readonly origin?: string | URL;
  /** With its query; an address where a proxy is asked. */
  readonly path: string;
  readonly method: string;
}

/** OpenTelemetry semantic conventions, "HTTP client span" (stable); other methods may be as many as authors make up. */
const METHODS: ReadonlySet<string> = new Set([
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "QUERY",
  "TRACE",
]);

const REDACTED = "REDACTED";

/** The name of a request's span: there is no route to add. */
export function requestSpanName({ method }: OutgoingRequest): string {
  return METHODS.has(method) ? method : "HTTP";
}

/** What a span says of a request; undefined where it has no address. */
export function requestAttributes({
  origin,
  path,
  method,
}: OutgoingRequest): Attributes | undefined {
  const url = URL.parse(path, origin === undefined ? undefined : String(origin));
  if (url === null) return undefined;
  return {
    "http.request.method": METHODS.has(method) ? method : "_OTHER",
    ...(METHODS.has(method) ? {} : { "http.request.method_original": method }),
    "server.address": url.hostname,
    "server.port": Number(url.port) || (url.protocol === "https:" ? 443 : 80),
    "url.full": redacted(url),
  };
}

/** An address without credentials and without the values of its query, among which keys of APIs travel. */
function redacted(given: URL): string {
  const url = new URL(given);
  if (url.username !== "") url.username = REDACTED;
  if (url.password !== "") url.password = REDACTED;
  for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, REDACTED);
  return url.href;
}
