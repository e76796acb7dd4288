import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  AuthMode,
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  UpstreamAuthMode,
  type McpServiceArgs,
  UpstreamKind,
  type Auth,
  type McpGatewayArgs,
} from "../../../infra/index.ts";
import { upstreamConfiguration } from "../../../service/servers/gateway/upstream-configuration.ts";
import { readGatewaySettings } from "../../../service/servers/gateway/settings.ts";
import { arn, deploy, valueOf, type Declaration } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const PARAMETER = "aws:ssm/parameter:Parameter";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const ECS = "aws:ecs/service:Service";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const KEY = arn("secretsmanager", "secret:key-AbCdEf");

const IMAGE = `123456789012.dkr.ecr.us-east-1.amazonaws.com/server@sha256:${"0".repeat(64)}`;

function service(
  name: string,
  auth?: Auth,
  declaredTools?: string[],
  further: Partial<McpServiceArgs> = {},
): McpService {
  return new McpService(name, {
    platform: { ...HANDLE },
    image: IMAGE,
    path: `/${name}/mcp`,
    port: 9000,
    longestCallSeconds: 90,
    discoverable: true,
    ...(auth === undefined ? {} : { auth }),
    ...(declaredTools === undefined ? {} : { declaredTools }),
    ...further,
  });
}

function gateway(args: Partial<McpGatewayArgs> = {}): McpGateway {
  return new McpGateway("tools", {
    platform: { ...HANDLE },
    path: "/tools/mcp",
    auth: { mode: AuthMode.None },
    ...args,
  });
}

/** What a parameter holds, as the gateway understands it. */
function configured(declaration: Declaration<unknown>, upstream: string): unknown {
  const value = declaration.only(PARAMETER, `tools-${upstream}`).inputs["insecureValue"];
  const written = JSON.parse(String(value)) as Record<string, unknown>;
  assert.doesNotThrow(() => upstreamConfiguration.parse(written));
  return written;
}

function environmentOf(declaration: Declaration<unknown>, name: string): Record<string, string> {
  const text = String(declaration.only(TASK, name).inputs["containerDefinitions"]);
  const [container] = JSON.parse(text) as [{ environment: { name: string; value: string }[] }];
  return Object.fromEntries(container.environment.map((entry) => [entry.name, entry.value]));
}

function statementsOf(declaration: Declaration<unknown>, name: string): unknown {
  const policy = String(declaration.only(POLICY, name).inputs["policy"]);
  return (JSON.parse(policy) as { Statement: unknown }).Statement;
}

describe("GIVEN a gateway before services of the program", () => {
  test("WHEN it is deployed THEN each has a parameter that the gateway understands, with its private address and its credentials", async () => {
    const declaration = await deploy(() =>
      gateway({
        services: {
          weather: service("weather").endpoint,
          search: service("search", { mode: AuthMode.StaticToken }).endpoint,
          open: service("open", { mode: AuthMode.None }, ["find"]).endpoint,
        },
      }),
    );
    declaration.assertNothingUndefined();
    declaration.assertUrnsUnique();

    assert.deepEqual(configured(declaration, "weather"), {
      url: "http://weather.shared-1a2b3c4d.internal:9000/weather/mcp",
      discovery: "dns",
      auth: {
        mode: "client-credentials",
        tokenEndpoint: HANDLE.userPool.tokenEndpoint,
        clientId: "weather-machine-id",
        clientSecret: { secretArn: arn("secretsmanager", "secret:weather-machine-AbCdEf") },
        scope: "https://mcp.example.com/weather/mcp/call",
      },
      timeoutSeconds: 90,
    });
    assert.deepEqual(configured(declaration, "open"), {
      url: "http://open.shared-1a2b3c4d.internal:9000/open/mcp",
      discovery: "dns",
      timeoutSeconds: 90,
      declaredTools: ["find"],
    });
    assert.deepEqual(configured(declaration, "search"), {
      url: "http://search.shared-1a2b3c4d.internal:9000/search/mcp",
      discovery: "dns",
      auth: {
        mode: "header",
        value: { secretArn: arn("secretsmanager", "secret:search-token-AbCdEf"), isList: true },
      },
      timeoutSeconds: 90,
    });
    const { name, insecureValue, ...rest } = declaration.only(PARAMETER, "tools-search").inputs;
    assert.equal(typeof insecureValue, "string");
    assert.equal(name, "/pulumi-mcp-service/tools/dev/tools/search");
    assert.deepEqual(rest, {
      description: "The upstream search of the gateway tools",
      type: "String",
      tier: "Intelligent-Tiering",
    });
  });

  test("WHEN it is deployed THEN its tasks may read its own parameters and the named secrets, and nothing else", async () => {
    const declaration = await deploy(() =>
      gateway({
        platform: { ...HANDLE, kmsKeyArn: arn("kms", "key/platform") },
        secretKeyArns: [arn("kms", "key/theirs")],
        services: { search: service("search", { mode: AuthMode.StaticToken }).endpoint },
        upstreams: {
          github: {
            url: "https://example.com/mcp",
            auth: { mode: UpstreamAuthMode.Header, secretArn: KEY },
          },
        },
      }),
    );

    assert.deepEqual(statementsOf(declaration, "tools-upstreams"), [
      {
        Effect: "Allow",
        Action: "ssm:GetParametersByPath",
        Resource: [
          arn("ssm", "parameter/pulumi-mcp-service/tools/dev/tools"),
          arn("ssm", "parameter/pulumi-mcp-service/tools/dev/tools/*"),
        ],
      },
      {
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: [KEY, arn("secretsmanager", "secret:search-token-AbCdEf")],
      },
      {
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: [arn("kms", "key/platform"), arn("kms", "key/theirs")],
        Condition: {
          StringEquals: {
            "kms:ViaService": [
              "secretsmanager.us-east-1.amazonaws.com",
              "ssm.us-east-1.amazonaws.com",
            ],
          },
        },
      },
    ]);
    assert.equal(declaration.only(POLICY, "tools-upstreams").inputs["role"], "tools-task");
  });

  test("WHEN none of them takes a secret THEN none may be read", async () => {
    const declaration = await deploy(() =>
      gateway({ services: { open: service("open", { mode: AuthMode.None }).endpoint } }),
    );

    assert.equal((statementsOf(declaration, "tools-upstreams") as unknown[]).length, 1);
  });

  test("WHEN it is deployed THEN its tasks reach their replicas on their port alone, and what is read comes before what reads it", async () => {
    const declaration = await deploy(() =>
      gateway({
        services: { open: service("open", { mode: AuthMode.None }).endpoint },
        upstreams: { mail: { url: "http://mail.corp.internal:8025/mcp" } },
        egress: [{ port: 8025, cidrBlock: "10.8.0.0/16" }],
      }),
    );

    const port = { ipProtocol: "tcp", fromPort: 9000, toPort: 9000 };
    assert.deepEqual(declaration.only(EGRESS, "tools-open").inputs, {
      ...port,
      securityGroupId: "tools-tasks-id",
      referencedSecurityGroupId: "open-tasks-id",
      description: "To the replicas of open",
    });
    assert.deepEqual(declaration.only(INGRESS, "tools-open").inputs, {
      ...port,
      securityGroupId: "open-tasks-id",
      referencedSecurityGroupId: "tools-tasks-id",
      description: "From the gateway tools",
    });
    assert.deepEqual(declaration.only(EGRESS, "tools-egress-0").inputs, {
      ipProtocol: "tcp",
      fromPort: 8025,
      toPort: 8025,
      securityGroupId: "tools-tasks-id",
      cidrIpv4: "10.8.0.0/16",
      description: "To upstreams",
    });
    const { dependencies } = declaration.only(ECS, "tools");
    for (const before of [
      `${PARAMETER} tools-open`,
      `${PARAMETER} tools-mail`,
      `${POLICY} tools-upstreams`,
      `${EGRESS} tools-egress-0`,
    ]) {
      assert.ok(dependencies.includes(before), before);
    }
    assert.deepEqual(declaration.only(PARAMETER, "tools-open").dependsOn.toSorted(), [
      `${EGRESS} tools-open`,
      `${INGRESS} tools-open`,
    ]);
  });

  test("WHEN it is deployed THEN the container starts with settings that it understands, and with time for the longest call of all", async () => {
    const usual = await deploy(() =>
      gateway({ services: { open: service("open", { mode: AuthMode.None }).endpoint } }),
    );
    const changed = await deploy(() =>
      gateway({
        search: true,
        pinnedTools: ["open__*"],
        graceSeconds: 0,
        pollSeconds: 5,
        upstreams: { slow: { url: "https://slow.example.com/mcp", toolTimeouts: { report: 600 } } },
      }),
    );

    const path = "/pulumi-mcp-service/tools/dev/tools/";
    const environment = environmentOf(usual, "tools");
    assert.equal(environment["CALL_TIMEOUT_SECONDS"], "90");
    assert.deepEqual(readGatewaySettings(environment), {
      source: { kind: "parameters", path },
      pollMilliseconds: 10_000,
      graceMilliseconds: 60_000,
      search: false,
      pinnedTools: [],
      scopePrefix: "",
      emf: true,
    });
    assert.equal(environmentOf(changed, "tools")["CALL_TIMEOUT_SECONDS"], "600");
    assert.deepEqual(readGatewaySettings(environmentOf(changed, "tools")), {
      source: { kind: "parameters", path },
      pollMilliseconds: 5000,
      graceMilliseconds: 0,
      search: true,
      pinnedTools: ["open__*"],
      scopePrefix: "",
      emf: true,
    });
    const [container] = JSON.parse(
      String(usual.only(TASK, "tools").inputs["containerDefinitions"]),
    ) as [{ command: string[] }];
    assert.deepEqual(container.command.slice(-2), ["dist/main.mjs", "gateway"]);
  });

  test("WHEN it is deployed THEN an alarm tells of each upstream that is missing, unless alarms or metrics are off", async () => {
    const upstreams = { github: { url: "https://example.com/mcp" } };
    const on = await deploy(() => gateway({ upstreams }));
    const silent = await deploy(() => gateway({ upstreams, alarms: false }));
    const unmeasured = await deploy(() => gateway({ upstreams, metrics: false }));

    const alarm = on.only(ALARM, "tools-upstream-github").inputs;
    const metric = (id: string, metricName: string): object => ({
      id,
      returnData: false,
      metric: {
        namespace: "McpService",
        metricName,
        dimensions: { Service: "tools-dev-tools", Upstream: "github" },
        period: 60,
        stat: "Maximum",
      },
    });
    assert.deepEqual(alarm["metricQueries"], [
      {
        id: "missing",
        label: "1: no address answers, or no replica lists its tools",
        expression: "IF(addresses < 1 OR listed < 1, 1, 0)",
        returnData: true,
      },
      metric("addresses", "UpstreamHealthyAddresses"),
      metric("listed", "UpstreamListed"),
    ]);
    assert.deepEqual(alarm["alarmActions"], [HANDLE.alarmTopicArn]);
    for (const declaration of [silent, unmeasured]) {
      assert.deepEqual(
        declaration.inventory().filter((line) => line.includes("upstream-github")),
        [],
      );
    }
  });

  test("WHEN nothing exists yet THEN a preview knows the names of tools, and shows every parameter", async () => {
    const declaration = await deploy(
      () => {
        const platform = new McpPlatform("mcp", { serviceDiscovery: true }).handle;
        const weather = new McpService("weather", {
          platform,
          server: McpServer.Weather,
          discoverable: true,
          declaredTools: ["get_alerts", "x".repeat(64)],
        });
        return valueOf(
          new McpGateway("tools", {
            platform,
            path: "/tools/mcp",
            services: { weather: weather.endpoint },
            upstreams: {
              shop: {
                url: "https://shop.example.com",
                kind: UpstreamKind.Http,
                tools: [{ name: "order", description: "Orders.", method: "GET", path: "/orders" }],
              },
            },
          }).toolNames,
        );
      },
      { preview: true },
    );

    assert.deepEqual(declaration.result.slice(0, 1), ["weather__get_alerts"]);
    assert.match(declaration.result[1] ?? "", /^weather__[0-9a-f]{8}_x{46}$/u);
    assert.deepEqual(declaration.result.slice(2), ["shop__order"]);
    assert.deepEqual(
      declaration.inventory().filter((line) => line.startsWith(PARAMETER)),
      [`${PARAMETER} tools-shop`, `${PARAMETER} tools-weather`],
    );
  });
});

test("GIVEN every setting of an upstream WHEN it is deployed THEN its parameter has it as the gateway reads it", async () => {
  const declaration = await deploy(() =>
    gateway({
      taskPolicy: [{ actions: ["execute-api:Invoke"], resources: ["*"] }],
      upstreams: {
        crm: {
          url: pulumi.output("https://crm.example.com/mcp"),
          balanceOverAddresses: true,
          prefix: "sales",
          allow: ["get_*"],
          deny: ["get_secret"],
          aliases: { get_contact: "contact" },
          rules: [
            {
              tools: ["sales__*"],
              scopes: ["read", pulumi.output("crm")],
              claims: { team: ["sales"] },
            },
            { tools: ["sales__contact"], claims: { grade: ["1", "2"] } },
          ],
          auth: {
            mode: UpstreamAuthMode.TokenExchange,
            tokenEndpoint: "https://login.example.com/token",
            clientId: "gateway",
            secretArn: KEY,
            scope: "crm",
            audience: "crm-api",
            resource: "https://crm.example.com",
          },
          timeoutSeconds: 20,
          toolTimeouts: { get_report: 40 },
          idempotentTools: ["get_*"],
          maxOngoingRequests: 10,
          declaredTools: ["get_contact"],
        },
        plain: {
          url: "https://shop.example.com/api",
          kind: UpstreamKind.Http,
          unprefixed: true,
          auth: { mode: UpstreamAuthMode.Header, header: "X-Api-Key", secretArn: KEY },
          tools: [
            {
              name: "order",
              description: "One order.",
              method: "GET",
              path: "/orders/{id}",
              query: ["lines"],
              inputSchema: '{"type":"object","required":["id"]}',
            },
          ],
        },
        documented: {
          url: "https://api.example.com",
          kind: UpstreamKind.OpenApi,
          documentUrl: "https://api.example.com/openapi.json",
          auth: { mode: UpstreamAuthMode.SigV4, service: "execute-api" },
        },
      },
    }),
  );

  assert.deepEqual(configured(declaration, "crm"), {
    url: "https://crm.example.com/mcp",
    discovery: "dns",
    prefix: "sales",
    allow: ["get_*"],
    deny: ["get_secret"],
    aliases: { get_contact: "contact" },
    auth: {
      mode: "token-exchange",
      tokenEndpoint: "https://login.example.com/token",
      clientId: "gateway",
      scope: "crm",
      audience: "crm-api",
      resource: "https://crm.example.com",
      clientSecret: { secretArn: KEY },
    },
    rules: [
      { tools: ["sales__*"], scopes: ["read", "crm"], claims: { team: ["sales"] } },
      { tools: ["sales__contact"], claims: { grade: ["1", "2"] } },
    ],
    timeoutSeconds: 20,
    toolTimeouts: { get_report: 40 },
    idempotentTools: ["get_*"],
    maxOngoingRequests: 10,
    declaredTools: ["get_contact"],
  });
  assert.deepEqual(configured(declaration, "plain"), {
    kind: "http",
    url: "https://shop.example.com/api",
    prefix: false,
    auth: { mode: "header", header: "X-Api-Key", value: { secretArn: KEY } },
    tools: [
      {
        name: "order",
        description: "One order.",
        method: "GET",
        path: "/orders/{id}",
        query: ["lines"],
        inputSchema: { type: "object", required: ["id"] },
      },
    ],
  });
  assert.deepEqual(configured(declaration, "documented"), {
    kind: "openapi",
    url: "https://api.example.com",
    auth: { mode: "sigv4", service: "execute-api", region: "us-east-1" },
    documentUrl: "https://api.example.com/openapi.json",
  });
});

test("GIVEN a service that is discoverable WHEN it is deployed THEN ECS enters its replicas under a name that it also answers to", async () => {
  const declaration = await deploy(() => service("weather", { mode: AuthMode.None }));

  assert.deepEqual(declaration.only("aws:servicediscovery/service:Service").inputs, {
    name: "weather",
    description: "Replicas of the MCP service weather",
    dnsConfig: {
      namespaceId: HANDLE.namespace.id,
      dnsRecords: [{ type: "A", ttl: 5 }],
      routingPolicy: "MULTIVALUE",
    },
    healthCheckCustomConfig: { failureThreshold: 1 },
    forceDestroy: true,
  });
  assert.deepEqual(declaration.only(ECS).inputs["serviceRegistries"], {
    registryArn: arn("servicediscovery", "service/srv-weather"),
  });
  assert.equal(
    environmentOf(declaration, "weather")["MCP_ALLOWED_HOSTS"],
    "weather.shared-1a2b3c4d.internal",
  );
});

test("GIVEN a service that is discoverable WHEN nobody says how it scales THEN it follows its ongoing requests, and the load balancer's count where that is given", async () => {
  const policies = async (args: Partial<McpServiceArgs>): Promise<readonly string[]> => {
    const declaration = await deploy(() =>
      service("weather", { mode: AuthMode.None }, undefined, args),
    );
    return declaration
      .inventory()
      .filter((resource) => resource.startsWith("aws:appautoscaling/policy:"))
      .map((resource) => resource.split(" ")[1] ?? "");
  };

  assert.deepEqual(await policies({}), [
    "weather-burst",
    "weather-cpu",
    "weather-ongoing-requests",
  ]);
  assert.deepEqual(await policies({ requestCountPerTarget: 600 }), ["weather", "weather-cpu"]);
  assert.deepEqual(await policies({ metrics: false }), ["weather", "weather-cpu"]);
  assert.deepEqual(await policies({ discoverable: false }), ["weather", "weather-cpu"]);
});

test("GIVEN a platform WHEN it is to have private names THEN they are of a namespace of its VPC alone", async () => {
  const declaration = await deploy(() =>
    valueOf(new McpPlatform("mcp", { serviceDiscovery: true }).handle.namespace),
  );
  const { name, ...rest } = declaration.only(
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
  ).inputs;

  assert.match(String(name), /^mcp-[0-9a-f]{8}\.internal$/u);
  assert.deepEqual(declaration.result, { id: "mcp-id", domainName: name });
  assert.deepEqual(rest, { vpc: "vpc-mcp", description: "Private names of the services of mcp" });
});
