import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { context, trace, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { TracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { startTraceReceiver } from "../../../local/traces/receiver.ts";
import { TraceStore } from "../../../local/traces/trace-store.ts";

for (const [encoding, Exporter] of [
  ["JSON", JsonExporter],
  ["protocol buffers", ProtobufExporter],
] as const) {
  test(`GIVEN OpenTelemetry's own exporter WHEN it sends two spans as ${encoding} THEN the store has their trace`, async (t) => {
    const store = new TraceStore();
    const receiver = await startTraceReceiver(store);
    t.after(() => receiver.close());
    const provider = new TracerProvider({
      resource: resourceFromAttributes({ "service.name": "weather" }),
      spanProcessors: [
        new SimpleSpanProcessor({
          exporter: new Exporter({ url: `${receiver.origin}/v1/traces` }),
        }),
      ],
    });
    const tracer = provider.getTracer("test");
    const start = 1_750_000_000_000;
    const parent = tracer.startSpan("POST /mcp", {
      kind: SpanKind.SERVER,
      startTime: start,
      attributes: { "http.response.status_code": 200, cached: true, tools: ["a", "b"], load: 0.5 },
    });
    const child = tracer.startSpan(
      "execute_tool get_alerts",
      { startTime: start + 5 },
      trace.setSpan(context.active(), parent),
    );
    child.setStatus({ code: SpanStatusCode.ERROR, message: "no such state" });
    child.end(start + 25);
    parent.end(start + 40);
    await provider.forceFlush();

    const { traceId } = parent.spanContext();
    assert.deepEqual(store.ids, [traceId]);
    assert.deepEqual(store.spans(traceId), [
      {
        traceId,
        spanId: parent.spanContext().spanId,
        parentSpanId: undefined,
        name: "POST /mcp",
        kind: "server",
        service: "weather",
        startedAt: start,
        durationMilliseconds: 40,
        status: "unset",
        statusMessage: "",
        attributes: {
          "http.response.status_code": 200,
          cached: true,
          tools: ["a", "b"],
          load: 0.5,
        },
      },
      {
        traceId,
        spanId: child.spanContext().spanId,
        parentSpanId: parent.spanContext().spanId,
        name: "execute_tool get_alerts",
        kind: "internal",
        service: "weather",
        startedAt: start + 5,
        durationMilliseconds: 20,
        status: "error",
        statusMessage: "no such state",
        attributes: {},
      },
    ]);
    await provider.shutdown();
  });
}

test("GIVEN requests that are no traces WHEN they come THEN each is answered with what OTLP says, and nothing is kept", async (t) => {
  const store = new TraceStore();
  const receiver = await startTraceReceiver(store);
  const { origin } = receiver;
  t.after(() => receiver.close());
  const send = async (
    path: string,
    type: string,
    body: string | Uint8Array<ArrayBuffer>,
    more = {},
  ): Promise<number> => {
    const response = await fetch(origin + path, {
      method: "POST",
      headers: { "Content-Type": type, ...more },
      body,
    });
    await response.arrayBuffer();
    return response.status;
  };
  assert.equal(await send("/v1/traces", "application/json", "{"), 400);
  assert.equal(await send("/v1/traces", "application/x-protobuf", new Uint8Array([255, 1])), 400);
  assert.equal(await send("/v1/traces", "text/plain", "{}"), 400);
  assert.equal(await send("/v1/metrics", "application/x-protobuf", new Uint8Array([1])), 200);
  assert.equal(await send("/v1/other", "application/json", "{}"), 404);
  const zipped = gzipSync('{"resourceSpans":[]}');
  assert.equal(
    await send("/v1/traces", "application/json", zipped, { "Content-Encoding": "gzip" }),
    200,
  );
  assert.equal((await fetch(`${origin}/v1/traces`)).status, 405);
  assert.deepEqual(store.ids, []);
});

test("GIVEN more traces than are kept WHEN one more comes THEN the oldest goes", () => {
  const store = new TraceStore();
  const span = (traceId: string) => ({
    traceId,
    spanId: "1",
    parentSpanId: undefined,
    name: "",
    kind: "internal" as const,
    service: "weather",
    startedAt: 0,
    durationMilliseconds: 0,
    status: "unset" as const,
    statusMessage: "",
    attributes: {},
  });
  for (let index = 0; index < 501; index++) store.add([span(String(index))]);
  assert.equal(store.ids.length, 500);
  assert.equal(store.ids[0], "500");
  assert.deepEqual(store.spans("0"), []);
  assert.equal(store.spans("1").length, 1);
});
