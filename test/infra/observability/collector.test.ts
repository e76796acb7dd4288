import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  COLLECTOR_IMAGE,
  collectorConfiguration,
  collectorContainer,
  INDEXED_ATTRIBUTES,
} from "../../../infra/observability/collector.ts";
import { McpServer, McpService, type McpServiceArgs } from "../../../infra/index.ts";
import type { Call } from "../../../service/runtime/calls.ts";
import {
  errorAttributes,
  spanAttributes,
} from "../../../service/runtime/telemetry/semantic-conventions.ts";
import { ACCOUNT, arn, deploy, REGION, rejectionsOf, valueOf, type Declaration } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const COPY = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/adot@sha256:${"1".repeat(64)}`;

async function containerOf(enableExecuteCommand: boolean): Promise<unknown> {
  const declaration = await deploy(() =>
    collectorContainer({
      image: pulumi.output(COPY),
      region: pulumi.output("eu-central-1"),
      taskCpu: pulumi.output(256),
      enableExecuteCommand,
    }),
  );
  return valueOf(declaration.result);
}

const CONTAINER = {
  name: "collector",
  image: COPY,
  command: undefined,
  essential: false,
  cpu: 16,
  memory: 128,
  ports: [4317, 4318, 13_133],
  environment: {
    AOT_CONFIG_CONTENT: collectorConfiguration("eu-central-1"),
    GOMEMLIMIT: "100MiB",
  },
  secrets: {},
  healthCheck: { command: ["CMD", "/healthcheck"], interval: 30, startPeriod: 30 },
  dependsOn: [],
  serverWaitsFor: "START",
  stopTimeout: 10,
  readonlyRootFilesystem: true,
  mountPoints: [],
};

test("GIVEN a collector WHEN its container is made THEN its death costs the server nothing, and its memory has an end", async () => {
  assert.deepEqual(await containerOf(false), CONTAINER);
});

test("GIVEN sessions in replicas WHEN a collector's container is made THEN it has where to write for them", async () => {
  assert.deepEqual(await containerOf(true), {
    ...CONTAINER,
    mountPoints: [
      {
        containerPath: "/var/log/amazon/ssm",
        readOnly: false,
        sourceVolume: "ssm-agent-logs-collector",
      },
      {
        containerPath: "/var/lib/amazon/ssm",
        readOnly: false,
        sourceVolume: "ssm-agent-state-collector",
      },
    ],
  });
});

test("GIVEN a region WHEN a collector is configured THEN it takes spans from its own replica alone, and sends them to that region's X-Ray", () => {
  assert.deepEqual(JSON.parse(collectorConfiguration("eu-central-1")), {
    extensions: { health_check: { endpoint: "127.0.0.1:13133" } },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: "127.0.0.1:4317" },
          http: { endpoint: "127.0.0.1:4318" },
        },
      },
    },
    processors: {
      memory_limiter: { check_interval: "1s", limit_mib: 100, spike_limit_mib: 25 },
      resourcedetection: { detectors: ["env", "ecs"], override: false },
      batch: { timeout: "5s" },
    },
    exporters: {
      awsxray: {
        region: "eu-central-1",
        indexed_attributes: [
          "mcp.method.name",
          "mcp.protocol.version",
          "gen_ai.tool.name",
          "gen_ai.prompt.name",
          "error.type",
        ],
      },
    },
    service: {
      extensions: ["health_check"],
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "resourcedetection", "batch"],
          exporters: ["awsxray"],
        },
      },
      telemetry: { logs: { level: "warn" }, metrics: { level: "none" } },
    },
  });
});

test("GIVEN a sign that the collector would take for a variable WHEN it is configured THEN the sign is doubled", () => {
  assert.match(collectorConfiguration("$AWS"), /"region":"\$\$AWS"/u);
});

test("GIVEN the spans of the container WHEN their attributes are read THEN every one that X-Ray is searched by is among them", () => {
  const call = { id: 1, era: "modern", protocolVersion: "2026-07-28", requestId: "1" };
  const tool: Call = { ...call, method: "tools/call", target: "get_forecast", carrier: {} } as Call;
  const prompt: Call = { ...tool, method: "prompts/get", target: "plan" };
  const failed = errorAttributes({ outcome: "timeout", durationMilliseconds: 1 });
  const set = new Set(
    [spanAttributes(tool), spanAttributes(prompt), failed].flatMap((all) => Object.keys(all)),
  );

  assert.deepEqual(
    INDEXED_ATTRIBUTES.filter((name) => !set.has(name)),
    [],
  );
});

function deployService(args: Partial<McpServiceArgs> = {}): Promise<Declaration<McpService>> {
  return deploy(
    () =>
      new McpService("weather", { platform: { ...HANDLE }, server: McpServer.Weather, ...args }),
  );
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly cpu: number;
  readonly essential: boolean;
  readonly command?: readonly string[];
  readonly dependsOn?: unknown;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
}

function containersOf(declaration: Declaration<unknown>): Container[] {
  return JSON.parse(String(declaration.only(TASK).inputs["containerDefinitions"])) as Container[];
}

function telemetryOf([server]: readonly Container[]): Record<string, string> {
  return Object.fromEntries(
    (server?.environment ?? [])
      .filter(({ name }) => name.startsWith("OTEL_") || name === "MCP_METRICS")
      .map(({ name, value }) => [name, value]),
  );
}

test("GIVEN a service WHEN it is deployed THEN a collector stands beside its server, which sends it one trace in twenty", async () => {
  const declaration = await deployService();
  const containers = containersOf(declaration);
  const [server, collector] = containers;

  assert.deepEqual(
    [collector?.name, collector?.image, collector?.essential],
    ["collector", COLLECTOR_IMAGE, false],
  );
  assert.deepEqual(server?.dependsOn, [{ condition: "START", containerName: "collector" }]);
  assert.equal(server.cpu, 240);
  // Six tenths of what the collector leaves of 512 MiB.
  assert.ok(server.command?.includes("--max-old-space-size=230"));
  assert.deepEqual(telemetryOf(containers), {
    MCP_METRICS: "emf",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_LOGS_EXPORTER: "none",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_SERVICE_NAME: "tools-dev-weather",
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0.05",
  });
  declaration.assertNothingUndefined();
  declaration.assertUrnsUnique();
});

test("GIVEN a collector WHEN a service is deployed THEN its tasks may send traces and nothing else, before the first of them starts", async () => {
  const declaration = await deployService();
  const { policy, role } = declaration.only(POLICY, "weather-collector").inputs;

  assert.equal(role, "weather-task");
  assert.deepEqual(JSON.parse(String(policy)), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        Resource: "*",
      },
    ],
  });
  assert.ok(
    declaration.only("aws:ecs/service:Service").dependsOn.includes(`${POLICY} weather-collector`),
  );
});

test("GIVEN a share of 0 WHEN a service is deployed THEN there is no collector, no right and no variable of it", async () => {
  const declaration = await deployService({ traceSamplePercent: 0 });
  const containers = containersOf(declaration);

  assert.deepEqual(
    containers.map(({ name, cpu }) => [name, cpu]),
    [["server", 0]],
  );
  assert.deepEqual(telemetryOf(containers), {
    MCP_METRICS: "emf",
    OTEL_SERVICE_NAME: "tools-dev-weather",
  });
  assert.deepEqual(
    declaration.resources.filter(({ name }) => name.endsWith("-collector")),
    [],
  );
});

test("GIVEN variables of the user's WHEN a service is deployed THEN they stand above the collector's", async () => {
  const containers = containersOf(
    await deployService({
      traceSamplePercent: 100,
      environment: { OTEL_TRACES_SAMPLER: "always_on", OTEL_SERVICE_NAME: "mine" },
    }),
  );

  const { OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG } =
    telemetryOf(containers);
  assert.deepEqual(
    [OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG],
    ["mine", "always_on", "1"],
  );
});

test("GIVEN neither metrics nor traces WHEN a service is deployed THEN its server is told nothing of them, and no alarm reads what is not there", async () => {
  const declaration = await deployService({ metrics: false, traceSamplePercent: 0 });

  assert.deepEqual(telemetryOf(containersOf(declaration)), {});
  assert.deepEqual(
    declaration.resources.filter(
      ({ type, inputs }) =>
        type === "aws:cloudwatch/metricAlarm:MetricAlarm" &&
        JSON.stringify(inputs).includes('"McpService"'),
    ),
    [],
  );
});

test("GIVEN a copy of the collector in ECR WHEN a service is deployed THEN its tasks may fetch that", async () => {
  const declaration = await deployService({ collectorImage: pulumi.output(COPY) });
  const { policy } = declaration.only(POLICY, "weather-execution").inputs;

  assert.equal(containersOf(declaration)[1]?.image, COPY);
  assert.ok(String(policy).includes(arn("ecr", "repository/adot")));
});

test("GIVEN tasks that reach AWS alone WHEN a service has a collector THEN its image and its way to X-Ray are asked for", async () => {
  const isolated = { ...HANDLE, hasInternetAccess: false, interfaceEndpoints: ["logs"] };
  const service =
    (args: Partial<McpServiceArgs>, interfaceEndpoints = ["logs"]) =>
    () =>
      new McpService("weather", {
        platform: { ...isolated, interfaceEndpoints },
        server: McpServer.Weather,
        auth: { mode: "none" },
        ...args,
      });

  assert.deepEqual((await rejectionsOf(service({}))).sort(), [
    `McpService: \`collectorImage\` is \`${COLLECTOR_IMAGE}\`, but the platform's \`natGateways\` is \`none\`: its tasks reach no registry but ECR. Copy the image there,` +
      " or set `traceSamplePercent` to 0, or give the platform NAT gateways.",
    "McpService: `traceSamplePercent` is 5, but the platform's `natGateways` is `none`, and it has no endpoint for `xray`, to which the collector sends traces. Add" +
      " `xray` to the platform's `interfaceEndpoints`, or give it NAT gateways, or set `traceSamplePercent` to 0.",
  ]);
  assert.deepEqual(await rejectionsOf(service({ traceSamplePercent: 0 })), []);
  assert.deepEqual(await rejectionsOf(service({ collectorImage: COPY }, ["xray"])), []);
});
