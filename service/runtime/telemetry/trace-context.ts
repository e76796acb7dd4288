import type { Call } from "../calls.ts";

/**
 * `traceparent` as W3C Trace Context says: version, trace id, parent id and flags in lower-case hexadecimal, where version `ff` and ids of
 * zeros are invalid. Later versions may append fields; version 00 has none.
 */
const TRACEPARENT =
  /^(?!ff)(?<version>[\da-f]{2})-(?!0{32})(?<trace>[\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?<more>-.*)?$/u;

/** The root of an X-Ray tracing header: version 1, seconds since 1970 and 96 more bits (X-Ray Developer Guide, "Tracing header"). */
const XRAY_ROOT = /(?:^|;)\s*Root=1-(?<seconds>[\da-f]{8})-(?<unique>[\da-f]{24})\s*(?:;|$)/u;

/** The sampling decision in such a header: 0 or 1; `?` asks for one. */
const XRAY_SAMPLED = /(?:^|;)\s*Sampled=(?<flag>[01])\s*(?:;|$)/u;

/** Trace context that may stand in `_meta` (SEP-414) or in headers. */
export const MESSAGE_TRACE_CONTEXT = ["traceparent", "tracestate", "baggage"] as const;

/**
 * How long trace context may be, in characters; longer is as good as none. A span keeps what it was read from until a collector takes it,
 * and in `_meta` it may be as long as a body. `traceparent` has 55 characters, and more in versions to come; `tracestate` and `baggage`
 * are to be carried on up to 512 and 8192 (W3C Trace Context, "tracestate Limits"; W3C Baggage, "Limits"); X-Ray's has about 100.
 */
const LONGEST: Readonly<Record<string, number>> = {
  traceparent: 128,
  tracestate: 512,
  baggage: 8192,
  "x-amzn-trace-id": 1024,
};

/** Trace context without what is too long. */
export function boundedCarrier(carrier: Call["carrier"]): Call["carrier"] {
  for (const name in carrier) {
    if (isTooLong(name, carrier[name])) {
      return Object.fromEntries(
        Object.entries(carrier).filter(([each, value]) => !isTooLong(each, value)),
      );
    }
  }
  return carrier;
}

function isTooLong(name: string, value: string | undefined): boolean {
  return value !== undefined && value.length > (LONGEST[name] ?? 0);
}

/** What of trace context may stand in the `_meta` of a message (SEP-414). The header of AWS is for servers that this one sees alone. */
export function messageTraceContext(carrier: Call["carrier"]): Call["carrier"] {
  const found: Record<string, string> = {};
  for (const name of MESSAGE_TRACE_CONTEXT) {
    const value = carrier[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** The trace that a call belongs to, as 32 hexadecimal digits: what the client says in `traceparent` comes before what a load balancer adds. */
export function traceId(carrier: Call["carrier"]): string | undefined {
  return traceparentId(carrier["traceparent"]) ?? xrayRootId(carrier);
}

/** The trace id in `X-Amzn-Trace-Id`, which an Application Load Balancer adds to every request, mostly without a parent. */
export function xrayRootId(carrier: Call["carrier"]): string | undefined {
  const groups = XRAY_ROOT.exec(carrier["x-amzn-trace-id"] ?? "")?.groups;
  const id = `${groups?.["seconds"] ?? ""}${groups?.["unique"] ?? ""}`;
  return /[1-9a-f]/u.test(id) ? id : undefined;
}

/** Whether whoever gave a request its X-Ray trace wants it sampled; undefined where that is left to us, as load balancers leave it. */
export function xraySampled(carrier: Call["carrier"]): boolean | undefined {
  if (xrayRootId(carrier) === undefined) return undefined;
  const flag = XRAY_SAMPLED.exec(carrier["x-amzn-trace-id"] ?? "")?.groups?.["flag"];
  return flag === undefined ? undefined : flag === "1";
}

function traceparentId(traceparent: string | undefined): string | undefined {
  const groups = TRACEPARENT.exec(traceparent ?? "")?.groups;
  if (groups === undefined) return undefined;
  if (groups["version"] === "00" && groups["more"] !== undefined) return undefined;
  return groups["trace"];
}
