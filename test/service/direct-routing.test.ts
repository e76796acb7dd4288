/** Calls of a gateway's clients, which the load balancer sends straight here. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { z } from "zod";
import { ConfigurationError } from "../../service/runtime/configuration-error.ts";
import { readConfiguration } from "../../service/runtime/configuration.ts";
import type { ServerDefinition } from "../../service/runtime/server.ts";
import { defineTool } from "../../service/runtime/tool.ts";
import { clientName } from "../../service/servers/gateway/names.ts";
import { startIssuer, type Issuer } from "./auth/issuer.ts";
import { fakeRelay } from "./hot-path/fake-relay.ts";
import {
  modernHeaders,
  modernRequest,
  resultOf,
  send,
  startTestHost,
  type Reply,
  type Started,
} from "./running-host.ts";

const GATEWAY = "https://tools.example.com/tools/mcp";
const DIRECT = { MCP_DIRECT_URL: GATEWAY, MCP_TOOL_PREFIX: "weather" };
const LONG = `get_${"very_".repeat(12)}long_name`;

const greet = defineTool({
  name: "greet",
  description: "Greets.",
  input: z.object({ whom: z.string() }),
  run: ({ whom }) => `Hello, ${whom}.`,
});
const secret = defineTool({
  name: "secret",
  description: "For a few.",
  scopes: ["secrets"],
  run: () => "A secret.",
});
const long = defineTool({ name: LONG, description: "Long.", run: () => "Long." });
const TOOLS: Partial<ServerDefinition> = {
  tools: [greet, secret, long],
  prompts: [{ name: "review", render: () => "Review it." }],
};

/** Calls a tool, or gets a prompt, by 2026-07-28. */
function ask(
  started: Started,
  path: string,
  name: string,
  {
    method = "tools/call",
    headers = {},
  }: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<Reply> {
  const params = { name, ...(method === "tools/call" ? { arguments: { whom: "Ada" } } : {}) };
  return send(started, path, {
    method: "POST",
    headers: { ...modernHeaders(method), "Mcp-Name": name, ...headers },
    body: JSON.stringify(modernRequest(method, params)),
  });
}

const errorOf = ({ body }: Reply): { readonly code: number; readonly message: string } =>
  (JSON.parse(body) as { error: { code: number; message: string } }).error;

const textOf = (reply: Reply): unknown =>
  (resultOf(reply)["content"] as { text: string }[] | undefined)?.[0]?.text;

describe("GIVEN a server that a gateway's load balancer sends calls to", () => {
  for (const [kind, definition] of [
    ["an author's", TOOLS],
    ["a relay's", { start: () => ({ relay: fakeRelay() }) }],
  ] as const) {
    test(`WHEN ${kind} tool or prompt is called at the gateway's path with the gateway's prefix THEN it answers as at its own path without`, async (context) => {
      const started = await startTestHost(context, definition, DIRECT);
      const name = kind === "a relay's" ? "echo" : "greet";
      for (const [method, own] of [
        ["tools/call", name],
        ["prompts/get", "review"],
      ] as const) {
        const direct = await ask(started, "/tools/mcp", `weather__${own}`, { method });
        const plain = await ask(started, "/mcp", own, { method });
        assert.equal(direct.status, 200);
        assert.deepEqual(resultOf(direct), resultOf(plain));
      }
    });

    test(`WHEN ${kind} call names what there is not, or another name in its header THEN it is refused as at its own path`, async (context) => {
      const started = await startTestHost(context, definition, DIRECT);
      for (const name of ["weather__nothing", "WEATHER__greet", "search__greet", "weather__"]) {
        const direct = await ask(started, "/tools/mcp", name);
        assert.equal(errorOf(direct).code, -32_602, name);
        assert.equal(direct.status, (await ask(started, "/mcp", "nothing")).status);
      }
      const own = kind === "a relay's" ? "echo" : "greet";
      for (const header of ["weather__other", own]) {
        const headers = { "Mcp-Name": header };
        const direct = await ask(started, "/tools/mcp", `weather__${own}`, { headers });
        const plain = await ask(started, "/mcp", own, { headers: { "Mcp-Name": "other" } });
        assert.deepEqual(
          [direct.status, errorOf(direct).code],
          [plain.status, errorOf(plain).code],
        );
        assert.equal(direct.status, 400);
      }
    });
  }

  test("WHEN a name was too long for the gateway THEN the tool is found by what the gateway made of it", async (context) => {
    const started = await startTestHost(context, TOOLS, DIRECT);
    const name = clientName("weather", LONG, { deny: [], aliases: {} });
    assert.notEqual(name, `weather__${LONG}`);
    assert.equal(textOf(await ask(started, "/tools/mcp", name)), "Long.");
  });

  test("WHEN a relay's offers fail THEN the call is answered, and the server goes on", async (context) => {
    const relay = fakeRelay();
    const started = await startTestHost(context, { start: () => ({ relay }) }, DIRECT);
    relay.offers = () => {
      throw new Error("No offers.");
    };
    const reply = await ask(started, "/tools/mcp", "weather__0a1b2c3d_tool");
    assert.doesNotMatch(reply.body, /No offers/u);
    assert.equal((await send(started, "/readyz")).status, 200);
  });

  test("WHEN the prefix comes at the server's own path THEN it is no name of its", async (context) => {
    const started = await startTestHost(context, TOOLS, DIRECT);
    assert.equal(errorOf(await ask(started, "/mcp", "weather__greet")).code, -32_602);
  });

  test("WHEN no address of the gateway is given THEN the server's own path takes both names", async (context) => {
    const started = await startTestHost(context, TOOLS, { MCP_TOOL_PREFIX: "weather" });
    for (const name of ["weather__greet", "greet"])
      assert.equal(textOf(await ask(started, "/mcp", name)), "Hello, Ada.");
    assert.equal((await ask(started, "/tools/mcp", "weather__greet")).status, 404);
  });

  test("WHEN a call is logged THEN it has the tool's own name", async (context) => {
    const started = await startTestHost(context, TOOLS, DIRECT);
    await ask(started, "/tools/mcp", "weather__greet");
    const text = JSON.stringify(started.lines);
    assert.match(text, /"greet"/u);
    assert.doesNotMatch(text, /weather__/u);
  });

  test("WHEN a request comes for another host or by GET THEN it is refused as at the gateway", async (context) => {
    const started = await startTestHost(context, TOOLS, DIRECT);
    const status = async (host: string): Promise<number> =>
      (await ask(started, "/tools/mcp", "weather__greet", { headers: { Host: host } })).status;
    assert.equal(await status("tools.example.com"), 200);
    assert.equal(await status("evil.example.com"), 403);
    assert.equal((await send(started, "/tools/mcp")).status, 405);
  });
});

/** As Cognito's tokens for machines are: without an audience. */
const MACHINE = {
  aud: undefined,
  sub: undefined,
  client_id: "gateway-machine",
  token_use: "access",
};

async function startCognito(context: TestContext): Promise<{ started: Started; issuer: Issuer }> {
  const issuer = await startIssuer(context);
  const own = "https://mcp.example.com/mcp";
  const started = await startTestHost(context, TOOLS, {
    ...DIRECT,
    AUTH_STATIC_TOKENS: "",
    AUTH_MODE: "oidc",
    AUTH_ISSUER: issuer.url,
    AUTH_CLIENT_IDS: "weather-machine",
    AUTH_REQUIRED_SCOPES: `${own}/call`,
    AUTH_SCOPE_PREFIX: `${own}/`,
    AUTH_DIRECT_REQUIRED_SCOPES: `${GATEWAY}/call`,
    AUTH_DIRECT_SCOPE_PREFIX: `${GATEWAY}/`,
  });
  return { started, issuer };
}

describe("GIVEN callers with tokens for the gateway", () => {
  test("WHEN they come at the gateway's path THEN they are let through there, and nowhere else", async (context) => {
    const { started, issuer } = await startCognito(context);
    const status = async (path: string, claims: object): Promise<number> => {
      const headers = { Authorization: `Bearer ${issuer.token({ ...MACHINE, ...claims })}` };
      const name = path === "/mcp" ? "greet" : "weather__greet";
      return (await ask(started, path, name, { headers })).status;
    };
    const gateway = { scope: `${GATEWAY}/call` };
    const own = { scope: "https://mcp.example.com/mcp/call", client_id: "weather-machine" };

    assert.equal(await status("/tools/mcp", gateway), 200);
    assert.equal(await status("/mcp", own), 200);
    assert.equal(await status("/mcp", gateway), 401);
    assert.equal(await status("/tools/mcp", own), 401);
    // People's tokens name the gateway as their audience.
    assert.equal(await status("/tools/mcp", { ...gateway, aud: GATEWAY, sub: "ada" }), 200);
    assert.equal(await status("/tools/mcp", { aud: GATEWAY, sub: "ada" }), 403);
    assert.equal(
      await status("/tools/mcp", { ...gateway, aud: "https://mcp.example.com/mcp" }),
      401,
    );
    assert.equal(await status("/tools/mcp", { scope: `${GATEWAY}/call2` }), 401);
  });

  test("WHEN they have no token or too weak a one THEN they are told of the gateway's metadata and scopes", async (context) => {
    const { started, issuer } = await startCognito(context);
    const metadata = `resource_metadata="https://tools.example.com/.well-known/oauth-protected-resource/tools/mcp"`;
    const challengeOf = ({ headers }: Reply): string => headers["www-authenticate"] ?? "";
    const none = await ask(started, "/tools/mcp", "weather__greet", {
      headers: { Authorization: "" },
    });
    assert.equal(none.status, 401);
    assert.ok(challengeOf(none).includes(metadata), challengeOf(none));

    const call = { ...MACHINE, scope: `${GATEWAY}/call` };
    const weak = await ask(started, "/tools/mcp", "weather__secret", {
      headers: { Authorization: `Bearer ${issuer.token(call)}` },
    });
    assert.equal(weak.status, 403);
    assert.ok(challengeOf(weak).includes(`scope="${GATEWAY}/call ${GATEWAY}/secrets"`));
    assert.ok(challengeOf(weak).includes(metadata), challengeOf(weak));

    const strong = { ...call, scope: `${call.scope} ${GATEWAY}/secrets` };
    const reply = await ask(started, "/tools/mcp", "weather__secret", {
      headers: { Authorization: `Bearer ${issuer.token(strong)}` },
    });
    assert.equal(textOf(reply), "A secret.");
  });

  test("WHEN nothing else is said THEN the gateway's address is the audience, and clients and scopes are the server's own", () => {
    const oidc = {
      ...DIRECT,
      AUTH_MODE: "oidc",
      AUTH_ISSUER: "https://login.example.com",
      AUTH_CLIENT_IDS: "agents",
      AUTH_REQUIRED_SCOPES: "call",
      AUTH_SCOPE_PREFIX: "api/",
    };
    const { auth, direct } = readConfiguration(oidc);
    assert.deepEqual(direct?.gateway?.auth, { ...auth, audiences: [GATEWAY], bindingScopes: [] });
    const named = readConfiguration({ ...oidc, AUTH_DIRECT_AUDIENCES: "api://tools" });
    assert.deepEqual(named.direct?.gateway?.auth, {
      ...auth,
      audiences: ["api://tools"],
      bindingScopes: [],
    });
    // A scope that is no part of the audience's address says nothing of whom the token is for.
    const unbound = readConfiguration({ ...oidc, AUTH_DIRECT_REQUIRED_SCOPES: "tools/call" });
    assert.deepEqual(unbound.direct?.gateway?.auth, {
      ...auth,
      audiences: [GATEWAY],
      bindingScopes: [],
      requiredScopes: ["tools/call"],
    });
  });
});

test("GIVEN variables that say no direct routing that could work WHEN they are read THEN they are refused", () => {
  const refused = (environment: Record<string, string>, sentence: RegExp): void => {
    assert.throws(
      () => readConfiguration({ AUTH_MODE: "none", ...environment }),
      (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, sentence);
        return true;
      },
    );
  };
  refused({ MCP_TOOL_PREFIX: "-a" }, /`MCP_TOOL_PREFIX` \(`-a`\) is no prefix/u);
  refused({ MCP_TOOL_PREFIX: "a".repeat(32) }, /is no prefix/u);
  refused({ MCP_DIRECT_URL: GATEWAY }, /`MCP_TOOL_PREFIX` is not/u);
  refused({ ...DIRECT, MCP_DIRECT_URL: "tools" }, /is not an http or https address/u);
  refused({ ...DIRECT, MCP_DIRECT_URL: `${GATEWAY}?a` }, /has a user, a query or a fragment/u);
  refused({ ...DIRECT, MCP_PATH: "/Tools/mcp" }, /has the path of the endpoint itself/u);
  refused(
    { AUTH_DIRECT_AUDIENCES: "a" },
    /`AUTH_DIRECT_AUDIENCES` is set, but `MCP_DIRECT_URL` is not/u,
  );
  refused(
    { ...DIRECT, AUTH_DIRECT_SCOPE_PREFIX: "a" },
    /`AUTH_DIRECT_SCOPE_PREFIX` is set, but `AUTH_MODE` is `none`/u,
  );
});
