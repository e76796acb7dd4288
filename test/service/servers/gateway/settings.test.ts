import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../../../service/runtime/configuration-error.ts";
import { readGatewaySettings } from "../../../../service/servers/gateway/settings.ts";

test("GIVEN nothing but where the upstreams are WHEN the settings are read THEN they are the defaults", () => {
  assert.deepEqual(readGatewaySettings({ GATEWAY_PARAMETER_PATH: "/tools/upstreams/" }), {
    source: { kind: "parameters", path: "/tools/upstreams/" },
    pollMilliseconds: 10_000,
    graceMilliseconds: 60_000,
    search: false,
    pinnedTools: [],
    scopePrefix: "",
    emf: false,
  });
});

test("GIVEN all variables WHEN the settings are read THEN each is there", () => {
  assert.deepEqual(
    readGatewaySettings({
      GATEWAY_UPSTREAMS_FILE: "upstreams.json",
      GATEWAY_POLL_SECONDS: "1",
      GATEWAY_GRACE_SECONDS: "0",
      GATEWAY_SEARCH: "true",
      GATEWAY_PINNED_TOOLS: "weather__*, crm__find",
      AUTH_SCOPE_PREFIX: "api/",
      MCP_METRICS: "emf",
    }),
    {
      source: { kind: "file", path: "upstreams.json" },
      pollMilliseconds: 1000,
      graceMilliseconds: 0,
      search: true,
      pinnedTools: ["weather__*", "crm__find"],
      scopePrefix: "api/",
      emf: true,
    },
  );
});

const refused: [given: Record<string, string>, message: RegExp][] = [
  [{}, /^The gateway does not know where its upstreams are\./u],
  [
    { GATEWAY_PARAMETER_PATH: "/a", GATEWAY_UPSTREAMS_FILE: "b" },
    /are both set: the upstreams are in one place/u,
  ],
  [{ GATEWAY_PARAMETER_PATH: "tools" }, /`GATEWAY_PARAMETER_PATH` \(`tools`\) is no path/u],
  [{ GATEWAY_PARAMETER_PATH: "/" }, /is no path/u],
  [{ GATEWAY_PARAMETER_PATH: "/a", GATEWAY_POLL_SECONDS: "61" }, /is not between 1 and 60/u],
  [{ GATEWAY_PARAMETER_PATH: "/a", GATEWAY_SEARCH: "yes" }, /is neither `true` nor `false`/u],
  [{ GATEWAY_PARAMETER_PATH: "/a", GATEWAY_PINNED_TOOLS: "x" }, /would change nothing/u],
];
for (const [given, message] of refused)
  test(`GIVEN ${JSON.stringify(given)} WHEN the settings are read THEN a sentence says what is wrong`, () => {
    assert.throws(
      () => readGatewaySettings(given),
      (error) => error instanceof ConfigurationError && message.test(error.message),
    );
  });
