import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mermaid } from "../../../local/drawing/diagram/mermaid.ts";
import { graphOf, resource } from "./small-graph.ts";

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const GROUP = "aws:lb/targetGroup:TargetGroup";
const LISTENER = "aws:lb/listener:Listener";
const SUBNET = "aws:ec2/subnet:Subnet";

describe("GIVEN a gateway with a service of the program and a server elsewhere behind it", () => {
  it("WHEN it is drawn THEN one is a way from service to service, the other to a host", () => {
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
        { id: "ns" },
      ),
      resource(
        "aws:servicediscovery/service:Service",
        "weather",
        { name: "weather", dnsConfig: { namespaceId: "ns" } },
        { outputs: { arn: "registry" } },
      ),
      resource(
        "aws:ecs/service:Service",
        "weather",
        { serviceRegistries: { registryArn: "registry" } },
        { id: "weather-arn" },
      ),
      resource("aws:ecs/taskDefinition:TaskDefinition", "tools", {
        containerDefinitions: JSON.stringify([
          { environment: [{ name: "GATEWAY_PARAMETER_PATH", value: "/gateways/tools/" }] },
        ]),
      }),
      resource("aws:ecs/service:Service", "tools", { taskDefinition: "tools-0123456789" }),
      parameter("weather", "http://weather.mcp.internal:8080/mcp"),
      parameter("far", "https://mcp.example.com/mcp"),
    );

    const lines = mermaid(graph).split("\n");
    const [, weather] = /subgraph (n\d+)\["weather"\]/u.exec(lines.join("\n")) ?? [];
    const [, tools] = /subgraph (n\d+)\["tools"\]/u.exec(lines.join("\n")) ?? [];
    const [, host] = /(n\d+)\(\("mcp\.example\.com"\)\)/u.exec(lines.join("\n")) ?? [];

    assert.ok(weather && tools && host, lines.join("\n"));
    assert.deepEqual(
      lines.filter((line) => line.includes("|calls|")).map((line) => line.trim()),
      [`${tools} -->|calls| ${weather}`, `${tools} -->|calls| ${host}`],
    );
  });
});

describe("GIVEN a small stack", () => {
  it("WHEN it is drawn THEN each part and each way is a line", () => {
    const graph = graphOf(
      resource(BALANCER, "front", { internal: false }),
      resource(
        LISTENER,
        "front",
        { loadBalancerArn: "front-0123456789", port: 443, protocol: "HTTPS" },
        { id: "listener" },
      ),
      resource(GROUP, "blue", { healthCheck: { path: "/readyz" } }, { id: "blue" }),
      resource(GROUP, "green", {}, { id: "green" }),
      resource("aws:lb/listenerRule:ListenerRule", "rule", {
        listenerArn: "listener",
        conditions: [
          { pathPattern: { values: ["/mcp", "/.well-known/x"] } },
          { hostHeader: { values: ["a.example.com"] } },
        ],
        actions: [
          {
            forward: {
              targetGroups: [
                { arn: "blue", weight: 1 },
                { arn: "green", weight: 0 },
              ],
            },
          },
        ],
      }),
      resource(SUBNET, "a", { availabilityZone: "us-east-1a" }, { id: "subnet-a" }),
      resource("aws:ecs/taskDefinition:TaskDefinition", "weather", {
        cpu: "512",
        containerDefinitions: JSON.stringify([
          {
            name: "server",
            environment: [
              { name: "AUTH_ISSUER", value: "https://login.example.com/tenant" },
              { name: "MCP_PUBLIC_URL", value: "https://a.example.com/mcp" },
              { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://127.0.0.1:4318" },
              { name: "API", value: "https://api.example.com/v1" },
            ],
          },
        ]),
      }),
      resource("aws:ecs/service:Service", "weather", {
        desiredCount: 1,
        launchType: "FARGATE",
        taskDefinition: "weather-0123456789",
        networkConfiguration: { subnets: ["subnet-a"] },
        loadBalancers: [
          { targetGroupArn: "blue", advancedConfiguration: { alternateTargetGroupArn: "green" } },
        ],
      }),
    );

    assert.equal(
      mermaid(graph),
      `flowchart LR
  classDef plain fill:none,stroke:none
  n1(["MCP clients"])
  n1 -->|internet| n2
  n2[["public load balancer<br>front<br>HTTPS 443"]]
  n3("target group blue<br>asks /readyz")
  n4("target group green")
  n2 -->|"/mcp<br>a.example.com<br>weight 1"| n3
  n2 -.->|"/mcp<br>a.example.com<br>weight 0"| n4
  subgraph n5["cluster default"]
    subgraph n6["weather"]
      direction TB
      n7["1 replica on FARGATE<br>0.5 vCPU"]:::plain
      n8["us-east-1a"]
    end
  end
  n3 --> n6
  n4 --> n6
  n9(("api.example.com"))
  n6 -->|calls| n9
  n10[("issuer<br>login.example.com")]
  n1 -.->|token| n10
  n6 -.->|trusts| n10`,
    );
  });

  it("WHEN a name holds what Mermaid reads as syntax THEN it is a label all the same", () => {
    const text = mermaid(graphOf(resource(BALANCER, 'a"b<c>#;', { internal: true })));

    assert.ok(text.includes("a#34;b#60;c#62;#35;;"));
  });
});
