import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { propagation, trace } from "@opentelemetry/api";
import {
  createInstruments,
  type Telemetry,
} from "../../../service/runtime/telemetry/instruments.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { startCollector, type Collector, type ReceivedSpan } from "./collector.ts";
import {
  call,
  CLIENT_SPAN,
  CLIENT_TRACE,
  end,
  listing,
  observe,
  recordingLog,
  TRACEPARENT,
  type Line,
} from "./fixtures.ts";

const SERVER = 2;
const UNSET = 0;
const ERROR = 2;
const XRAY_TRACE = "5759e988bd862e3fe1be46a994272793";
const XRAY = "Root=1-5759e988-bd862e3fe1be46a994272793";

interface Started {
  readonly collector: Collector;
  readonly telemetry: Telemetry;
  readonly lines: Line[];
  readonly clock: VirtualClock;
}

async function start(
  context: TestContext,
  environment: Record<string, string> = {},
): Promise<Started> {
  const collector = await startCollector(context);
  const { log, lines } = recordingLog();
  const clock = new VirtualClock();
  const telemetry = await createInstruments({
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      ...environment,
    },
    service: "weather",
    version: "1.2.3",
    replica: "replica-1",
    metrics: "none",
    log,
    write: () => {
      throw new Error("Nobody asked for the embedded metric format.");
    },
    clock,
  });
  context.after(() => telemetry.shutdown());
  return { collector, telemetry, lines, clock };
}

function only<T>(list: readonly T[]): T {
  const [item, ...others] = list;
  assert.ok(item !== undefined && others.length === 0, `There are ${list.length}.`);
  return item;
}

async function spanOf(
  { telemetry, collector }: Started,
  ...observed: [Parameters<typeof observe>[1], Parameters<typeof observe>[2]?]
): Promise<ReceivedSpan> {
  observe(telemetry.instruments, ...observed);
  await telemetry.shutdown();
  return only(collector.spans());
}

test("GIVEN a call with `traceparent` WHEN it ends THEN its span is named, typed and described as the conventions say, and is a child of the client's", async (t) => {
  const started = await start(t, {
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=a%20test",
  });
  const span = await spanOf(
    started,
    call({ carrier: { traceparent: TRACEPARENT, "x-amzn-trace-id": XRAY } }),
  );
  const { spanId, ...rest } = span;
  assert.match(spanId, /^[\da-f]{16}$/u);
  assert.deepEqual(rest, {
    traceId: CLIENT_TRACE,
    parentSpanId: CLIENT_SPAN,
    name: "tools/call forecast",
    kind: SERVER,
    attributes: {
      "mcp.method.name": "tools/call",
      "mcp.protocol.version": "2026-07-28",
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "forecast",
      "jsonrpc.request.id": "7",
      "network.protocol.name": "http",
      "network.transport": "tcp",
    },
    status: { code: UNSET },
  });
  const { "telemetry.sdk.version": version, ...resource } = started.collector.resource();
  assert.equal(typeof version, "string");
  assert.deepEqual(resource, {
    "service.name": "weather",
    "service.version": "1.2.3",
    "service.instance.id": "replica-1",
    "deployment.environment.name": "a test",
    "telemetry.sdk.language": "nodejs",
    "telemetry.sdk.name": "opentelemetry",
  });
  assert.equal(started.telemetry.traceIdOf(call()), undefined);
});

for (const [what, observed, name, attributes] of [
  [
    "of a prompt",
    call({ method: "prompts/get", target: "greet" }),
    "prompts/get greet",
    { "gen_ai.prompt.name": "greet" },
  ],
  [
    "of a resource",
    call({ method: "resources/read", target: "weather://areas" }),
    "resources/read",
    { "mcp.resource.uri": "weather://areas" },
  ],
  ["of a list", listing(), "tools/list", {}],
  [
    "of a tool that the server does not have",
    listing({ method: "tools/call" }),
    "tools/call",
    { "gen_ai.operation.name": "execute_tool" },
  ],
] as const) {
  test(`GIVEN a call ${what} WHEN it ends THEN its span is \`${name}\``, async (t) => {
    const span = await spanOf(await start(t), observed);
    assert.equal(span.name, name);
    assert.deepEqual(span.attributes, {
      "mcp.method.name": observed.method,
      "mcp.protocol.version": "2026-07-28",
      "jsonrpc.request.id": "7",
      "network.protocol.name": "http",
      "network.transport": "tcp",
      ...attributes,
    });
  });
}

for (const [what, carrier, environment, traceId, parent] of [
  [
    "X-Ray's header with a parent",
    { "x-amzn-trace-id": `${XRAY};Parent=53995c3f42cd8ad8;Sampled=1` },
    {},
    XRAY_TRACE,
    "53995c3f42cd8ad8",
  ],
  [
    "the load balancer's header, which has no parent",
    { "x-amzn-trace-id": XRAY },
    {},
    XRAY_TRACE,
    undefined,
  ],
  [
    "a broken `traceparent` beside the load balancer's header",
    { traceparent: "00-nonsense", "x-amzn-trace-id": XRAY },
    {},
    XRAY_TRACE,
    undefined,
  ],
  [
    "both, where the propagator of X-Ray alone is asked for",
    { traceparent: TRACEPARENT, "x-amzn-trace-id": `${XRAY};Parent=53995c3f42cd8ad8;Sampled=1` },
    { OTEL_PROPAGATORS: "xray" },
    XRAY_TRACE,
    "53995c3f42cd8ad8",
  ],
] as const) {
  test(`GIVEN ${what} WHEN a call ends THEN its span belongs to that trace, and so does its log line`, async (t) => {
    const started = await start(t, environment);
    const span = await spanOf(started, call({ carrier }));
    assert.equal(span.traceId, traceId);
    assert.equal(span.parentSpanId, parent);
    assert.equal(only(started.lines)["traceId"], traceId);
  });
}

for (const [what, carrier, environment] of [
  ["no trace context", {}, {}],
  [
    "X-Ray's header where its propagator is not asked for",
    { "x-amzn-trace-id": XRAY },
    { OTEL_PROPAGATORS: "tracecontext,baggage" },
  ],
  [
    "any header where no propagator is",
    { traceparent: TRACEPARENT, "x-amzn-trace-id": XRAY },
    { OTEL_PROPAGATORS: "none" },
  ],
] as const) {
  test(`GIVEN ${what} WHEN a call ends THEN its span begins a trace, whose id its log line has`, async (t) => {
    const started = await start(t, environment);
    const span = await spanOf(started, call({ carrier }));
    assert.match(span.traceId, /^[\da-f]{32}$/u);
    assert.ok(![CLIENT_TRACE, XRAY_TRACE].includes(span.traceId));
    assert.equal(span.parentSpanId, undefined);
    assert.equal(only(started.lines)["traceId"], span.traceId);
  });
}

test("GIVEN an id as long as a body WHEN a call ends THEN its span has the first 128 characters", async (t) => {
  const span = await spanOf(await start(t), call({ id: "ab".repeat(1_000_000) }));
  assert.equal(span.attributes["jsonrpc.request.id"], "ab".repeat(64));
});

for (const [name, carrier] of [
  ["traceparent", { traceparent: `01-${CLIENT_TRACE}-${CLIENT_SPAN}-01-${"x".repeat(128)}` }],
  ["x-amzn-trace-id", { "x-amzn-trace-id": `${XRAY};Self=${"x".repeat(1024)}` }],
] as const) {
  test(`GIVEN \`${name}\` that is too long WHEN a call ends THEN its span has nothing of it`, async (t) => {
    const span = await spanOf(await start(t), call({ carrier }));
    assert.ok(![CLIENT_TRACE, XRAY_TRACE].includes(span.traceId));
  });
}

test("GIVEN baggage that is too long WHEN a tool looks THEN there is none", async (t) => {
  const { telemetry } = await start(t);
  const carrier = { traceparent: TRACEPARENT, baggage: `tenant=acme,${"x".repeat(8192)}=1` };
  const [spans] = telemetry.instruments.map((instrument) => instrument(call({ carrier })));
  assert.ok(spans?.run !== undefined);
  assert.equal(
    spans.run(() => propagation.getActiveBaggage()),
    undefined,
  );
  spans.end(end());
});

test("GIVEN a tool with spans and baggage of its own WHEN it is called THEN its spans are children of the call's, across what it awaits", async (t) => {
  const { telemetry, collector } = await start(t);
  const active = telemetry.instruments.map((instrument) =>
    instrument(call({ carrier: { traceparent: TRACEPARENT, baggage: "tenant=acme" } })),
  );
  const [spans] = active;
  assert.ok(spans?.run !== undefined);
  const baggage = await spans.run(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    trace.getTracer("the tool").startActiveSpan("look up", (span) => {
      span.end();
    });
    return propagation.getActiveBaggage()?.getEntry("tenant")?.value;
  });
  for (const each of active) each.end(end());
  await telemetry.shutdown();
  assert.equal(baggage, "acme");
  const [child, parent] = collector.spans();
  assert.equal(child?.name, "look up");
  assert.equal(parent?.name, "tools/call forecast");
  assert.equal(child.parentSpanId, parent.spanId);
  assert.equal(child.traceId, CLIENT_TRACE);
  assert.equal(trace.getActiveSpan(), undefined);
});

for (const [ended, error, status] of [
  [end({ outcome: "tool_error" }), { "error.type": "tool_error" }, ERROR],
  [end({ outcome: "invalid_arguments" }), { "error.type": "invalid_arguments" }, ERROR],
  [end({ outcome: "timeout" }), { "error.type": "timeout" }, ERROR],
  [
    end({ outcome: "internal_error", error: new Error("secret") }),
    { "error.type": "internal_error" },
    ERROR,
  ],
  [
    end({ outcome: "protocol_error", errorCode: -32602 }),
    { "error.type": "-32602", "rpc.response.status_code": "-32602" },
    ERROR,
  ],
  [end({ outcome: "cancelled" }), { "error.type": "cancelled" }, UNSET],
  [end({ outcome: "input_required" }), {}, UNSET],
] as const) {
  test(`GIVEN a call WHEN it ends as ${ended.outcome} THEN span and histogram have ${JSON.stringify(error)}`, async (t) => {
    const { telemetry, collector } = await start(t);
    observe(telemetry.instruments, call(), ended);
    await telemetry.shutdown();
    const span = only(collector.spans());
    const errorOf = (attributes: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(attributes).filter(
          ([key]) => key.startsWith("error.") || key.startsWith("rpc."),
        ),
      );
    assert.deepEqual(errorOf(span.attributes), error);
    assert.deepEqual(span.status, { code: status });
    assert.deepEqual(
      errorOf(only(only(collector.metrics()).histogram.dataPoints).attributes),
      error,
    );
    assert.equal(
      collector.requests.some(({ body }) => body.includes("secret")),
      false,
    );
  });
}

test("GIVEN calls WHEN metrics are sent THEN one histogram in seconds has a series for each method, tool, version and error", async (t) => {
  const { telemetry, collector } = await start(t, { OTEL_TRACES_EXPORTER: "none" });
  for (const durationMilliseconds of [5, 15, 400_000])
    observe(
      telemetry.instruments,
      call({ carrier: { traceparent: TRACEPARENT } }),
      end({ durationMilliseconds }),
    );
  observe(
    telemetry.instruments,
    listing({ protocolVersion: "2025-06-18" }),
    end({ durationMilliseconds: 10 }),
  );
  await telemetry.shutdown();
  assert.deepEqual(collector.spans(), []);
  const { histogram, ...metric } = only(collector.metrics());
  assert.deepEqual(metric, { name: "mcp.server.operation.duration", unit: "s" });
  const bounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
  assert.deepEqual(histogram.dataPoints, [
    {
      attributes: {
        "mcp.method.name": "tools/call",
        "mcp.protocol.version": "2026-07-28",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "forecast",
      },
      count: 3,
      sum: 0.005 + 0.015 + 400,
      explicitBounds: bounds,
      bucketCounts: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    },
    {
      attributes: { "mcp.method.name": "tools/list", "mcp.protocol.version": "2025-06-18" },
      count: 1,
      sum: 0.01,
      explicitBounds: bounds,
      bucketCounts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    },
  ]);
});

test("GIVEN the sampler to take none WHEN calls end THEN no span is sent, and every call is still in the histogram", async (t) => {
  const { telemetry, collector } = await start(t, {
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0",
  });
  for (let each = 0; each < 20; each++) observe(telemetry.instruments, call());
  await telemetry.shutdown();
  assert.deepEqual(collector.spans(), []);
  assert.equal(only(only(collector.metrics()).histogram.dataPoints).count, 20);
});

test("GIVEN a client that does not sample WHEN its call ends THEN no span is sent by default, and one where the sampler takes all", async (t) => {
  const unsampled = call({ carrier: { traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-00` } });
  const byDefault = await start(t);
  observe(byDefault.telemetry.instruments, unsampled);
  await byDefault.telemetry.shutdown();
  assert.deepEqual(byDefault.collector.spans(), []);
  const span = await spanOf(await start(t, { OTEL_TRACES_SAMPLER: "always_on" }), unsampled);
  assert.equal(span.traceId, CLIENT_TRACE);
});

test("GIVEN delta temporality, headers, compression, a name and protobuf WHEN telemetry is sent THEN it is sent so", async (t) => {
  const { telemetry, collector } = await start(t, {
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=acme%2C%20inc",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: "none",
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta",
    OTEL_SERVICE_NAME: "forecasts",
  });
  observe(telemetry.instruments, call());
  await telemetry.shutdown();
  const traces = only(collector.requests.filter(({ path }) => path === "/v1/traces"));
  assert.equal(traces.headers["content-type"], "application/x-protobuf");
  assert.equal(traces.headers["x-tenant"], "acme, inc");
  assert.ok(gunzipSync(traces.body).includes("tools/call forecast"));
  assert.ok(gunzipSync(traces.body).includes("forecasts"));
  assert.equal(only(collector.metrics()).histogram.aggregationTemporality, 1);
});

test("GIVEN an address for traces alone WHEN calls end THEN metrics are not sent anywhere", async (t) => {
  const collector = await startCollector(t);
  const { log } = recordingLog();
  const telemetry = await createInstruments({
    environment: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path` },
    service: "weather",
    version: "1.2.3",
    metrics: "none",
    log,
    write: () => undefined,
  });
  observe(telemetry.instruments, call());
  await telemetry.shutdown();
  assert.deepEqual(
    collector.requests.map(({ path }) => path),
    ["/own/path"],
  );
});

test("GIVEN a collector that never answers WHEN telemetry is shut down THEN that ends after 5 seconds, with a line that says so", async (t) => {
  const { telemetry, clock, lines, collector } = await start(t);
  collector.hold();
  observe(telemetry.instruments, call());
  let hasEnded = false;
  const ended = telemetry.shutdown().then(() => {
    hasEnded = true;
  });
  await clock.advance(4999);
  assert.equal(hasEnded, false);
  await clock.advance(1);
  await ended;
  assert.equal(lines.at(-1)?.["level"], "warn");
  assert.equal(
    lines.at(-1)?.["msg"],
    "The OpenTelemetry collector did not take the last traces and metrics in time.",
  );
  collector.answer();
  await telemetry.shutdown();
});

test("GIVEN a collector that cannot be reached WHEN spans are sent THEN the log says so, and calls go on", async () => {
  const { log, lines, written } = recordingLog();
  const telemetry = await createInstruments({
    environment: {
      // Nobody listens there; a batch of one is sent at once.
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:9/",
      OTEL_EXPORTER_OTLP_TIMEOUT: "1",
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "1",
    },
    service: "weather",
    version: "1.2.3",
    metrics: "none",
    log,
    write: () => undefined,
  });
  const problem = once(written, "OpenTelemetry has a problem");
  observe(telemetry.instruments, call());
  await problem;
  observe(telemetry.instruments, call());
  await telemetry.shutdown();
  assert.deepEqual(
    lines.map(({ level, msg }) => `${String(level)}: ${String(msg)}`),
    [
      "info: call",
      "warn: OpenTelemetry has a problem",
      "info: call",
      "warn: OpenTelemetry has a problem",
    ],
  );
});
