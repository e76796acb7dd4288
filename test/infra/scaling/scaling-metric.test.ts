import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  checkMetricVariables,
  claimMetricServiceName,
  metricEnvironment,
  metricServiceName,
  ONGOING_REQUESTS,
} from "../../../infra/scaling/scaling-metric.ts";
import { gaugeLine } from "../../../service/runtime/telemetry/emf.ts";
import { assertRefused, deploy, rejectionsOf, valueOf } from "../mocks.ts";

type Variables = Parameters<typeof checkMetricVariables>[1];

async function nameFrom(environment: Variables): Promise<string> {
  const { result } = await deploy(() => metricServiceName("weather", environment));
  return valueOf(result);
}

test("GIVEN a container's gauge WHEN the autoscaler reads it THEN it is the metric that the host writes, at a resolution that its alarm may have", () => {
  const [directive] = (
    JSON.parse(gaugeLine("tools-dev-weather", 0, 3)) as {
      _aws: { CloudWatchMetrics: Record<string, unknown>[] };
    }
  )._aws.CloudWatchMetrics;

  assert.deepEqual(directive, {
    Namespace: ONGOING_REQUESTS.namespace,
    Dimensions: [[ONGOING_REQUESTS.dimension]],
    Metrics: [{ Name: ONGOING_REQUESTS.metricName, Unit: "Count", StorageResolution: 1 }],
  });
  assert.equal(ONGOING_REQUESTS.period, 10);
});

test("GIVEN no name of the user's WHEN metrics are named THEN no other service of the account has the name", async () => {
  assert.equal(await nameFrom(undefined), "tools-dev-weather");
  assert.equal(await nameFrom({}), "tools-dev-weather");
  assert.equal(await nameFrom(pulumi.output({ OTHER: "x" })), "tools-dev-weather");
});

test("GIVEN a name of the user's WHEN metrics are named THEN it is theirs", async () => {
  assert.equal(await nameFrom({ OTEL_SERVICE_NAME: "mine" }), "mine");
  assert.equal(await nameFrom({ OTEL_SERVICE_NAME: pulumi.output("mine") }), "mine");
  assert.equal(await nameFrom(Promise.resolve({ OTEL_SERVICE_NAME: "mine" })), "mine");
});

test("GIVEN another variable that is not known yet WHEN metrics are named in a preview THEN the name is known, and no diff is shown", async () => {
  const { result } = await deploy(
    () => {
      const unknown = new aws.cloudwatch.LogGroup("logs");
      return metricServiceName("weather", { OTHER: unknown.arn });
    },
    { preview: true },
  );

  assert.equal(await valueOf(result), "tools-dev-weather");
});

test("GIVEN a name WHEN the container is told THEN it publishes under it", () => {
  assert.deepEqual(metricEnvironment("mine"), { MCP_METRICS: "emf", OTEL_SERVICE_NAME: "mine" });
});

function refused(environment: Variables, secrets: Variables, message: string): void {
  assertRefused(() => {
    checkMetricVariables("McpService", environment, secrets);
  }, `McpService: ${message}`);
}

test("GIVEN variables that agree with what reads the metrics WHEN they are checked THEN they pass", () => {
  checkMetricVariables("McpService", undefined, undefined);
  checkMetricVariables("McpService", { MCP_METRICS: "emf", OTHER: "x" }, { KEY: "arn" });
  for (const name of ["a", "tools dev/weather:1", "x".repeat(1024)])
    checkMetricVariables("McpService", { OTEL_SERVICE_NAME: name }, {});
});

test("GIVEN metrics turned off WHEN they are checked THEN it is refused: an alarm of 10 seconds needs a metric of that resolution", () => {
  for (const value of ["none", "EMF", ""]) {
    refused(
      { MCP_METRICS: value },
      undefined,
      `\`environment.MCP_METRICS\` is \`${value}\`, but alarms, dashboards and the autoscaler read the metrics that \`MCP_METRICS=emf\`` +
        " writes. Leave the variable out, or set `metrics` to false.",
    );
  }
});

test("GIVEN a name that only the container would learn WHEN it is checked THEN it is refused", () => {
  refused(
    {},
    { OTEL_SERVICE_NAME: "arn" },
    "`secrets` sets `OTEL_SERVICE_NAME`, but what reads the service's metrics must know it: they are written by `MCP_METRICS` and named by" +
      " `OTEL_SERVICE_NAME`. Leave it out of `secrets`, and give a name of your own in `environment`.",
  );
  refused(
    {},
    { OTEL_SERVICE_NAME: "arn", MCP_METRICS: "arn" },
    "`secrets` sets `MCP_METRICS`, `OTEL_SERVICE_NAME`, but what reads the service's metrics must know them: they are written by `MCP_METRICS` and named by" +
      " `OTEL_SERVICE_NAME`. Leave them out of `secrets`, and give a name of your own in `environment`.",
  );
});

test("GIVEN a name that CloudWatch would not take WHEN it is checked THEN it is refused", async () => {
  const says = (value: string): string =>
    `\`environment.OTEL_SERVICE_NAME\` is \`${value}\`; it names the service's metrics, so give 1 to 1024` +
    " printable ASCII characters, not all of them spaces and the first no colon, or leave it out.";
  for (const value of ["", "  ", ":weather", "wétter", "a\nb", "x".repeat(1025)])
    refused({ OTEL_SERVICE_NAME: value }, undefined, says(value));
  assert.deepEqual(
    await rejectionsOf(() => {
      checkMetricVariables("McpService", pulumi.output({ OTEL_SERVICE_NAME: ":a" }), undefined);
    }),
    [`McpService: ${says(":a")}`],
  );
});

test("GIVEN two services of a platform with one name WHEN they are constructed THEN the second is refused", () => {
  const platform = {};
  claimMetricServiceName("weather", platform, { OTEL_SERVICE_NAME: "mine" });
  claimMetricServiceName("notes", platform, { OTEL_SERVICE_NAME: "other" });
  claimMetricServiceName("plain", platform, undefined);
  claimMetricServiceName("elsewhere", {}, { OTEL_SERVICE_NAME: "mine" });
  assertRefused(() => {
    claimMetricServiceName("again", platform, { OTEL_SERVICE_NAME: "mine" });
  }, "McpService: `again` and `weather` both have the `environment.OTEL_SERVICE_NAME` `mine`, under which CloudWatch would mix the metrics" + " of both. Give one of them another name, or leave it to the component.");
});
