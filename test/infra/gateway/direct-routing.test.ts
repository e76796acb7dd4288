/** Calls that the load balancer sends straight to a service, past its gateway. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AuthMode,
  DeploymentStrategy,
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  type Auth,
  type DirectRouting,
  type McpGatewayArgs,
  type McpServiceArgs,
  type UpstreamSettings,
} from "../../../infra/index.ts";
import { checkListener } from "../../../infra/gateway/direct-rules-check.ts";
import { checkGateway } from "../../../infra/gateway/gateway-args.ts";
import {
  claimDirectRules,
  claimPlace,
  directRulePriority,
  productionRulePriority,
  rulePriority,
} from "../../../infra/ingress/rule-priority.ts";
import { checkService, withDefaults } from "../../../infra/service-args.ts";
import { readConfiguration } from "../../../service/runtime/configuration.ts";
import { arn, assertRefused, deploy, rejectionsOf, valueOf, type Declaration } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const RULE = "aws:lb/listenerRule:ListenerRule";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const IMAGE = `123456789012.dkr.ecr.us-east-1.amazonaws.com/server@sha256:${"0".repeat(64)}`;
const OIDC: Auth = {
  mode: AuthMode.Oidc,
  issuer: "https://login.example.com",
  clientIds: ["agents"],
  requiredScopes: ["call"],
};

/** Declares a gateway with direct routing, and a service `weather` behind it. */
function program(
  given: {
    readonly gateway?: Partial<McpGatewayArgs>;
    readonly service?: Partial<McpServiceArgs>;
    readonly routing?: DirectRouting | undefined;
  } = {},
): () => McpGateway {
  return () => {
    const platform = { ...HANDLE, domainNames: ["mcp.example.com", "tools.example.com"] };
    const routing = "routing" in given ? given.routing : { prefix: "weather", path: "/tools/mcp" };
    const weather = new McpService("weather", {
      platform,
      image: IMAGE,
      path: "/weather/mcp",
      discoverable: true,
      ...(routing === undefined ? {} : { directRouting: routing }),
      ...given.service,
    });
    return new McpGateway("tools", {
      platform,
      path: "/tools/mcp",
      services: { weather: weather.endpoint },
      directRouting: true,
      ...given.gateway,
    });
  };
}

/** The rule that leads past the gateway. */
const ruleOf = (declaration: Declaration<unknown>): Record<string, unknown> =>
  declaration.only(RULE, "tools-weather-direct").inputs;

function environmentOf(declaration: Declaration<unknown>, name: string): Record<string, string> {
  const text = String(declaration.only(TASK, name).inputs["containerDefinitions"]);
  const [container] = JSON.parse(text) as [{ environment: { name: string; value: string }[] }];
  return Object.fromEntries(container.environment.map((entry) => [entry.name, entry.value]));
}

/** What the service's container understands of its variables. */
function configured(declaration: Declaration<unknown>) {
  return readConfiguration(environmentOf(declaration, "weather"));
}

describe("GIVEN a gateway with direct routing", () => {
  test("WHEN it is deployed THEN calls of the service's tools have a rule before the gateway's own", async () => {
    const declaration = await deploy(program({ gateway: { tags: { team: "blue" } } }));
    declaration.assertNothingUndefined();
    declaration.assertUrnsUnique();
    const { priority, ...rule } = ruleOf(declaration);

    assert.deepEqual(rule, {
      listenerArn: "arn:listener",
      conditions: [
        { pathPattern: { values: ["/tools/mcp"] } },
        { httpHeader: { httpHeaderName: "Mcp-Name", values: ["weather__*"] } },
        { httpHeader: { httpHeaderName: "Mcp-Method", values: ["tools/call"] } },
        { httpHeader: { httpHeaderName: "MCP-Protocol-Version", values: ["2026-07-28"] } },
      ],
      actions: [
        {
          type: "forward",
          targetGroupArn: arn("elasticloadbalancing", "targetgroup/weather/943f017f100becff"),
        },
      ],
      tags: { team: "blue" },
    });
    assert.equal(priority, directRulePriority("weather", "/tools/mcp"));
  });

  test("WHEN it has a host name THEN the rule asks for it, with as many values as AWS takes", async () => {
    const hostName = "tools.example.com";
    const declaration = await deploy(
      program({
        gateway: { hostName, path: "/mcp" },
        routing: { prefix: "weather", hostName },
      }),
    );
    const { conditions, priority } = ruleOf(declaration);
    assert.deepEqual((conditions as unknown[]).at(-1), { hostHeader: { values: [hostName] } });
    assert.equal((conditions as unknown[]).length, 5);
    assert.equal(priority, directRulePriority("weather", "/mcp", hostName));
    assert.equal(
      environmentOf(declaration, "weather")["MCP_DIRECT_URL"],
      "https://tools.example.com/mcp",
    );
  });

  test("WHEN the service has another prefix THEN the rule is of that one", async () => {
    const declaration = await deploy(
      program({
        gateway: { serviceSettings: { weather: { prefix: "sky" } } },
        routing: { prefix: "sky", path: "/tools/mcp" },
      }),
    );
    assert.deepEqual((ruleOf(declaration)["conditions"] as unknown[])[1], {
      httpHeader: { httpHeaderName: "Mcp-Name", values: ["sky__*"] },
    });
  });

  test("WHEN callers have tokens of Cognito THEN the service takes those for the gateway at the gateway's path", async () => {
    const { direct } = configured(await deploy(program()));
    assert.equal(direct?.prefix, "weather");
    assert.equal(direct.gateway?.url.href, "https://mcp.example.com/tools/mcp");
    assert.ok(direct.gateway.auth.mode === "oidc");
    const { audiences, bindingScopes, clientIds, requiredScopes, scopePrefix } =
      direct.gateway.auth;
    assert.deepEqual(
      { audiences, bindingScopes, clientIds, requiredScopes, scopePrefix },
      {
        audiences: ["https://mcp.example.com/tools/mcp"],
        bindingScopes: ["https://mcp.example.com/tools/mcp/call"],
        clientIds: [],
        requiredScopes: ["https://mcp.example.com/tools/mcp/call"],
        scopePrefix: "https://mcp.example.com/tools/mcp/",
      },
    );
  });

  test("WHEN callers have tokens of another issuer THEN both ask for the same", async () => {
    const declaration = await deploy(
      program({
        gateway: {
          auth: { ...OIDC, audiences: ["b", "a"] },
          serviceSettings: {
            weather: {
              auth: {
                mode: "client-credentials",
                tokenEndpoint: "https://login.example.com/token",
                clientId: "gateway",
                secretArn: arn("secretsmanager", "secret:key-AbCdEf"),
              },
            },
          },
        },
        service: { auth: { ...OIDC, audiences: ["a", "b"] } },
      }),
    );
    const { auth, direct } = configured(declaration);
    assert.deepEqual(direct?.gateway?.auth, { ...auth, bindingScopes: [] });
  });

  test("WHEN nobody has to prove who they are THEN neither asks", async () => {
    const auth = { mode: AuthMode.None };
    const declaration = await deploy(program({ gateway: { auth }, service: { auth } }));
    assert.deepEqual(configured(declaration).direct?.gateway?.auth, { mode: "none" });
  });

  test("WHEN nothing exists yet THEN a preview knows what the two must agree on, and shows the rule", async () => {
    const declaration = await deploy(
      () => {
        const platform = new McpPlatform("mcp", { serviceDiscovery: true }).handle;
        const weather = new McpService("weather", {
          platform,
          server: McpServer.Weather,
          path: "/weather/mcp",
          discoverable: true,
          directRouting: { prefix: "weather" },
        });
        new McpGateway("tools", {
          platform,
          services: { weather: weather.endpoint },
          directRouting: true,
        });
        const { access, path, prefix } = weather.endpoint.directRouting;
        return Promise.all([valueOf(prefix), valueOf(path), valueOf(access)]);
      },
      { preview: true },
    );
    assert.deepEqual(declaration.result, [
      "weather",
      "/mcp",
      '{"mode":"cognito","lists":[[],[],[],[],[]]}',
    ]);
    assert.equal(ruleOf(declaration)["priority"], directRulePriority("weather", "/mcp"));
  });

  test("WHEN it is not asked for THEN there is no rule, and the service learns of no gateway", async () => {
    const declaration = await deploy(
      program({ gateway: { directRouting: false }, routing: undefined }),
    );
    assert.deepEqual(
      declaration.resources.filter(({ name }) => name.endsWith("-direct")),
      [],
    );
    assert.equal(configured(declaration).direct, undefined);
  });
});

describe("GIVEN direct routing that would be another answer than the gateway's", () => {
  const service = {} as NonNullable<McpGatewayArgs["services"]>[string];
  const refused = (args: Partial<McpGatewayArgs>, sentence: string): void => {
    assertRefused(() => {
      checkGateway("tools", {
        platform: HANDLE,
        services: { weather: service },
        directRouting: true,
        ...args,
      });
    }, `McpGateway: ${sentence}`);
  };
  const rejected = async (make: () => unknown, sentence: string): Promise<void> => {
    assert.deepEqual([...new Set(await rejectionsOf(make))], [`McpGateway: ${sentence}`]);
  };

  test("WHEN a setting holds at the gateway alone THEN it is refused", () => {
    const settings: readonly UpstreamSettings[] = [
      { unprefixed: true },
      { allow: ["get_*"] },
      { deny: ["delete_*"] },
      { aliases: { a: "b" } },
      { rules: [{ tools: ["weather__*"], scopes: ["read"] }] },
      { timeoutSeconds: 10 },
      { toolTimeouts: { a: 10 } },
      { maxOngoingRequests: 10 },
    ];
    for (const weather of settings) {
      refused(
        { serviceSettings: { weather } },
        `\`directRouting\` is true, but \`serviceSettings.weather.${Object.keys(weather).join()}\` would hold only for calls that come by the gateway. Leave one of them out.`,
      );
    }
    assert.doesNotThrow(() => {
      checkGateway("tools", {
        platform: HANDLE,
        services: { weather: service },
        serviceSettings: { weather: { idempotentTools: ["get_*"], unprefixed: false } },
        directRouting: true,
      });
    });
  });

  test("WHEN there is nothing to route to, or tokens would not hold THEN it is refused", () => {
    refused(
      { services: {} },
      "`directRouting` is true, but there are no `services`: the load balancer sends calls to services of the program alone. Leave it out.",
    );
    refused(
      { auth: { mode: AuthMode.StaticToken } },
      "`directRouting` is true, but `auth.mode` is `static-token`: the services have tokens of their own, and would refuse the gateway's. Set `auth.mode` to `cognito` or" +
        " `oidc`, or leave `directRouting` out.",
    );
    refused(
      { auth: { edgeTokenValidation: true } },
      "`directRouting` and `auth.edgeTokenValidation` are true, but the rule that checks tokens takes every call before the rules of the services. Leave one of them out.",
    );
    refused(
      { upstreams: { crm: { url: "https://example.com/mcp", unprefixed: true } } },
      "`directRouting` is true, but `upstreams.crm.unprefixed` is, too: the load balancer would send a tool of that upstream to a service whose prefix its name" +
        " happens to begin with. Leave one of them out.",
    );
  });

  test("WHEN a load balancer could not tell prefixes apart THEN it is refused", () => {
    const url = "https://example.com/mcp";
    for (const prefix of ["Weather", "weather__eu", "weather_"]) {
      const sentence =
        `\`directRouting\` is true, but a load balancer takes names of \`crm\`, which begin with \`${prefix}__\`, for names of the prefix \`weather\`. Give one of` +
        " them another `prefix`.";
      refused({ upstreams: { crm: { url, prefix } } }, sentence);
      refused(
        { services: { weather: service, crm: service }, serviceSettings: { crm: { prefix } } },
        sentence,
      );
    }
    assert.doesNotThrow(() => {
      checkGateway("tools", {
        platform: HANDLE,
        services: { weather: service },
        directRouting: true,
        upstreams: { weath: { url }, "weather-eu": { url } },
      });
    });
  });

  test("WHEN the service is declared for no gateway, or another one THEN it is refused with what to declare", async () => {
    const wanted = `\`directRouting: { prefix: "weather", path: "/tools/mcp" }\`.`;
    await rejected(
      program({ routing: undefined }),
      `\`directRouting\` is true, but the service \`weather\` is not declared for it: its replicas would not know the gateway's path, its names and its callers. Give it ${wanted}`,
    );
    const differs: readonly (readonly [DirectRouting, string, string, string])[] = [
      [{ prefix: "sky", path: "/tools/mcp" }, "prefix", "sky", "weather"],
      [{ prefix: "weather" }, "path", "/mcp", "/tools/mcp"],
      [
        { prefix: "weather", path: "/tools/mcp", hostName: "tools.example.com" },
        "hostName",
        "tools.example.com",
        "",
      ],
    ];
    for (const [routing, fact, declared, own] of differs) {
      await rejected(
        program({ routing }),
        `\`directRouting.${fact}\` of the service \`weather\` is \`${declared}\`, but this gateway's is \`${own}\`. Give the service ${wanted}`,
      );
    }
  });

  test("WHEN the two let different callers through THEN it is refused", async () => {
    const sentence =
      "`directRouting` is true, but the service `weather` lets other callers through than the gateway: `auth`, `allowedHosts` or `allowedOrigins` of the two differ. Give both the same.";
    const none = { auth: { mode: AuthMode.None } };
    await rejected(program({ service: none }), sentence);
    await rejected(program({ gateway: none }), sentence);
    await rejected(program({ gateway: { auth: { clockSkewSeconds: 60 } } }), sentence);
    await rejected(program({ gateway: { allowedOrigins: ["app.example.com"] } }), sentence);
    await rejected(program({ gateway: { allowedHosts: ["tools.example.net"] } }), sentence);
    await deploy(
      program({
        gateway: { auth: { scopes: { read: "Read." } }, allowedOrigins: ["app.example.com"] },
        service: { allowedOrigins: ["app.example.com"] },
      }),
    );
  });

  test("WHEN the service stands behind another load balancer THEN it is refused", () => {
    assertRefused(() => {
      checkListener("weather", "arn:other", "arn:listener");
    }, "McpGateway: `directRouting` is true, but the service `weather` stands behind another load balancer than the gateway. Give both the same `platform`.");
    assert.doesNotThrow(() => {
      checkListener("weather", "arn:listener", "arn:listener");
    });
  });
});

test("GIVEN a service that could not answer a gateway's calls WHEN it is declared THEN it is refused", () => {
  const refused = (
    directRouting: DirectRouting,
    sentence: string,
    more: Partial<McpServiceArgs> = {},
  ): void => {
    const args: McpServiceArgs = {
      platform: HANDLE,
      image: IMAGE,
      path: "/weather/mcp",
      discoverable: true,
      directRouting,
      ...more,
    };
    assertRefused(() => {
      checkService("weather", args, withDefaults(args));
    }, `McpService: ${sentence}`);
  };
  const prefix = "weather";
  refused(
    { prefix: "_" },
    "`directRouting.prefix` is `_`; give a letter or digit and up to 30 more letters, digits, `_` and `-`: what the gateway puts before the names of the service's tools.",
  );
  refused(
    { prefix, path: "/weather/MCP" },
    "`directRouting.path` is `/weather/MCP`, as the service's own `path`: the container could not tell the gateway's callers from its own. Give the service another `path`.",
  );
  refused(
    { prefix },
    "`directRouting.path` is `/mcp`, as the service's own `path`: the container could not tell the gateway's callers from its own. Give the service another `path`.",
    { path: "/mcp" },
  );
  refused(
    { prefix, path: "/healthz" },
    "`path` is `/healthz`, where the container answers health checks or metadata; give another, such as `/mcp`.",
  );
  refused(
    { prefix },
    "`directRouting` is given, but the service cannot stand behind a gateway. Give it the gateway's `platform`, and set `discoverable` to true.",
    { discoverable: false },
  );
  refused(
    { prefix },
    "`directRouting` is given, but `auth.mode` is `static-token`: gateway and service each have a token of their own, and one call could not carry both. Set both" +
      " modes to `cognito` or `oidc`, or leave `directRouting` out.",
    { auth: { mode: AuthMode.StaticToken } },
  );
  // ECS would move the weights of the service's own rule alone.
  assert.throws(() => {
    const args: McpServiceArgs = {
      platform: HANDLE,
      image: IMAGE,
      path: "/weather/mcp",
      discoverable: true,
      directRouting: { prefix },
      deploymentStrategy: DeploymentStrategy.BlueGreen,
    };
    checkService("weather", args, withDefaults(args));
  }, /`discoverable` is true, but `deploymentStrategy`/u);
});

test("GIVEN a platform whose load balancer has no room, or a priority that is taken WHEN rules are claimed THEN they are refused", () => {
  const place = { path: "/tools/mcp", hostName: undefined };
  const full = {};
  const prefixes = Array.from({ length: 101 }, (_, index) => `service-${index}`);
  assertRefused(() => {
    claimDirectRules("tools", full, place, prefixes);
  }, "McpGateway: `directRouting` of `tools` takes 101 rules, one of each service; a load balancer takes 100, and there are 0 already. Leave it out," + " or give the gateway and its services another platform.");
  const platform = {};
  claimPlace("weather", platform, { path: "/weather/mcp", validatesTokens: true });
  assertRefused(() => {
    claimDirectRules("tools", platform, place, prefixes.slice(0, 99));
  }, "McpGateway: `directRouting` of `tools` takes 99 rules, one of each service; a load balancer takes 100, and there are 2 already. Leave it out," + " or give the gateway and its services another platform.");
  const twice = {};
  const priority = directRulePriority("weather", "/tools/mcp");
  claimDirectRules("tools", twice, place, ["weather"]);
  assertRefused(() => {
    claimDirectRules("others", twice, place, ["weather"]);
  }, `McpGateway: \`directRouting\` of \`others\`: the rule of the prefix \`weather\` and \`tools, weather\` share the rule priority ${priority}. Give the service another prefix.`);
});

test("GIVEN a gateway's path WHEN the priorities of its rules are reckoned THEN they come before its own, and after those of other services' hosts", () => {
  for (const path of ["/mcp", "/tools/mcp", "/gateway/mcp"]) {
    for (const host of [undefined, "tools.example.com"]) {
      const own = Math.min(rulePriority(path, host), productionRulePriority(path, host));
      const first = host === undefined ? 25_001 : 1;
      const priorities = Array.from({ length: 100 }, (_, index) =>
        directRulePriority(`service-${index}`, path, host),
      );
      assert.ok(priorities.every((priority) => priority >= first && priority < own));
      assert.ok(new Set(priorities).size > 90);
    }
  }
});
