import assert from "node:assert/strict";
import { test } from "node:test";
import { context, metrics, propagation, trace, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { RelayError } from "../../../../../service/runtime/relay.ts";
import { call, listing, relayContext, tool } from "../fake-upstream.ts";
import { startGateway, url } from "../running-gateway.ts";

test("GIVEN OpenTelemetry WHEN tools are called THEN each request to an upstream has a client span within the caller's trace, which the upstream goes on with, and a duration", async () => {
  const spans = new InMemorySpanExporter();
  const readings = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const tracers = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  });
  const meters = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({ exporter: readings, exportIntervalMillis: 3_600_000 }),
    ],
  });
  trace.setGlobalTracerProvider(tracers);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  metrics.setGlobalMeterProvider(meters);
  try {
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        upstream.answerList = () =>
          Promise.resolve(listing({ tools: [tool("get"), tool("fail")] }));
        upstream.answer = ({ request }) =>
          request.params["name"] === "get"
            ? Promise.resolve({ content: [] })
            : Promise.reject(new RelayError("No.", { code: -32603, outcome: "internal_error" }));
      },
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.test" },
    });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const carrier = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, baggage: "a=b" };
    await gateway.relay.send(call("a__get"), relayContext({ carrier }));
    await assert.rejects(gateway.relay.send(call("a__fail"), relayContext({ carrier })));
    const [good, bad] = spans.getFinishedSpans();
    assert.equal(good?.name, "tools/call a__get");
    assert.equal(good.kind, SpanKind.CLIENT);
    assert.equal(good.spanContext().traceId, traceId);
    assert.equal(good.parentSpanContext?.spanId, "b7ad6b7169203331");
    assert.deepEqual(good.attributes, {
      "mcp.method.name": "tools/call",
      "mcp.protocol.version": "2026-07-28",
      "peer.service": "a",
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "a__get",
    });
    assert.deepEqual(gateway.upstream("a").sent[0]?.context.carrier, {
      traceparent: `00-${traceId}-${good.spanContext().spanId}-01`,
      baggage: "a=b",
    });
    assert.equal(bad?.status.code, SpanStatusCode.ERROR);
    assert.equal(bad.attributes["error.type"], "-32603");
    await meters.forceFlush();
    const read = readings
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    assert.deepEqual(read.map(({ descriptor }) => descriptor.name).sort(), [
      "mcp.client.operation.duration",
      "mcp.gateway.upstream.breaker.open",
      "mcp.gateway.upstream.list.age",
      "mcp.gateway.upstream.listed",
    ]);
    const listed = read.find(({ descriptor }) => descriptor.name === "mcp.gateway.upstream.listed");
    assert.deepEqual(
      listed?.dataPoints.map(({ value, attributes }) => [value, attributes]),
      [[1, { "peer.service": "a" }]],
    );
    await gateway.stop();
  } finally {
    for (const api of [trace, context, propagation, metrics]) api.disable();
    await tracers.shutdown();
    await meters.shutdown();
  }
});
