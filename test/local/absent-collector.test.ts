import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ABSENT_COLLECTOR,
  absentCollector,
  withoutAbsentCollector,
} from "../../local/graph/absent-collector.ts";
import { parseContainers } from "../../local/graph/container-definition.ts";

const ABSENT = parseContainers(
  "tools",
  JSON.stringify([
    { name: "collector", image: "otel", portMappings: [{ containerPort: 4318 }] },
    { name: "cache", image: "redis", portMappings: [{ containerPort: 6379 }] },
  ]),
);

const SENDING = {
  LOG_LEVEL: "info",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
  OTEL_METRICS_EXPORTER: "none",
  OTEL_SERVICE_NAME: "weather",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
};

test("GIVEN a collector that does not run here WHEN a container would send to it by HTTP THEN it sends to the stand-in", () => {
  assert.equal(absentCollector(SENDING, ABSENT), "collector");
  assert.deepEqual(withoutAbsentCollector(SENDING, ABSENT), {
    ...SENDING,
    OTEL_EXPORTER_OTLP_ENDPOINT: ABSENT_COLLECTOR,
  });
});

test("GIVEN a collector that does not run here WHEN a container would send to it by gRPC THEN the container sends nothing", () => {
  assert.deepEqual(
    withoutAbsentCollector({ ...SENDING, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, ABSENT),
    {
      LOG_LEVEL: "info",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_SERVICE_NAME: "weather",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    },
  );
});

test("GIVEN addresses where somebody listens WHEN a container sends to them THEN nothing is changed", () => {
  for (const environment of [
    {},
    { ...SENDING, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:50123" },
    { ...SENDING, OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.example.com:4318" },
    { ...SENDING, OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" },
  ]) {
    assert.equal(absentCollector(environment, ABSENT), undefined);
    assert.deepEqual(withoutAbsentCollector(environment, ABSENT), environment);
  }
  assert.equal(absentCollector(SENDING, []), undefined);
});

test("GIVEN one signal for the collector and one for somebody else WHEN the collector does not run here THEN each goes to its own", () => {
  assert.deepEqual(
    withoutAbsentCollector(
      {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://localhost:4318/v1/traces",
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://metrics.example.com",
        OTEL_TRACES_EXPORTER: "otlp",
        OTEL_METRICS_EXPORTER: "otlp",
      },
      ABSENT,
    ),
    {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${ABSENT_COLLECTOR}/v1/traces`,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://metrics.example.com",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "otlp",
    },
  );
});
