import type { LoadBalancerAttributes } from "../graph/load-balancers.ts";

/** What belongs to a connection and not to a request (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What a load balancer puts in the place of whatever clients write. */
const OURS = new Set([
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-amzn-trace-id",
]);

/** Names beyond these are dropped with `routing.http.drop_invalid_header_fields.enabled` (ELB guide, "HTTP headers"). */
const VALID_NAME = /^[-A-Za-z0-9]+$/u;

/** The most addresses in `X-Forwarded-For`; above it a load balancer answers 463. */
export const MOST_FORWARDED_ADDRESSES = 30;

/** A request's headers as they came: names and values in turn, as `rawHeaders` of node:http has them. */
export type RawHeaders = readonly string[];

/** How a request came. */
export interface Arrival {
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly protocol: "HTTP" | "HTTPS";
  /** Of the listener. */
  readonly port: number;
  readonly trace: string;
}

/** What the target gets of a request's headers, as they were written and in their order. */
export function requestHeaders(
  given: RawHeaders,
  attributes: Pick<
    LoadBalancerAttributes,
    "dropInvalidHeaderFields" | "preserveHostHeader" | "xffMode" | "xffClientPort"
  >,
  arrival: Arrival,
): string[] {
  const own = connectionNames(given);
  const kept: string[] = [];
  let forwardedFor: string | undefined;
  let isChunked = false;
  for (let index = 0; index + 1 < given.length; index += 2) {
    const name = given[index] ?? "";
    const value = given[index + 1] ?? "";
    const known = name.toLowerCase();
    if (known === "x-forwarded-for")
      forwardedFor = forwardedFor === undefined ? value : `${forwardedFor}, ${value}`;
    if (known === "transfer-encoding") isChunked = true;
    if (HOP_BY_HOP.has(known) || own?.has(known) === true || OURS.has(known)) continue;
    if (attributes.dropInvalidHeaderFields && !VALID_NAME.test(name)) continue;
    kept.push(name, known === "host" ? hostHeader(value, attributes, arrival) : value);
  }
  // A body of unknown length stays framed, whatever the method: unframed, the target would take it for the next request.
  if (isChunked) kept.push("Transfer-Encoding", "chunked");
  const chain = forwardedChain(forwardedFor, attributes, arrival);
  if (chain !== undefined) kept.push("X-Forwarded-For", chain);
  kept.push(
    "X-Forwarded-Proto",
    arrival.protocol.toLowerCase(),
    "X-Forwarded-Port",
    String(arrival.port),
    "X-Amzn-Trace-Id",
    arrival.trace,
    "Connection",
    "keep-alive",
  );
  return kept;
}

/** What the client gets of a response's headers. */
export function responseHeaders(given: RawHeaders): string[] {
  const own = connectionNames(given);
  const kept: string[] = [];
  for (let index = 0; index + 1 < given.length; index += 2) {
    const name = given[index] ?? "";
    const known = name.toLowerCase();
    if (!HOP_BY_HOP.has(known) && own?.has(known) !== true) kept.push(name, given[index + 1] ?? "");
  }
  return kept;
}

export function forwardedAddresses(header: string | readonly string[] | undefined): number {
  if (header === undefined) return 0;
  return [header].flat().join(",").split(",").length;
}

/** The headers that this one connection claims for itself. */
function connectionNames(given: RawHeaders): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined;
  for (let index = 0; index + 1 < given.length; index += 2) {
    if (given[index]?.length !== 10 || given[index]?.toLowerCase() !== "connection") continue;
    names ??= new Set();
    for (const name of (given[index + 1] ?? "").split(",")) names.add(name.trim().toLowerCase());
  }
  return names;
}

function forwardedChain(
  given: string | undefined,
  { xffMode, xffClientPort }: Pick<LoadBalancerAttributes, "xffMode" | "xffClientPort">,
  { peerAddress, peerPort }: Arrival,
): string | undefined {
  switch (xffMode) {
    case "remove":
      return undefined;
    case "preserve":
      return given;
    case "append": {
      const address = peerAddress.includes(":") ? `[${peerAddress}]` : peerAddress;
      const peer = xffClientPort ? `${address}:${peerPort}` : address;
      return given === undefined ? peer : `${given}, ${peer}`;
    }
  }
}

/** A listener's port stands in the header where it is not the protocol's own (ELB guide, "Host header preservation"). */
function hostHeader(
  value: string,
  { preserveHostHeader }: Pick<LoadBalancerAttributes, "preserveHostHeader">,
  { protocol, port }: Arrival,
): string {
  const isStandard = port === (protocol === "HTTPS" ? 443 : 80);
  return preserveHostHeader || isStandard || /:\d+$/u.test(value) ? value : `${value}:${port}`;
}
