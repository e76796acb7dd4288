import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkTraceVariables,
  traceEnvironment,
} from "../../../infra/observability/trace-variables.ts";
import type { Variables } from "../../../infra/variables.ts";
import { readSignals } from "../../../service/runtime/telemetry/signals.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

function refused(environment: Variables, secrets: Variables, message: string): void {
  assertRefused(() => {
    checkTraceVariables("McpService", environment, secrets);
  }, `McpService: ${message}`);
}

test("GIVEN shares in percent WHEN a server is told THEN they are ratios without digits that the division adds", () => {
  for (const [percent, ratio] of [
    [100, "1"],
    [5, "0.05"],
    [0.1, "0.001"],
    [0.07, "0.0007"],
    [29, "0.29"],
    [33.3, "0.333"],
  ] as const)
    assert.equal(traceEnvironment(percent, "mine")["OTEL_TRACES_SAMPLER_ARG"], ratio);
});

test("GIVEN what a server is told WHEN the container reads it THEN it sends traces and no metrics", () => {
  const environment = traceEnvironment(5, "mine") as Record<string, string>;

  assert.deepEqual(readSignals(environment), { traces: true, metrics: false });
});

test("GIVEN variables with which the collector gets traces WHEN they are checked THEN they pass", () => {
  checkTraceVariables("McpService", undefined, undefined);
  checkTraceVariables(
    "McpService",
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4317",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:4318/v1/traces",
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://metrics.example.com",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_TRACES_SAMPLER: "always_on",
      OTEL_SDK_DISABLED: "false",
    },
    { OTEL_EXPORTER_OTLP_METRICS_HEADERS: "arn" },
  );
  checkTraceVariables("McpService", { OTEL_METRICS_EXPORTER: "none" }, {});
});

test("GIVEN variables that send traces elsewhere, or none WHEN they are checked THEN they are refused: the collector would cost for nothing", async () => {
  const says = (name: string, value: string): string =>
    `\`environment.${name}\` is \`${value}\`: with it the collector beside the server would get no traces, and cost its memory. Set \`traceSamplePercent\` to 0,` +
    " which leaves the collector out, or leave the variable out.";
  for (const [name, value] of [
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example.com"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:4318"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9999"],
    ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "nowhere"],
    ["OTEL_TRACES_EXPORTER", "none"],
    ["OTEL_SDK_DISABLED", "True"],
  ] as const)
    refused({ [name]: value }, undefined, says(name, value));
  assert.deepEqual(
    await rejectionsOf(() => {
      checkTraceVariables(
        "McpService",
        pulumi.output({ OTEL_TRACES_EXPORTER: "zipkin" }),
        undefined,
      );
    }),
    [`McpService: ${says("OTEL_TRACES_EXPORTER", "zipkin")}`],
  );
});

test("GIVEN metrics for the collector WHEN variables are checked THEN they are refused: it takes traces alone", () => {
  refused(
    { OTEL_METRICS_EXPORTER: "otlp" },
    undefined,
    "`environment.OTEL_METRICS_EXPORTER` is `otlp`, but the collector takes traces alone. Give `environment.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` beside it, or" +
      " leave it out.",
  );
});

test("GIVEN secrets with names that the component sets WHEN they are checked THEN they are refused: ECS takes each once", () => {
  refused(
    undefined,
    { OTEL_TRACES_SAMPLER_ARG: "arn", OTEL_EXPORTER_OTLP_ENDPOINT: "arn", KEY: "arn" },
    "`secrets` sets `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_SAMPLER_ARG`, which the component sets itself for the collector, and ECS takes each name once. Give" +
      " them in `environment`, or set `traceSamplePercent` to 0.",
  );
});
