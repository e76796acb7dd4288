import protobuf from "protobufjs/light.js";

/** What is read of `opentelemetry/proto/trace/v1/trace.proto` and what it refers to (opentelemetry-proto 1.10); unknown fields are skipped. */
const root = protobuf.Root.fromJSON({
  nested: {
    ExportTraceServiceRequest: {
      fields: { resourceSpans: { rule: "repeated", type: "ResourceSpans", id: 1 } },
    },
    ResourceSpans: {
      fields: {
        resource: { type: "Resource", id: 1 },
        scopeSpans: { rule: "repeated", type: "ScopeSpans", id: 2 },
      },
    },
    Resource: { fields: { attributes: { rule: "repeated", type: "KeyValue", id: 1 } } },
    ScopeSpans: { fields: { spans: { rule: "repeated", type: "Span", id: 2 } } },
    Span: {
      fields: {
        traceId: { type: "bytes", id: 1 },
        spanId: { type: "bytes", id: 2 },
        parentSpanId: { type: "bytes", id: 4 },
        name: { type: "string", id: 5 },
        kind: { type: "int32", id: 6 },
        startTimeUnixNano: { type: "fixed64", id: 7 },
        endTimeUnixNano: { type: "fixed64", id: 8 },
        attributes: { rule: "repeated", type: "KeyValue", id: 9 },
        status: { type: "Status", id: 15 },
      },
    },
    Status: { fields: { message: { type: "string", id: 2 }, code: { type: "int32", id: 3 } } },
    KeyValue: { fields: { key: { type: "string", id: 1 }, value: { type: "AnyValue", id: 2 } } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue"],
        },
      },
      fields: {
        stringValue: { type: "string", id: 1 },
        boolValue: { type: "bool", id: 2 },
        intValue: { type: "int64", id: 3 },
        doubleValue: { type: "double", id: 4 },
        arrayValue: { type: "ArrayValue", id: 5 },
      },
    },
    ArrayValue: { fields: { values: { rule: "repeated", type: "AnyValue", id: 1 } } },
  },
});

const request = root.lookupType("ExportTraceServiceRequest");

/**
 * A request of OTLP/HTTP in its binary encoding as what its JSON encoding would have been: ids in hexadecimal, 64-bit numbers as strings.
 *
 * @throws {Error} where it is not one.
 */
export function decodeExportRequest(body: Uint8Array): unknown {
  const message = request.toObject(request.decode(body), { longs: String, bytes: Array });
  return JSON.parse(JSON.stringify(message, hexadecimalIds));
}

function hexadecimalIds(key: string, value: unknown): unknown {
  return key.endsWith("Id") && Array.isArray(value)
    ? Buffer.from(value as number[]).toString("hex")
    : value;
}
