import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  AuthMode,
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  NatGateways,
  UpstreamAuthMode,
  UpstreamKind,
  type GatewayUpstream,
  type McpGatewayArgs,
  type McpServiceEndpoint,
  type UpstreamSettings,
} from "../../../infra/index.ts";
import { checkGateway } from "../../../infra/gateway/gateway-args.ts";
import { checkEachOnce, checkVpc } from "../../../infra/gateway/gateway-reach.ts";
import { checkValue } from "../../../infra/gateway/upstream-value.ts";
import { arn, assertRefused, rejectionsOf } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const URL = "https://example.com/mcp";
const SECRET = arn("secretsmanager", "secret:key-AbCdEf");
const ENDPOINT: McpServiceEndpoint = {
  url: "https://mcp.example.com/weather/mcp",
  hostName: "weather.shared-1a2b3c4d.internal",
  port: 8080,
  path: "/weather/mcp",
  vpcId: HANDLE.vpcId,
  securityGroupId: "sg-weather",
  authMode: AuthMode.None,
  issuer: "",
  tokenEndpoint: "",
  clientId: "",
  clientSecretArn: "",
  scope: "",
  tokenSecretArn: "",
  longestCallSeconds: 60,
  declaredTools: [],
  directRouting: {
    prefix: "",
    path: "",
    hostName: "",
    access: "",
    targetGroupArn: "",
    listenerArn: "",
  },
};

function refused(args: Partial<McpGatewayArgs>, sentence: string): void {
  assertRefused(() => {
    checkGateway("tools", { platform: HANDLE, ...args });
  }, `McpGateway: ${sentence}`);
}

function refusedUpstream(upstream: Partial<GatewayUpstream>, sentence: string): void {
  refused({ upstreams: { crm: { url: URL, ...upstream } } }, sentence);
}

function refusedSettings(settings: UpstreamSettings, sentence: string): void {
  refused(
    { services: { crm: ENDPOINT }, serviceSettings: { crm: settings } },
    sentence.replaceAll("AT.", "serviceSettings.crm."),
  );
  refusedUpstream(settings, sentence.replaceAll("AT.", "upstreams.crm."));
}

const deployed = (args: Partial<McpGatewayArgs>): (() => McpGateway) => {
  const platform = { ...HANDLE };
  return () => new McpGateway("tools", { platform, auth: { mode: AuthMode.None }, ...args });
};

describe("GIVEN arguments of a gateway that it could not use", () => {
  test("WHEN names collide THEN they are refused", () => {
    refused(
      { services: { "-a": ENDPOINT } },
      "`services` has `-a`; give names of a letter or digit and up to 30 more letters, digits, `_` and `-`: they stand before the names of tools.",
    );
    refused(
      { upstreams: { ["x".repeat(32)]: { url: URL } } },
      `\`upstreams\` has \`${"x".repeat(32)}\`; give names of a letter or digit and up to 30 more letters, digits, \`_\` and \`-\`: they stand before the names of tools.`,
    );
    refused(
      { services: { crm: ENDPOINT }, upstreams: { crm: { url: URL } } },
      "`crm` stands in `services` and in `upstreams`. Give one of them another name.",
    );
    refused(
      { services: { crm: ENDPOINT }, upstreams: { other: { url: URL, prefix: "crm" } } },
      "`crm` and `other` both have the prefix `crm`. Give one of them another `prefix`.",
    );
    refused(
      { serviceSettings: { crm: {} } },
      "`serviceSettings` has `crm`, which `services` has not. Give it there, too, or leave it out here.",
    );
  });

  test("WHEN settings of upstreams say nothing, or too much THEN they are refused", () => {
    refusedSettings(
      { prefix: "a b" },
      "`AT.prefix` is `a b`; give a letter or digit and up to 30 more letters, digits, `_` and `-`, or set `AT.unprefixed` to true for none.",
    );
    refusedSettings(
      { prefix: "a", unprefixed: true },
      "`AT.prefix` is given, but `AT.unprefixed` is true. Leave one of them out.",
    );
    refusedSettings(
      { allow: [""] },
      "`AT.allow` has an empty name; give names of tools of 1 to 256 characters, with `*` for any characters.",
    );
    refusedSettings(
      { aliases: { a: "b c" } },
      "`AT.aliases.a` is `b c`; give 1 to 64 letters, digits, `_`, `-` and `.`, as clients take names of tools.",
    );
    refusedSettings(
      { aliases: { a: "c", b: "c" } },
      "`AT.aliases` gives `a` and `b` one name, `c`. Give each its own.",
    );
    refusedSettings(
      { rules: [{ tools: [], scopes: ["a"] }] },
      "`AT.rules[0].tools` is empty, so that the rule would be about nothing. Name tools, or leave the rule out.",
    );
    refusedSettings(
      { rules: [{ tools: ["*"] }] },
      "`AT.rules[0]` has neither `scopes` nor `claims`, so that it would let everybody in. Give one of them, or leave the rule out.",
    );
    refusedSettings(
      { rules: [{ tools: ["*"], claims: { team: [] } }] },
      "`AT.rules[0].claims.team` is empty, which no token could meet. Give the values that are let in, or leave the claim out.",
    );
    refusedSettings(
      { timeoutSeconds: 0 },
      "`AT.timeoutSeconds` is 0; give a whole number of seconds from 1 to 3600.",
    );
    refusedSettings(
      { toolTimeouts: { report: 3601 } },
      "`AT.toolTimeouts.report` is 3601; give a whole number of seconds from 1 to 3600.",
    );
    refusedSettings(
      { maxOngoingRequests: 0 },
      "`AT.maxOngoingRequests` is 0; give a whole number of requests from 1 to 10000.",
    );
  });

  test("WHEN rules ask for scopes that no token has THEN they are refused", async () => {
    const rules = [{ tools: ["*"], scopes: ["read", "write"] }];
    const auth = { mode: AuthMode.None };
    refused(
      { upstreams: { crm: { url: URL, rules } } },
      "`upstreams.crm.rules[0].scopes` has `read`, which no token would have: Cognito knows the scopes of `auth.scopes` alone. Add it there, or leave it out here.",
    );
    refused(
      {
        auth: { scopes: { read: "Read." } },
        services: { crm: pulumi.output(ENDPOINT) },
        serviceSettings: { crm: { rules } },
      },
      "`serviceSettings.crm.rules[0].scopes` has `write`, which no token would have: Cognito knows the scopes of `auth.scopes` alone. Add it there, or leave it out here.",
    );
    refused(
      { auth, upstreams: { crm: { url: URL, rules: [{ tools: ["*"], scopes: ["read write"] }] } } },
      '`upstreams.crm.rules[0].scopes` has `read write`; give printable ASCII characters without spaces, `"` and `\\`, one scope in each text.',
    );
    const late = [{ tools: ["*"], scopes: pulumi.output(["call", pulumi.output("other")]) }];
    assert.deepEqual(
      await rejectionsOf(() => {
        checkGateway("tools", {
          platform: { ...HANDLE },
          upstreams: { crm: { url: URL, rules: late } },
        });
      }),
      [
        "McpGateway: `upstreams.crm.rules[0].scopes` has `other`, which no token would have: Cognito knows the scopes of `auth.scopes` alone. Add it there, or leave it out here.",
      ],
    );
    const scopes = { read: "Read.", write: "Write." };
    for (const given of [{ scopes }, { mode: AuthMode.StaticToken }, auth]) {
      checkGateway("tools", {
        platform: HANDLE,
        auth: given,
        upstreams: { crm: { url: URL, rules } },
      });
    }
  });

  test("WHEN credentials are missing, idle or no secrets THEN they are refused", () => {
    refusedSettings(
      { auth: { mode: UpstreamAuthMode.Header } },
      "`AT.auth.mode` is `header`, but `AT.auth.secretArn` is missing. Give it, or another mode.",
    );
    refusedSettings(
      { auth: { secretArn: SECRET } },
      "`AT.auth.secretArn` is given, but `AT.auth.mode` is `none`, where it would change nothing. Leave it out, or set `AT.auth.mode` to `header` or" +
        " `client-credentials` or `token-exchange`.",
    );
    refusedSettings(
      { auth: { mode: UpstreamAuthMode.Header, secretArn: `${SECRET}:token::` } },
      "`AT.auth.secretArn` is not the whole ARN of a Secrets Manager secret, with the six characters at its end; give it as `aws.secretsmanager.Secret.arn` is." +
        " The gateway reads the secret as a whole.",
    );
    refusedSettings(
      {
        auth: {
          mode: UpstreamAuthMode.ClientCredentials,
          secretArn: SECRET,
          clientId: "gateway",
          tokenEndpoint: "http://login.example.com/token",
        },
      },
      "`AT.auth.tokenEndpoint` is `http://login.example.com/token`, which would carry calls and credentials through the internet in plain text. Give an `https`" +
        " address; `http` is for private addresses, and for names that end with `.internal` or `.local` or have no dot.",
    );
    refusedSettings(
      { auth: { mode: UpstreamAuthMode.Header, secretArn: SECRET, header: "X Key" } },
      "`AT.auth.header` is `X Key`; give the name of a header, such as `X-Api-Key`.",
    );
    refusedUpstream(
      { auth: { mode: UpstreamAuthMode.SigV4, service: "execute-api" } },
      "`crm` is asked with AWS's signature, but `taskPolicy` allows the gateway's tasks nothing. Add a statement with the action that is needed, such as" +
        " `bedrock-agentcore:InvokeGateway` or `execute-api:Invoke`.",
    );
  });

  test("WHEN addresses are none, show secrets, or are not reached THEN they are refused", () => {
    const plain = (url: string): string =>
      `\`upstreams.crm.url\` is \`${url}\`, which would carry calls and credentials through the internet in plain text. Give an \`https\` address; \`http\` is for` +
      " private addresses, and for names that end with `.internal` or `.local` or have no dot.";
    for (const url of [
      "http://example.com/mcp",
      "http://8.8.8.8/mcp",
      "http://internal.example.com",
    ]) {
      refusedUpstream({ url }, plain(url));
    }
    refusedUpstream(
      { url: "example.com/mcp" },
      "`upstreams.crm.url` is `example.com/mcp`; give an address such as `https://mcp.example.com/mcp`.",
    );
    refusedUpstream(
      { url: "https://me:secret@example.com/mcp" },
      "`upstreams.crm.url` for the host `example.com` has a user, a password or a fragment. Leave it out; a secret belongs into `auth`.",
    );
    refusedUpstream(
      { url: "http://10.0.0.1:8080/mcp" },
      "`upstreams.crm.url` is `http://10.0.0.1:8080/mcp`, but tasks are let out to port 443 alone, and not to 8080. Name the port in `egress`, with the network" +
        " or the security group that is reached.",
    );
    for (const url of [
      "http://10.0.0.1/mcp",
      "http://mail.corp.internal/mcp",
      "http://[fd00::1]/mcp",
    ]) {
      checkGateway("tools", {
        platform: HANDLE,
        upstreams: { crm: { url } },
        egress: [{ port: 80, cidrBlock: "10.0.0.0/8" }],
      });
    }
    refused(
      { egress: [{ port: 80 }] },
      "`egress[0]` has neither `cidrBlock` nor `securityGroupId`. Give one of them.",
    );
    refused(
      { egress: [{ port: 80, cidrBlock: "10.0.0.0/8", securityGroupId: "sg-1" }] },
      "`egress[0]` has both `cidrBlock` and `securityGroupId`. Give one of them.",
    );
    refused(
      { egress: [{ port: 80, cidrBlock: "10.0.0.1/8" }] },
      "`egress[0].cidrBlock` is `10.0.0.1/8`; give an IPv4 network such as `10.8.0.0/16`.",
    );
  });

  test("WHEN a kind lacks what makes its tools, or has another's THEN it is refused", () => {
    const tool = { name: "order", description: "Orders.", method: "GET", path: "/orders" };
    refusedUpstream(
      { kind: UpstreamKind.Http },
      "`upstreams.crm.kind` is `http`, but `upstreams.crm.tools` is missing: there would be no tools. Give the operations that are tools.",
    );
    refusedUpstream(
      { kind: UpstreamKind.OpenApi },
      "`upstreams.crm.kind` is `openapi`, but `upstreams.crm.documentUrl` is missing: there would be no tools. Give the address of the document.",
    );
    refusedUpstream(
      { kind: UpstreamKind.OpenApi, documentUrl: URL, tools: [tool] },
      "`upstreams.crm.tools` is given, but `upstreams.crm.kind` is `openapi`, where it would change nothing. Leave it out, or set `upstreams.crm.kind` to `http`.",
    );
    const kind = UpstreamKind.Http;
    refusedUpstream(
      { kind, tools: [tool, tool] },
      "`upstreams.crm.tools` has `order` twice. Give each tool a name of its own.",
    );
    refusedUpstream(
      { kind, tools: [{ ...tool, method: "HEAD" }] },
      "`upstreams.crm.tools[0].method` is `HEAD`; give one of `GET`, `POST`, `PUT`, `PATCH`, `DELETE`.",
    );
    refusedUpstream(
      { kind, tools: [{ ...tool, path: "orders" }] },
      "`upstreams.crm.tools[0].path` is `orders`; give a path that begins with `/`.",
    );
    refusedUpstream(
      { kind, tools: [{ ...tool, description: "" }] },
      "`upstreams.crm.tools[0].description` is empty; say what the tool does: models choose by it.",
    );
    refusedUpstream(
      { kind, tools: [{ ...tool, method: "GET", body: "text" }] },
      "`upstreams.crm.tools[0].body` is `text`, but `GET` has no body. Leave it out: the arguments go into the query.",
    );
    refusedUpstream(
      { kind, tools: [{ ...tool, method: "POST", path: "/orders/{id}", body: "id" }] },
      "`upstreams.crm.tools[0].body` is `id`; give the name of an argument that is in neither `path` nor `query`.",
    );
    for (const inputSchema of ["{", '{"type":"string"}', "null"]) {
      refusedUpstream(
        { kind, tools: [{ ...tool, inputSchema }] },
        "`upstreams.crm.tools[0].inputSchema` is not the JSON text of a schema whose `type` is `object`, which MCP asks of every tool. Give one such as" +
          ' `{"type":"object","properties":{"id":{"type":"string"}}}`.',
      );
    }
  });

  test("WHEN numbers or lists of the gateway's own are wrong THEN they are refused", () => {
    refused(
      { graceSeconds: 3601 },
      "`graceSeconds` is 3601; give a whole number of seconds from 0 to 3600.",
    );
    refused({ pollSeconds: 0 }, "`pollSeconds` is 0; give a whole number of seconds from 1 to 60.");
    refused(
      { pinnedTools: ["a"] },
      "`pinnedTools` is given, but `search` is not true: every tool is listed. Leave it out, or set `search` to true.",
    );
    refused(
      { search: true, pinnedTools: ["a,b"] },
      "`pinnedTools` has `a,b`; give names of tools as clients see them, with `*` for any characters.",
    );
  });
});

describe("GIVEN a gateway whose upstreams are only known as outputs", () => {
  const refusals = (args: Partial<McpGatewayArgs>): Promise<string[]> =>
    rejectionsOf(deployed(args));

  test("WHEN a service has no private name THEN it is refused with both ways out", async () => {
    assert.deepEqual(
      await refusals({ services: { weather: pulumi.output({ ...ENDPOINT, hostName: "" }) } }),
      [
        "McpGateway: the service `weather` has no private name, by which the gateway would find its replicas. Set `discoverable` of the service and" +
          " `serviceDiscovery` of the platform to true, or give its `url` in `upstreams`.",
      ],
    );
  });

  test("WHEN a service takes another server's tokens THEN credentials are asked for, and taken", async () => {
    const endpoint = pulumi.output({ ...ENDPOINT, authMode: AuthMode.Oidc });
    assert.deepEqual(await refusals({ services: { weather: endpoint } }), [
      "McpGateway: the service `weather` takes tokens of another authorization server, and the gateway has no client there. Give" +
        " `serviceSettings.weather.auth`: a client's id and secret, or a token exchange.",
    ]);
    const auth = { mode: UpstreamAuthMode.Header, secretArn: SECRET };
    assert.deepEqual(
      await refusals({ services: { weather: endpoint }, serviceSettings: { weather: { auth } } }),
      [],
    );
  });

  test("WHEN declared tools have one name THEN they are refused", async () => {
    const services = { weather: pulumi.output({ ...ENDPOINT, declaredTools: ["find"] }) };
    const upstreams = { search: { url: URL, unprefixed: true, declaredTools: ["weather__find"] } };
    assert.deepEqual(await refusals({ services, upstreams }), [
      "McpGateway: the tool `weather__find` would stand for `find` of `weather` and `weather__find` of `search`. Give one of them another `prefix`, or the tool" +
        " another name in `aliases`, or name it in `deny`.",
    ]);
    assert.deepEqual(
      await refusals({ services, upstreams, serviceSettings: { weather: { deny: ["f*"] } } }),
      [],
    );
  });

  test("WHEN calls of an upstream may take longer than those of the gateway THEN it is refused", async () => {
    assert.deepEqual(
      await refusals({
        longestCallSeconds: 60,
        services: { weather: pulumi.output({ ...ENDPOINT, longestCallSeconds: 300 }) },
      }),
      [
        "McpGateway: `longestCallSeconds` is 60, but calls of an upstream may take 300 seconds, and would be ended before. Leave it out, or set `timeoutSeconds`" +
          " or `toolTimeouts` of the upstream to as much at most.",
      ],
    );
  });

  test("WHEN an upstream has a value that Pulumi keeps secret THEN it is refused", async () => {
    assert.deepEqual(
      await refusals({ upstreams: { crm: { url: pulumi.secret("https://example.com/k3y/mcp") } } }),
      [
        "McpGateway: `upstreams.crm` has a secret value, which would stand in plain text in its parameter. Put it into Secrets Manager, and name its ARN in" +
          " `upstreams.crm.auth.secretArn`.",
      ],
    );
  });

  test("WHEN tasks do not reach Parameter Store THEN the gateway is refused with the ways out", async () => {
    const platform = { ...HANDLE, hasInternetAccess: false, interfaceEndpoints: [] };
    const [sentence] = (await refusals({ platform, services: { weather: ENDPOINT } })).filter(
      (each) => each.startsWith("McpGateway"),
    );
    assert.equal(
      sentence,
      "McpGateway: the gateway reads its upstreams from Parameter Store, but the platform's `natGateways` is `none`, and it has no endpoint for `ssm`, where they" +
        " are. Add `ssm` to the platform's `interfaceEndpoints`, or give it NAT gateways, or run it on a platform that has them.",
    );
    assert.equal(NatGateways.None, "none");
  });
});

test("GIVEN services that the gateway would not find WHEN they are looked at THEN they are refused", () => {
  assertRefused(() => {
    checkVpc("weather", "vpc-2", "vpc-1");
  }, "McpGateway: the service `weather` is in the VPC vpc-2, but the gateway is in vpc-1, where nobody knows its private name. Give both the same `platform`, or give the service's `url` in `upstreams`.");
  assertRefused(() => {
    checkEachOnce([
      { name: "a", hostName: "weather.internal" },
      { name: "b", hostName: "weather.internal" },
    ]);
  }, "McpGateway: `services` has one service twice, as `a` and as `b`. Leave one of them out.");
  checkEachOnce([
    { name: "a", hostName: "" },
    { name: "b", hostName: "" },
  ]);
});

test("GIVEN a configuration that no parameter holds WHEN it is looked at THEN it is refused", () => {
  assertRefused(() => {
    checkValue("McpGateway", "upstreams.crm", "ü".repeat(4097));
  }, "McpGateway: `upstreams.crm` takes 8194 bytes as a parameter, which may have 8192. Say less: shorter descriptions and schemas, or an OpenAPI document with `documentUrl`, which does not lie in the parameter.");
  assertRefused(() => {
    checkValue("McpGateway", "upstreams.crm", '{"description":"{{id}}"}');
  }, "McpGateway: `upstreams.crm` has `{{`, which Parameter Store takes for a reference to another parameter. Write it otherwise.");
  checkValue("McpGateway", "upstreams.crm", "x".repeat(8192));
});

test("GIVEN a service that cannot have a private name WHEN it is to be discoverable THEN it is refused", async () => {
  const server = McpServer.Weather;
  assertRefused(
    () => new McpService("weather", { server, discoverable: true }),
    "McpService: `discoverable` is true, but the service has a platform of its own, where nobody would look for it. Give it the `platform` of those who call it, or" +
      " leave `discoverable` out.",
  );
  assertRefused(
    () =>
      new McpService("weather", {
        platform: { ...HANDLE },
        server,
        discoverable: true,
        deploymentStrategy: "CANARY",
      }),
    "McpService: `discoverable` is true, but `deploymentStrategy` is `CANARY`: new replicas have the private name as soon as they are healthy, before the load" +
      " balancer shifts any traffic to them. Set `deploymentStrategy` to `ROLLING`, or leave `discoverable` out and let callers use `url`.",
  );
  assert.deepEqual(
    await rejectionsOf(() => {
      const platform = new McpPlatform("mcp").handle;
      return new McpService("weather", { platform, server, discoverable: true });
    }),
    [
      "McpService: `discoverable` is true, but the platform has no namespace for private names. Set `serviceDiscovery` of the platform to true.",
    ],
  );
});

test("GIVEN the server of a gateway WHEN it is to be a plain service THEN the component for it is named", () => {
  assertRefused(
    () => new McpService("tools", { platform: { ...HANDLE }, server: McpServer.Gateway }),
    "McpService: `server` is `gateway`, which needs its upstreams and the way to them. Declare an `McpGateway`, which takes the same arguments.",
  );
});
