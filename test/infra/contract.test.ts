import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { contractEnvironment, mergeEnvironment, refuseReserved } from "../../infra/contract.ts";
import { AuthMode } from "../../infra/identity.ts";
import { withDefaults, type McpServiceArgs } from "../../infra/service-args.ts";
import { assertRefused, deploy, rejectionsOf, valueOf } from "./mocks.ts";

async function contract(args: McpServiceArgs): Promise<Record<string, string>> {
  const { result } = await deploy(() =>
    contractEnvironment(args, withDefaults(args), 60, pulumi.output("https://mcp.example.com/mcp")),
  );
  return valueOf(result);
}

test("GIVEN no arguments WHEN the contract is written THEN the container learns the defaults", async () => {
  assert.deepEqual(await contract({}), {
    AUTH_MODE: "static-token",
    DRAIN_SECONDS: "10",
    KEEP_ALIVE_SECONDS: "75",
    MCP_PATH: "/mcp",
    MCP_PUBLIC_URL: "https://mcp.example.com/mcp",
    PORT: "8080",
  });
});

test("GIVEN every argument WHEN the contract is written THEN each has its variable", async () => {
  assert.deepEqual(
    await contract({
      path: "/weather/mcp",
      port: pulumi.output(3000),
      drainSeconds: 0,
      auth: { mode: AuthMode.None },
      allowedHosts: ["mcp.example.org", pulumi.output("mcp.example.net")],
      allowedOrigins: pulumi.output(["app.example.com"]),
    }),
    {
      AUTH_MODE: "none",
      DRAIN_SECONDS: "0",
      KEEP_ALIVE_SECONDS: "75",
      MCP_ALLOWED_HOSTS: "mcp.example.org,mcp.example.net",
      MCP_ALLOWED_ORIGINS: "app.example.com",
      MCP_PATH: "/weather/mcp",
      MCP_PUBLIC_URL: "https://mcp.example.com/mcp",
      PORT: "3000",
    },
  );
});

test("GIVEN empty lists WHEN the contract is written THEN they are not declared at all", async () => {
  const environment = await contract({ allowedHosts: [], allowedOrigins: [] });

  assert.ok(!("MCP_ALLOWED_HOSTS" in environment));
  assert.ok(!("MCP_ALLOWED_ORIGINS" in environment));
});

test("GIVEN a longer idle timeout of the load balancer WHEN the contract is written THEN the container's connections outlive it", async () => {
  for (const idleTimeoutSeconds of [1, 60, 4000]) {
    const { result } = await deploy(() =>
      contractEnvironment({}, withDefaults({}), pulumi.output(idleTimeoutSeconds), "http://x/mcp"),
    );
    const { KEEP_ALIVE_SECONDS } = await valueOf(result);
    assert.equal(KEEP_ALIVE_SECONDS, String(idleTimeoutSeconds + 15));
  }
});

test("GIVEN a bundled server's variables and the user's WHEN they are merged THEN the user's replace them, and the contract's stand", async () => {
  const { result } = await deploy(() =>
    mergeEnvironment(
      { WEATHER_API_URL: "https://api.weather.gov", KEPT: "bundled" },
      pulumi.output({ WEATHER_API_URL: "https://weather.example", MINE: pulumi.output("mine") }),
      { PORT: "8080" },
    ),
  );

  assert.deepEqual(await valueOf(result), {
    WEATHER_API_URL: "https://weather.example",
    KEPT: "bundled",
    MINE: "mine",
    PORT: "8080",
  });
});

const WAY_OUT =
  ", which the component sets itself from `auth`, `path`, `port`, `drainSeconds`, `allowedHosts` and `allowedOrigins`. Use those arguments.";

test("GIVEN a variable that the contract sets WHEN the user sets it too THEN it is refused", async () => {
  const set = await contract({ allowedHosts: ["a.example"], allowedOrigins: ["b.example"] });
  for (const name of [...Object.keys(set), "AUTH_STATIC_TOKENS"]) {
    assertRefused(() => {
      refuseReserved(["MINE", name]);
    }, `McpService: \`environment\` or \`secrets\` sets \`${name}\`${WAY_OUT}`);
  }
  assertRefused(() => {
    refuseReserved(["PORT", "MINE", "MCP_PATH"]);
  }, `McpService: \`environment\` or \`secrets\` sets \`PORT\`, \`MCP_PATH\`${WAY_OUT}`);
});

test("GIVEN variables of the user's own WHEN they are checked THEN they pass", () => {
  refuseReserved([]);
  refuseReserved(["LOG_LEVEL", "MAX_BODY_BYTES", "port", "MY_PORT", "WEATHER_API_URL"]);
});

test("GIVEN a reserved variable in an output WHEN it is merged THEN the output fails with the sentence", async () => {
  assert.deepEqual(
    await rejectionsOf(() => mergeEnvironment({}, pulumi.output({ PORT: "1" }), {})),
    [`McpService: \`environment\` or \`secrets\` sets \`PORT\`${WAY_OUT}`],
  );
});
