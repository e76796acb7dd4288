import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { agentMountPoints } from "../task/execute-command.ts";
import { ContainerCondition, type SidecarContainer } from "../task/sidecar.ts";

/** The name of the container that takes traces. */
export const COLLECTOR = "collector";

/** ADOT v0.50.0, for both architectures: by its digest, since a tag can be moved. */
export const COLLECTOR_IMAGE =
  "public.ecr.aws/aws-observability/aws-otel-collector@sha256:7968fb60db6a2390a47ba6a2df029745638486e285c9b2487da1b722d0855a3e";

/** Where the collector takes spans over HTTP. */
export const OTLP_HTTP_PORT = 4318;

const OTLP_GRPC_PORT = 4317;

/** Where the image's `/healthcheck` asks. */
const HEALTH_PORT = 13_133;

/** Every port on which the collector listens, on the loopback address alone. */
export const COLLECTOR_PORTS: readonly number[] = [OTLP_GRPC_PORT, OTLP_HTTP_PORT, HEALTH_PORT];

/** The most memory that the collector may take, in MiB; beyond that it is killed, and the server lives on. */
export const COLLECTOR_MEMORY = 128;

/** In MiB: from here on Go collects garbage as hard as it can, and the collector refuses spans. The rest is for what is not on Go's heap. */
const HEAP_LIMIT = 100;

/** How far the heap may grow between two looks at it, in MiB. */
const HEAP_SPIKE = 25;

/** Few calls have spans, and whoever sends them waits for nobody. */
export const COLLECTOR_CPU_SHARE = 1 / 16;

/** What is left is sent when the server has ended, in seconds. */
const STOP_TIMEOUT = 10;

/** How often ECS asks the collector for its health, in seconds; nothing waits for the answer. */
const HEALTH_CHECK_INTERVAL = 30;

/**
 * What one looks for traces by: attributes that the container's spans have (service/runtime/telemetry/semantic-conventions.ts). X-Ray finds traces by
 * annotations alone, of which a trace may have 50.
 */
export const INDEXED_ATTRIBUTES = [
  "mcp.method.name",
  "mcp.protocol.version",
  "gen_ai.tool.name",
  "gen_ai.prompt.name",
  "error.type",
] as const;

/** The configuration of the collector, in YAML's JSON: spans in by OTLP, segments of X-Ray out, and nothing else. */
export function collectorConfiguration(region: string): string {
  const configuration = {
    extensions: { health_check: { endpoint: loopback(HEALTH_PORT) } },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: loopback(OTLP_GRPC_PORT) },
          http: { endpoint: loopback(OTLP_HTTP_PORT) },
        },
      },
    },
    processors: {
      memory_limiter: {
        check_interval: "1s",
        limit_mib: HEAP_LIMIT,
        spike_limit_mib: HEAP_SPIKE,
      },
      // What a container says of itself stands.
      resourcedetection: { detectors: ["env", "ecs"], override: false },
      batch: { timeout: "5s" },
    },
    exporters: { awsxray: { region, indexed_attributes: INDEXED_ATTRIBUTES } },
    service: {
      extensions: ["health_check"],
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "resourcedetection", "batch"],
          exporters: ["awsxray"],
        },
      },
      // Its own metrics would take a further port, 8888, and nobody reads them.
      telemetry: { logs: { level: "warn" }, metrics: { level: "none" } },
    },
  };
  // The collector takes `$` for the beginning of a variable.
  return JSON.stringify(configuration).replaceAll("$", "$$$$");
}

function loopback(port: number): string {
  return `127.0.0.1:${port}`;
}

/** The collector beside a server. Its end costs traces, and no call. */
export function collectorContainer(args: {
  readonly image: pulumi.Input<string>;
  readonly region: pulumi.Input<string>;
  /** Of the whole task, in CPU units. */
  readonly taskCpu: pulumi.Input<number>;
  readonly enableExecuteCommand: boolean;
}): pulumi.Output<SidecarContainer> {
  return pulumi.output({ ...args }).apply(({ image, region, taskCpu }): SidecarContainer => ({
    name: COLLECTOR,
    image,
    command: undefined,
    essential: false,
    cpu: Math.floor(taskCpu * COLLECTOR_CPU_SHARE),
    memory: COLLECTOR_MEMORY,
    ports: COLLECTOR_PORTS,
    environment: {
      AOT_CONFIG_CONTENT: collectorConfiguration(region),
      GOMEMLIMIT: `${HEAP_LIMIT}MiB`,
    },
    secrets: {},
    // The image has no shell.
    healthCheck: {
      command: ["CMD", "/healthcheck"],
      interval: HEALTH_CHECK_INTERVAL,
      startPeriod: HEALTH_CHECK_INTERVAL,
    },
    dependsOn: [],
    // Not for its health: a server without traces still serves.
    serverWaitsFor: ContainerCondition.Start,
    stopTimeout: STOP_TIMEOUT,
    readonlyRootFilesystem: true,
    mountPoints: args.enableExecuteCommand ? agentMountPoints(COLLECTOR) : [],
  }));
}

/** Lets the collector send traces; these actions know no resource (Service Authorization Reference, "AWS X-Ray"). It has the task's role. */
export function allowTraces(
  name: string,
  taskRole: aws.iam.Role,
  opts: pulumi.CustomResourceOptions,
): aws.iam.RolePolicy {
  return new aws.iam.RolePolicy(
    `${name}-collector`,
    {
      role: taskRole.name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            Resource: "*",
          },
        ],
      }),
    },
    opts,
  );
}
