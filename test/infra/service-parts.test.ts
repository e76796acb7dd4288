import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AuthMode,
  DeploymentStrategy,
  Exposure,
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  type McpServiceArgs,
} from "../../infra/index.ts";
import { deploy, rejectionsOf } from "./mocks.ts";

type Given = Partial<McpServiceArgs>;

/** A service that steers nothing, so that each test says what its parts are. */
const PLAIN: Given = { alarms: false, dashboard: false, auth: { mode: AuthMode.None } };

const SHIFTING: Given = {
  deploymentStrategy: DeploymentStrategy.Canary,
  targetOngoingRequests: 20,
};

const VALIDATING: Given = { auth: { edgeTokenValidation: true } };

const platformOf = (): McpPlatform =>
  new McpPlatform("mcp", {
    exposure: Exposure.Domain,
    domainName: "mcp.example.com",
    hostedZoneId: "Z0123456789ABCDEFGHIJ",
    serviceDiscovery: true,
  });

/** Two services of a platform. */
const pair =
  (first: string, second: string, ofFirst: Given, ofSecond: Given = {}) =>
  (): void => {
    const platform = platformOf().handle;
    for (const [name, further] of [
      [first, ofFirst],
      [second, ofSecond],
    ] as const) {
      const server = McpServer.Weather;
      new McpService(name, { platform, server, path: `/${name}/mcp`, ...PLAIN, ...further });
    }
  };

const sentence = (second: string, first: string, part: string): string =>
  `McpService: \`${second}\` and \`${first}\` share a platform, and each would have ${part}. Give one of them a name that does not begin with the other's.`;

describe("GIVEN two services of a platform whose parts would have one URN", () => {
  const clashes = [
    ["cpu", {}, {}, "a scaling policy of the name `docs-cpu`"],
    ["burst", { targetOngoingRequests: 20 }, {}, "a scaling policy of the name `docs-burst`"],
    [
      "ongoing-requests",
      { targetOngoingRequests: 20 },
      {},
      "a scaling policy of the name `docs-ongoing-requests`",
    ],
    ["alternate", SHIFTING, {}, "a target group of the name `docs-alternate`"],
    ["production", SHIFTING, {}, "a listener rule of the name `docs-production`"],
    ["tokens", VALIDATING, {}, "a listener rule of the name `docs-tokens`"],
    ["zone", { alarms: true }, { alarms: true }, "an alarm of the name `docs-zone-unavailable`"],
  ] as const;

  for (const [word, ofFirst, ofSecond, part] of clashes) {
    const other = `docs-${word}`;

    test(`WHEN they are named docs and ${other} THEN the second one is refused with the part, whichever it is`, async () => {
      await assert.rejects(deploy(pair("docs", other, ofFirst, ofSecond)), {
        message: sentence(other, "docs", part),
      });
      await assert.rejects(deploy(pair(other, "docs", ofSecond, ofFirst)), {
        message: sentence("docs", other, part),
      });
    });
  }

  test("WHEN every part there is has been declared THEN no other kind could meet one of its own", async () => {
    const { resources } = await deploy(() => {
      const platform = platformOf().handle;
      const server = McpServer.Weather;
      const all = { platform, server, rollbackErrorPercent: 2, alarms: true };
      new McpService("one", {
        ...all,
        auth: {
          edgeTokenValidation: true,
          signIn: { callbackUrls: ["https://app.example.com/callback"] },
        },
        discoverable: true,
        requestCountPerTarget: 600,
        targetOngoingRequests: 20,
        enableExecuteCommand: true,
        taskPolicy: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::documents/*"] }],
        volumes: [{ name: "models", containerPath: "/models" }],
      });
      new McpService("two", {
        ...all,
        path: "/two/mcp",
        auth: { mode: AuthMode.StaticToken },
        ...SHIFTING,
      });
    });
    const suffixes = new Map<string, Set<string>>();
    for (const { type, name } of resources) {
      const suffix = /^(?:one|two)(?<suffix>.*)$/u.exec(name)?.groups?.["suffix"];
      if (suffix === undefined) continue;
      suffixes.set(type, (suffixes.get(type) ?? new Set()).add(suffix));
    }
    const words = [...suffixes.values()].flatMap((all) =>
      [...all].flatMap((long) =>
        [...all].flatMap((short) =>
          long !== short && long.endsWith(short) ? [long.slice(1, long.length - short.length)] : [],
        ),
      ),
    );
    assert.deepEqual([...new Set(words)].sort(), clashes.map(([word]) => word).sort());
  });
});

test("GIVEN services whose names begin alike WHEN none of their parts meet THEN they are deployed", async () => {
  await deploy(pair("docs", "docs-production", {}, {}));
  await deploy(pair("docs", "docs-cpu", { cpuTargetPercent: 0 }, {}));
  await deploy(pair("docs", "docs-zone", { alarms: true }, {}));
});

test("GIVEN a service and a gateway WHEN parts of both have one name THEN they are deployed: their URNs differ", async () => {
  const program = (): void => {
    const platform = platformOf().handle;
    const auth = { mode: AuthMode.None } as const;
    new McpService("docs", { platform, server: McpServer.Weather, path: "/docs/mcp", auth });
    new McpGateway("docs-cpu", {
      platform,
      path: "/gateway/mcp",
      auth,
      upstreams: { mail: { url: "https://mail.example.com/mcp" } },
    });
  };
  assert.deepEqual(await rejectionsOf(program), []);
});
