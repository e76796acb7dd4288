import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../../service/runtime/configuration-error.ts";
import { createInstruments } from "../../../service/runtime/telemetry/instruments.ts";
import { readSignals } from "../../../service/runtime/telemetry/signals.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { readEmf } from "./emf-schema.ts";
import { call, CLIENT_TRACE, observe, recordingLog, TRACEPARENT } from "./fixtures.ts";

const VALUES = ["Starts", "OngoingRequests", "Calls", "Reason", "Refusals"];
const COLLECTOR = "http://localhost:4318";

function create(environment: Record<string, string>, metrics: "emf" | "none" = "none") {
  const { log, lines } = recordingLog();
  const written: string[] = [];
  const clock = new VirtualClock();
  const options = {
    environment,
    service: "weather",
    version: "1.2.3",
    metrics,
    log,
    write: (line: string) => written.push(line),
    clock,
  };
  return { telemetry: createInstruments(options), lines, written, clock };
}

test("GIVEN nothing that is asked for WHEN a call ends THEN the access log alone has seen it, with the client's trace", async () => {
  const { telemetry, lines, written, clock } = create({});
  const { instruments, traceIdOf, refused, shutdown } = await telemetry;
  refused("forbidden");
  const observed = call({ carrier: { traceparent: TRACEPARENT } });
  observe(instruments, observed);
  assert.equal(instruments.length, 1);
  assert.equal(traceIdOf(observed), CLIENT_TRACE);
  assert.deepEqual(
    lines.map(({ msg, traceId }) => [msg, traceId]),
    [["call", CLIENT_TRACE]],
  );
  await clock.advance(60_000);
  await shutdown();
  assert.deepEqual(written, []);
});

test("GIVEN the embedded metric format WHEN calls end and telemetry is shut down THEN the start and the gauge have come, and the last calls and refusals are written", async () => {
  const { telemetry, written, clock } = create({}, "emf");
  const { instruments, refused, shutdown } = await telemetry;
  await clock.advance(10_000);
  observe(instruments, call());
  refused("forbidden");
  await shutdown();
  assert.deepEqual(
    written.map((line) => {
      const document = readEmf(line);
      return VALUES.flatMap((name) => (name in document ? [[name, document[name]]] : []));
    }),
    [
      [["Starts", 1]],
      [["OngoingRequests", 0]],
      [["Calls", 1]],
      [
        ["Reason", "forbidden"],
        ["Refusals", 1],
      ],
    ],
  );
});

for (const [environment, traces, metrics] of [
  [{}, false, false],
  [{ OTEL_SERVICE_NAME: "weather", OTEL_TRACES_SAMPLER: "always_on" }, false, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, false, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR }, true, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR, OTEL_METRICS_EXPORTER: "none" }, true, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR, OTEL_TRACES_EXPORTER: "none" }, false, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: COLLECTOR }, true, false],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: COLLECTOR }, false, true],
  [{ OTEL_TRACES_EXPORTER: "otlp" }, true, false],
  [{ OTEL_METRICS_EXPORTER: "otlp" }, false, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR, OTEL_SDK_DISABLED: "True" }, false, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR, OTEL_SDK_DISABLED: "false" }, true, true],
] as const) {
  test(`GIVEN ${JSON.stringify(environment)} WHEN the signals are read THEN traces are ${traces ? "on" : "off"} and metrics ${metrics ? "on" : "off"}`, () => {
    assert.deepEqual(readSignals(environment), { traces, metrics });
  });
}

for (const [environment, message] of [
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    "`OTEL_EXPORTER_OTLP_PROTOCOL` (`grpc`) is neither `http/protobuf` nor `http/json`: gRPC is not built in, but every collector takes HTTP too, by default on port 4318.",
  ],
  [
    { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "carrier-pigeon" },
    "`OTEL_EXPORTER_OTLP_METRICS_PROTOCOL` (`carrier-pigeon`) is neither `http/protobuf` nor `http/json`: gRPC is not built in, but every collector takes HTTP too, by default on port 4318.",
  ],
  [
    { OTEL_TRACES_EXPORTER: "zipkin" },
    "`OTEL_TRACES_EXPORTER` (`zipkin`) is neither `otlp` nor `none`.",
  ],
  [
    { OTEL_METRICS_EXPORTER: "prometheus" },
    "`OTEL_METRICS_EXPORTER` (`prometheus`) is neither `otlp` nor `none`.",
  ],
  [
    { OTEL_PROPAGATORS: "tracecontext,b3" },
    "`OTEL_PROPAGATORS` (`tracecontext,b3`) names what is none of tracecontext, baggage, xray.",
  ],
  [
    { OTEL_TRACES_SAMPLER: "jaeger_remote", OTEL_TRACES_SAMPLER_ARG: "2" },
    "`OTEL_TRACES_SAMPLER` (`jaeger_remote`) is none of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio." +
      " `OTEL_TRACES_SAMPLER_ARG` (`2`) is not a number between 0 and 1.",
  ],
  [
    { OTEL_EXPORTER_OTLP_HEADERS: "a-secret-key" },
    "`OTEL_EXPORTER_OTLP_HEADERS` is not a list of `key=value`, separated by commas, with percent-encoded values.",
  ],
  [
    { OTEL_RESOURCE_ATTRIBUTES: "a=%zz" },
    "`OTEL_RESOURCE_ATTRIBUTES` (`a=%zz`) is not a list of `key=value`, separated by commas, with percent-encoded values.",
  ],
  [
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "collector:4317" },
    "`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` (`collector:4317`) is not an http or https address.",
  ],
  [
    { OTEL_EXPORTER_OTLP_TIMEOUT: "10s" },
    "`OTEL_EXPORTER_OTLP_TIMEOUT` (`10s`) is not a whole number.",
  ],
  [{ OTEL_METRIC_EXPORT_INTERVAL: "0" }, "`OTEL_METRIC_EXPORT_INTERVAL` (`0`) is not more than 0."],
  [
    { OTEL_BSP_MAX_QUEUE_SIZE: "100" },
    "`OTEL_BSP_MAX_EXPORT_BATCH_SIZE` (`512`) is more than `OTEL_BSP_MAX_QUEUE_SIZE` (`100`); lower it, or raise that one.",
  ],
  [
    { OTEL_EXPORTER_OTLP_CERTIFICATE: "no/such.pem" },
    "The file `no/such.pem` that `OTEL_EXPORTER_OTLP_…CERTIFICATE` names cannot be read. Give it the path of a PEM file in the container.",
  ],
] as const) {
  test(`GIVEN ${JSON.stringify(environment)} WHEN telemetry starts THEN it is refused in a sentence`, async () => {
    const { telemetry } = create({ OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR, ...environment });
    await assert.rejects(telemetry, (error: unknown) => {
      assert.ok(error instanceof ConfigurationError);
      assert.equal(error.message, message);
      return true;
    });
  });
}
