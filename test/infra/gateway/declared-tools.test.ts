/** The tools of bundled servers stand twice, in the servers and in what a preview knows of them: both must always say the same. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { declaredTools } from "../../../infra/gateway/declared-tools.ts";
import {
  AuthMode,
  McpGateway,
  McpServer,
  McpService,
  type McpGatewayArgs,
  type McpServiceArgs,
} from "../../../infra/index.ts";
import { classify } from "../../../service/servers/classifier/classify.ts";
import { translate } from "../../../service/servers/translator/translate.ts";
import { weather } from "../../../service/servers/weather/index.ts";
import { deploy, rejectionsOf, valueOf } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const URL = "https://forecasts.example.com/mcp";

/** The weather server behind a gateway, beside whatever else is given. */
function behindGateway(
  given: Partial<McpServiceArgs> = {},
  further: Partial<McpGatewayArgs> = {},
): McpGateway {
  const { endpoint } = new McpService("weather", {
    platform: { ...HANDLE },
    server: McpServer.Weather,
    path: "/weather/mcp",
    discoverable: true,
    auth: { mode: AuthMode.None },
    ...given,
  });
  return new McpGateway("tools", {
    platform: { ...HANDLE },
    path: "/tools/mcp",
    auth: { mode: AuthMode.None },
    services: { weather: endpoint },
    ...further,
  });
}

describe("GIVEN the bundled weather server", () => {
  test("WHEN it starts THEN it offers the tools that the infrastructure has for it", async () => {
    const { tools, stop } = weather.start({ environment: {} });
    await stop();

    assert.deepEqual(
      await valueOf(declaredTools({ server: McpServer.Weather })),
      tools.map(({ name }) => name),
    );
  });

  test("WHEN it stands behind a gateway THEN a preview knows what clients will see, and the gateway is told", async () => {
    const declaration = await deploy(() => valueOf(behindGateway().toolNames));

    assert.deepEqual(declaration.result, ["weather__get_alerts", "weather__get_forecast"]);
    const { inputs } = declaration.only("aws:ssm/parameter:Parameter", "tools-weather");
    const { declaredTools: told } = JSON.parse(String(inputs["insecureValue"])) as {
      declaredTools: unknown;
    };
    assert.deepEqual(told, ["get_alerts", "get_forecast"]);
  });

  test("WHEN another upstream has a tool of the same name THEN a preview refuses it", async () => {
    const rejections = await rejectionsOf(() =>
      behindGateway(
        {},
        {
          serviceSettings: { weather: { unprefixed: true } },
          upstreams: { other: { url: URL, unprefixed: true, declaredTools: ["get_alerts"] } },
        },
      ),
    );

    assert.deepEqual(rejections, [
      "McpGateway: the tool `get_alerts` would stand for `get_alerts` of `weather` and `get_alerts` of `other`. Give one of them another `prefix`, or the tool another name in `aliases`," +
        " or name it in `deny`.",
    ]);
  });

  test("WHEN the program declares tools itself THEN these count, none included", async () => {
    const named = async (given: Partial<McpServiceArgs>): Promise<readonly string[]> =>
      (await deploy(() => valueOf(behindGateway(given).toolNames))).result;

    assert.deepEqual(await named({ declaredTools: [pulumi.output("find")] }), ["weather__find"]);
    assert.deepEqual(await named({ declaredTools: [] }), []);
  });
});

test("GIVEN the servers that run a model THEN the infrastructure has their tools", async () => {
  const model = {
    manifest: { repository: "owner/name", revision: "0".repeat(40) },
    device: "cpu",
    about: { languages: ["en"] },
    settings: { queueSize: 1, workers: 1, batchSize: 1 },
  };
  const translating = translate(model as unknown as Parameters<typeof translate>[0], {
    maxCharacters: 1,
    source: "en",
  });
  const classifying = classify({ model, images: {} } as unknown as Parameters<typeof classify>[0]);

  assert.deepEqual(await valueOf(declaredTools({ server: McpServer.Translator })), [
    translating.name,
  ]);
  assert.deepEqual(await valueOf(declaredTools({ server: McpServer.Classifier })), [
    classifying.name,
  ]);
});

test("GIVEN a server whose tools nobody knows WHEN its endpoint is made THEN it declares none", async () => {
  const known = (args: Pick<McpServiceArgs, "server">): Promise<readonly string[]> =>
    valueOf(declaredTools(args));

  assert.deepEqual(await known({ server: McpServer.Stdio }), []);
  assert.deepEqual(await known({ server: McpServer.Gateway }), []);
  assert.deepEqual(await known({}), []);
});
