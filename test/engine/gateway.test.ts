/** A gateway on the real engine: what comes and goes with an upstream, and what stays as it is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import {
  AuthMode,
  Exposure,
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  type McpGatewayArgs,
} from "../../infra/index.ts";
import { createStack } from "./harness.ts";

const PARAMETER = "aws:ssm/parameter:Parameter";
const WAYS = [
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
];
const DASHBOARD = "aws:cloudwatch/dashboard:Dashboard tools";
const POLICY = "aws:iam/rolePolicy:RolePolicy tools-upstreams";

/** Services behind a gateway, on a platform whose network and alarms nobody looks at. */
const program =
  (names: readonly string[], more: Partial<McpGatewayArgs> = {}): PulumiFn =>
  () => {
    const platform = new McpPlatform("mcp", {
      exposure: Exposure.Domain,
      domainName: "mcp.example.com",
      certificateArn:
        "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
      alarms: false,
      serviceDiscovery: true,
      vpc: {
        vpcId: "vpc-0123456789abcdef0",
        privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        publicSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
      },
    }).handle;
    const all = ["weather", "search"].map((name) => {
      const service = new McpService(name, {
        platform,
        server: McpServer.Weather,
        path: `/${name}/mcp`,
        alarms: false,
        dashboard: false,
        discoverable: true,
        ...(name === "search" ? { auth: { mode: AuthMode.StaticToken } } : {}),
      });
      return [name, service.endpoint] as const;
    });
    const { url } = new McpGateway("tools", {
      platform,
      alarms: false,
      services: Object.fromEntries(all.filter(([name]) => names.includes(name))),
      ...more,
    });
    return Promise.resolve({ url });
  };

describe("GIVEN a gateway before a service", () => {
  test("WHEN another service joins and leaves THEN its parameter and its ways come and go, and no task definition changes", async (context) => {
    const engine = await createStack(context, program(["weather"]));
    await engine.up();
    assert.deepEqual(await engine.preview(), []);

    engine.setProgram(program(["weather", "search"]));
    const joining = [
      `create ${PARAMETER} tools-search`,
      ...WAYS.map((way) => `create ${way} tools-search`),
      // The dashboard shows it, and its token may be read.
      `update ${DASHBOARD}`,
      `update ${POLICY}`,
    ];
    assert.deepEqual(await engine.preview(), joining.toSorted());
    assert.deepEqual(await engine.up(), joining.toSorted());
    assert.deepEqual(await engine.preview(), []);

    engine.setProgram(program(["weather"]));
    assert.deepEqual(
      await engine.up(),
      joining.map((step) => step.replace("create", "delete")).toSorted(),
    );
    const { log } = engine.cloud.read("aws");
    const gone = (resource: string): number => log.lastIndexOf(`delete ${resource} tools-search`);
    for (const way of WAYS) assert.ok(gone(PARAMETER) < gone(way), way);
    await engine.destroy();
    assert.deepEqual(engine.cloud.existing(), []);
  });

  test("WHEN what it makes of an upstream changes THEN that parameter alone does, and its preview tells how", async (context) => {
    const upstream = { url: "https://example.com/mcp", timeoutSeconds: 20 };
    const engine = await createStack(
      context,
      program(["weather"], { upstreams: { github: upstream } }),
    );
    await engine.up();

    engine.setProgram(
      program(["weather"], { upstreams: { github: { ...upstream, deny: ["delete_*"] } } }),
    );
    const before = engine.output().length;
    assert.deepEqual(await engine.preview(), [`update ${PARAMETER} tools-github`]);
    assert.match(engine.output().slice(before), /delete_\*/u);
    assert.deepEqual(await engine.up(), [`update ${PARAMETER} tools-github`]);
    assert.deepEqual(await engine.preview(), []);
  });
});

test("GIVEN a service WHEN it becomes discoverable THEN it is deployed anew, nothing of it is replaced but its task definition, and it is scaled by what its replicas count", async (context) => {
  const run =
    (discoverable: boolean): PulumiFn =>
    () => {
      const platform = new McpPlatform("mcp", {
        exposure: Exposure.Domain,
        domainName: "mcp.example.com",
        certificateArn:
          "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
        alarms: false,
        dashboard: false,
        serviceDiscovery: true,
        vpc: {
          vpcId: "vpc-0123456789abcdef0",
          privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
          publicSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
        },
      }).handle;
      const { url } = new McpService("weather", {
        platform,
        server: McpServer.Weather,
        auth: { mode: AuthMode.None },
        alarms: false,
        dashboard: false,
        discoverable,
      });
      return Promise.resolve({ url });
    };
  const engine = await createStack(context, run(false));
  await engine.up();

  engine.setProgram(run(true));
  assert.deepEqual(await engine.up(), [
    "create aws:appautoscaling/policy:Policy weather-burst",
    "create aws:appautoscaling/policy:Policy weather-ongoing-requests",
    "create aws:cloudwatch/metricAlarm:MetricAlarm weather-burst",
    "create aws:servicediscovery/service:Service weather",
    "create-replacement aws:ecs/taskDefinition:TaskDefinition weather",
    "delete aws:appautoscaling/policy:Policy weather",
    "delete-replaced aws:ecs/taskDefinition:TaskDefinition weather",
    "replace aws:ecs/taskDefinition:TaskDefinition weather",
    "update aws:ecs/service:Service weather",
  ]);
  assert.deepEqual(await engine.preview(), []);
});
