import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { COLLECTOR_IMAGE } from "../../../infra/observability/collector.ts";
import {
  checkTelemetry,
  collectorImage,
  telemetryDefaults,
} from "../../../infra/observability/telemetry-args.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

function refused(args: Parameters<typeof checkTelemetry>[1], message: string): void {
  assertRefused(() => {
    checkTelemetry("McpService", args);
  }, `McpService: ${message}`);
}

test("GIVEN nothing WHEN telemetry is decided THEN there are metrics, one trace in twenty, and AWS's collector by its digest", () => {
  assert.deepEqual(telemetryDefaults({}), { metrics: true, traceSamplePercent: 5 });
  assert.equal(collectorImage({}), COLLECTOR_IMAGE);
  assert.match(
    COLLECTOR_IMAGE,
    /^public\.ecr\.aws\/aws-observability\/aws-otel-collector@sha256:[0-9a-f]{64}$/u,
  );
});

test("GIVEN no traces WHEN telemetry is decided THEN there is no collector", () => {
  assert.equal(collectorImage({ traceSamplePercent: 0 }), undefined);
  assert.equal(collectorImage({ collectorImage: "mine" }), "mine");
});

test("GIVEN arguments about telemetry that fit WHEN they are checked THEN they pass", () => {
  checkTelemetry("McpService", {});
  for (const traceSamplePercent of [0, 0.001, 5, 100])
    checkTelemetry("McpService", { traceSamplePercent });
  checkTelemetry("McpService", { targetOngoingRequests: 20, alarmRefusedTokenPercent: 5 });
  // Without metrics and traces nobody needs the variables.
  checkTelemetry("McpService", {
    metrics: false,
    traceSamplePercent: 0,
    environment: { MCP_METRICS: "none", OTEL_TRACES_EXPORTER: "none" },
    secrets: { OTEL_SERVICE_NAME: "arn" },
  });
});

test("GIVEN shares that are none WHEN they are checked THEN they are refused", () => {
  for (const traceSamplePercent of [-1, 100.1, Number.NaN]) {
    refused(
      { traceSamplePercent },
      `\`traceSamplePercent\` is ${traceSamplePercent}; give a percentage from 0, for no traces, to 100.`,
    );
  }
});

test("GIVEN an image for a collector that is not there, or none WHEN it is checked THEN it is refused", async () => {
  refused(
    { collectorImage: "mine", traceSamplePercent: 0 },
    "`collectorImage` is given, but `traceSamplePercent` is 0: there is no collector. Leave one of them out.",
  );
  const empty =
    "`collectorImage` is empty; give the address of an image, best with its digest: `repository@sha256:…`.";
  refused({ collectorImage: "" }, empty);
  assert.deepEqual(
    await rejectionsOf(() => {
      checkTelemetry("McpService", { collectorImage: pulumi.output("") });
    }),
    [`McpService: ${empty}`],
  );
});

test("GIVEN metrics turned off WHEN something reads them THEN it is refused", () => {
  refused(
    { metrics: false, targetOngoingRequests: pulumi.output(20) },
    "`targetOngoingRequests` is given, but `metrics` is false, and the autoscaler follows one of them. Leave one of the two out.",
  );
  refused(
    { metrics: false, alarmRefusedTokenPercent: 5 },
    "`alarmRefusedTokenPercent` is given, but `metrics` is false, and the alarm reads two of them. Leave one of the two out.",
  );
});

test("GIVEN variables with which metrics or traces would be lost WHEN they are checked THEN they are refused", () => {
  assert.throws(() => {
    checkTelemetry("McpService", { environment: { MCP_METRICS: "none" } });
  }, /`environment.MCP_METRICS` is `none`/u);
  assert.throws(() => {
    checkTelemetry("McpService", { secrets: { OTEL_SERVICE_NAME: "arn" } });
  }, /`secrets` sets `OTEL_SERVICE_NAME`/u);
  assert.throws(() => {
    checkTelemetry("McpService", { metrics: false, environment: { OTEL_TRACES_EXPORTER: "none" } });
  }, /`environment.OTEL_TRACES_EXPORTER` is `none`/u);
});
