import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricStore } from "../../../local/cloudwatch/metric-store.ts";
import { readGateways } from "../../../local/graph/gateways.ts";
import { upstreamSnapshots } from "../../../local/snapshot/upstreams.ts";
import { container } from "../containers.ts";
import { graphOf, resource } from "../drawing/small-graph.ts";
import { revision } from "../ecs/fake-service.ts";
import { VirtualClock } from "../virtual-clock.ts";

const parameter = (name: string, url: string) =>
  resource("aws:ssm/parameter:Parameter", name, {
    name: `/gateways/tools/${name}`,
    insecureValue: JSON.stringify({ url }),
  });

const graph = graphOf(
  resource(
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
    "mcp",
    { name: "mcp.internal" },
    { id: "ns-1" },
  ),
  resource(
    "aws:servicediscovery/service:Service",
    "weather",
    { name: "weather", dnsConfig: { namespaceId: "ns-1" } },
    { outputs: { arn: "name" } },
  ),
  resource(
    "aws:ecs/service:Service",
    "weather",
    { serviceRegistries: { registryArn: "name" } },
    { id: "weather-arn" },
  ),
  resource("aws:ecs/service:Service", "tools", { taskDefinition: "tools-td" }, { id: "tools-arn" }),
  resource(
    "aws:ecs/taskDefinition:TaskDefinition",
    "tools",
    {
      containerDefinitions: JSON.stringify([
        {
          name: "server",
          environment: [{ name: "GATEWAY_PARAMETER_PATH", value: "/gateways/tools/" }],
        },
      ]),
    },
    { id: "tools-td" },
  ),
  parameter("weather", "http://weather.mcp.internal:8080/mcp"),
  parameter("far", "https://mcp.example.com/mcp"),
  parameter("fresh", "https://fresh.example.com/mcp"),
  resource("aws:ssm/parameter:Parameter", "other", {
    name: "/gateways/others/one",
    value: "{}",
  }),
);

test("GIVEN metrics of a gateway's replicas WHEN its upstreams are looked at THEN each has the worst and the calls of the latest minute, and none without metrics", () => {
  const clock = new VirtualClock();
  const store = new MetricStore(clock);
  const put = (upstream: string, name: string, ...values: readonly number[]): void => {
    const dimensions = { Service: "tools-prod", Upstream: upstream };
    for (const value of values) store.put({ namespace: "McpService", name, dimensions }, value);
  };
  put("weather", "UpstreamListed", 1, 1);
  put("weather", "UpstreamBreakerOpen", 0, 0);
  put("weather", "UpstreamHealthyAddresses", 2, 1);
  put("weather", "UpstreamCalls", 90, 30);
  put("far", "UpstreamListed", 1, 0);
  put("far", "UpstreamBreakerOpen", 0, 1);
  put("far", "UpstreamHealthyAddresses", 0, 0);
  const environment = { OTEL_SERVICE_NAME: "tools-prod" };
  const run = {
    clock: { now: () => 60_000, after: () => () => undefined },
    cloudWatch: { store },
    gateways: readGateways(graph),
    stack: {
      services: [
        revision({ arn: "weather-arn", name: "weather" }),
        revision({
          arn: "tools-arn",
          name: "tools",
          task: { ...revision().task, containers: [container("server", { environment })] },
        }),
      ],
    },
  };

  assert.deepEqual(upstreamSnapshots(run, "tools"), [
    {
      name: "weather",
      service: "weather",
      state: "answers",
      healthyAddresses: 1,
      callsPerMinute: 120,
    },
    { name: "far", service: undefined, state: "refused", healthyAddresses: 0, callsPerMinute: 0 },
    {
      name: "fresh",
      service: undefined,
      state: "unknown",
      healthyAddresses: undefined,
      callsPerMinute: undefined,
    },
  ]);
  assert.deepEqual(upstreamSnapshots(run, "weather"), []);
});
