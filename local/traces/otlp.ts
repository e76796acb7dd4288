import { z } from "zod";
import { decodeExportRequest } from "./otlp-messages.ts";
import type { AttributeValue, Span, SpanKind } from "./span.ts";

/** 64-bit numbers are strings in the JSON encoding of protocol buffers; some senders write numbers. */
const nanoseconds = z.union([z.string(), z.number()]).transform((value) => BigInt(value));

interface AnyValue {
  stringValue?: string | undefined;
  boolValue?: boolean | undefined;
  intValue?: string | number | undefined;
  doubleValue?: number | undefined;
  arrayValue?: { values?: AnyValue[] | undefined } | undefined;
}

const anyValue: z.ZodType<AnyValue> = z.lazy(() =>
  z.object({
    stringValue: z.string().optional(),
    boolValue: z.boolean().optional(),
    intValue: z.union([z.string(), z.number()]).optional(),
    doubleValue: z.number().optional(),
    arrayValue: z.object({ values: z.array(anyValue).optional() }).optional(),
  }),
);

const attributes = z.array(z.object({ key: z.string(), value: anyValue.optional() })).default([]);

/** `ExportTraceServiceRequest` in its JSON encoding (OTLP specification, "JSON Protobuf Encoding"). */
const exportRequest = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes }).prefault({}),
        scopeSpans: z
          .array(
            z.object({
              spans: z
                .array(
                  z.object({
                    traceId: z.string(),
                    spanId: z.string(),
                    parentSpanId: z.string().default(""),
                    name: z.string().default(""),
                    kind: z.number().default(0),
                    startTimeUnixNano: nanoseconds,
                    endTimeUnixNano: nanoseconds,
                    attributes,
                    status: z
                      .object({ code: z.number().default(0), message: z.string().default("") })
                      .prefault({}),
                  }),
                )
                .default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

type Attributes = z.output<typeof attributes>;

/** By their numbers in `trace.proto`; 0 is none given, which means internal. */
const KINDS: readonly SpanKind[] = [
  "internal",
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
];
const STATUSES = ["unset", "ok", "error"] as const;

/**
 * The spans of an export request of OTLP/HTTP.
 *
 * @returns undefined where the body is no such request, or its type is neither JSON nor protocol buffers.
 */
export function readSpans(contentType: string, body: Uint8Array): Span[] | undefined {
  const parsed = exportRequest.safeParse(decoded(contentType, body)).data;
  return parsed?.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = readAttributes(resource.attributes)["service.name"];
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId === "" ? undefined : span.parentSpanId,
        name: span.name,
        kind: KINDS[span.kind] ?? "internal",
        service: typeof service === "string" ? service : "unknown",
        startedAt: milliseconds(span.startTimeUnixNano),
        durationMilliseconds: milliseconds(span.endTimeUnixNano - span.startTimeUnixNano),
        status: STATUSES[span.status.code] ?? "unset",
        statusMessage: span.status.message,
        attributes: readAttributes(span.attributes),
      })),
    );
  });
}

function decoded(contentType: string, body: Uint8Array): unknown {
  try {
    if (contentType.startsWith("application/json"))
      return JSON.parse(new TextDecoder().decode(body));
    if (contentType.startsWith("application/x-protobuf")) return decodeExportRequest(body);
  } catch {
    // Not what it says it is.
  }
  return undefined;
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1000n) / 1000;
}

function readAttributes(list: Attributes): Record<string, AttributeValue> {
  return Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: AnyValue | undefined): AttributeValue {
  if (value?.intValue !== undefined) return Number(value.intValue);
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  return value?.stringValue ?? value?.boolValue ?? value?.doubleValue ?? "";
}
