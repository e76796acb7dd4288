import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
} from "@modelcontextprotocol/client";
import { startApplication } from "./application.ts";
import { AUDIENCE, DISCOVERY, startIssuer } from "./issuer.ts";

const RESOURCE_PATHS = [
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-protected-resource",
];
const SERVER_PATHS = [
  "/.well-known/oauth-authorization-server/mcp",
  "/.well-known/openid-configuration/mcp",
  "/mcp/.well-known/openid-configuration",
];
const TOKEN = { AUTH_STATIC_TOKENS: "a-token-of-the-tests" };

/** What Cognito says, as far as it matters here: nothing of PKCE. */
const COGNITO = {
  authorization_endpoint: "https://pool.example.com/oauth2/authorize",
  token_endpoint: "https://pool.example.com/oauth2/token",
  response_types_supported: ["code", "token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
};

describe("GIVEN the metadata of the endpoint", () => {
  test("WHEN tokens are static THEN it names no authorization server", async (context) => {
    const application = await startApplication(context, { environment: TOKEN, scopes: ["read"] });
    for (const path of RESOURCE_PATHS) {
      const reply = await application.send(path);
      assert.deepEqual([reply.status, reply.headers["access-control-allow-origin"]], [200, "*"]);
      assert.deepEqual(JSON.parse(reply.body), {
        resource: AUDIENCE,
        resource_name: "Test",
        bearer_methods_supported: ["header"],
      });
    }
    for (const path of SERVER_PATHS) assert.equal((await application.send(path)).status, 404);
  });

  test("WHEN tokens are an issuer's THEN it names the issuer and every scope", async (context) => {
    const application = await startApplication(context, {
      environment: {
        AUTH_MODE: "oidc",
        AUTH_ISSUER: "https://issuer.example.com/pool",
        AUTH_REQUIRED_SCOPES: "https://mcp.example.com/mcp/use",
        AUTH_SCOPE_PREFIX: "https://mcp.example.com/mcp/",
      },
      scopes: ["read", "use"],
    });
    for (const path of RESOURCE_PATHS) {
      assert.deepEqual(JSON.parse((await application.send(path)).body), {
        resource: AUDIENCE,
        resource_name: "Test",
        bearer_methods_supported: ["header"],
        authorization_servers: ["https://issuer.example.com/pool"],
        scopes_supported: ["https://mcp.example.com/mcp/use", "https://mcp.example.com/mcp/read"],
      });
    }
    for (const path of SERVER_PATHS) assert.equal((await application.send(path)).status, 404);
  });

  test("WHEN a balancer shows clients another path THEN the metadata is at that path too", async (context) => {
    const application = await startApplication(context, {
      environment: TOKEN,
      publicUrl: new URL("https://example.com/a(b)/mcp"),
    });
    for (const path of [...RESOURCE_PATHS, "/.well-known/oauth-protected-resource/a(b)/mcp"]) {
      const { resource } = JSON.parse((await application.send(path)).body) as { resource: string };
      assert.equal(resource, "https://example.com/a(b)/mcp");
    }
  });

  test("WHEN the endpoint is the root of its host THEN so is the metadata", async (context) => {
    const application = await startApplication(context, {
      environment: TOKEN,
      publicUrl: new URL("https://mcp.example.com"),
    });
    const reply = await application.send("/mcp", { method: "POST" });
    assert.equal(
      reply.headers["www-authenticate"],
      'Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource"',
    );
  });

  test("WHEN nobody has to prove who they are THEN there is none, and everybody may call", async (context) => {
    const application = await startApplication(context, { environment: { AUTH_MODE: "none" } });
    for (const path of RESOURCE_PATHS) assert.equal((await application.send(path)).status, 404);
    const reply = await application.send("/mcp", { method: "POST" });
    assert.deepEqual(JSON.parse(reply.body), { auth: null, caller: null });
  });

  test("WHEN a browser asks first THEN every header may come; what is not GET is refused", async (context) => {
    const application = await startApplication(context, { environment: TOKEN });
    const [path = ""] = RESOURCE_PATHS;
    const preflight = await application.send(path, { method: "OPTIONS" });
    assert.deepEqual(
      [
        preflight.status,
        preflight.headers["access-control-allow-origin"],
        preflight.headers["access-control-allow-headers"],
      ],
      [204, "*", "*"],
    );
    const reply = await application.send(path, { method: "POST" });
    assert.deepEqual([reply.status, reply.headers.allow], [405, "GET"]);
  });
});

describe("GIVEN a server that stands in for its issuer", () => {
  const environment = (issuer: string) => ({
    AUTH_MODE: "oidc",
    AUTH_ISSUER: issuer,
    AUTH_AUTHORIZATION_SERVER_METADATA: "self",
  });

  test("WHEN its metadata is asked for THEN all three places have the issuer's, renamed and with PKCE", async (context) => {
    const issuer = await startIssuer(context);
    issuer.metadata = COGNITO;
    const application = await startApplication(context, { environment: environment(issuer.url) });
    for (const path of SERVER_PATHS) {
      const reply = await application.send(path);
      assert.deepEqual([reply.status, reply.headers["access-control-allow-origin"]], [200, "*"]);
      assert.deepEqual(JSON.parse(reply.body), {
        ...COGNITO,
        issuer: AUDIENCE,
        jwks_uri: `${issuer.url}/.well-known/jwks.json`,
        code_challenge_methods_supported: ["S256"],
      });
    }
    assert.equal(issuer.requests.get(DISCOVERY), 1);
    const { authorization_servers } = JSON.parse(
      (await application.send(RESOURCE_PATHS[0] ?? "")).body,
    ) as { authorization_servers: string[] };
    assert.deepEqual(authorization_servers, [AUDIENCE]);
  });

  test("WHEN the issuer says which PKCE methods it has THEN that stands", async (context) => {
    const issuer = await startIssuer(context);
    issuer.metadata = { ...COGNITO, code_challenge_methods_supported: ["plain", "S256"] };
    const application = await startApplication(context, { environment: environment(issuer.url) });
    const reply = await application.send(SERVER_PATHS[0] ?? "");
    const { code_challenge_methods_supported: methods } = JSON.parse(reply.body) as {
      code_challenge_methods_supported: string[];
    };
    assert.deepEqual(methods, ["plain", "S256"]);
  });

  test("WHEN the MCP SDK's client discovers it THEN it finds and accepts everything", async (context) => {
    const issuer = await startIssuer(context);
    issuer.metadata = COGNITO;
    const application = await startApplication(context, {
      environment: environment(issuer.url),
      publicUrl: "own",
    });
    const challenge = await application.send("/mcp", { method: "POST" });
    const [, address = ""] =
      /resource_metadata="([^"]*)"/u.exec(challenge.headers["www-authenticate"] ?? "") ?? [];
    const resource = await discoverOAuthProtectedResourceMetadata(address, {
      resourceMetadataUrl: address,
    });
    const [server = ""] = resource.authorization_servers ?? [];
    assert.equal(server, resource.resource);
    const metadata = await discoverAuthorizationServerMetadata(server);
    assert.deepEqual(
      [metadata?.issuer, metadata?.token_endpoint, metadata?.code_challenge_methods_supported],
      [server, COGNITO.token_endpoint, ["S256"]],
    );
  });

  test("WHEN the issuer goes out of reach THEN the last document stays, and the outage is logged once", async (context) => {
    const { timers } = context.mock;
    timers.enable({ apis: ["Date"], now: Date.now() });
    const issuer = await startIssuer(context);
    issuer.metadata = COGNITO;
    const application = await startApplication(context, { environment: environment(issuer.url) });
    const ask = async () => (await application.send(SERVER_PATHS[0] ?? "")).status;
    assert.equal(await ask(), 200);
    timers.tick(3_599_999);
    assert.equal(await ask(), 200);
    assert.equal(issuer.requests.get(DISCOVERY), 1, "kept for an hour");
    issuer.outage = true;
    timers.tick(1);
    assert.equal(await ask(), 200);
    await application.logged("issuer metadata unavailable");
    const before = issuer.requests.get(DISCOVERY) ?? 0;
    assert.equal(await ask(), 200);
    assert.equal(issuer.requests.get(DISCOVERY), before, "asked again too soon");
    timers.tick(10_000);
    issuer.outage = false;
    issuer.metadata = { ...COGNITO, registration_endpoint: "https://pool.example.com/register" };
    assert.equal(await ask(), 200);
    await issuer.received(DISCOVERY, before + 1);
    assert.equal(application.count("issuer metadata unavailable"), 1);
  });

  test("WHEN the issuer has never answered THEN 503 asks to come back", async (context) => {
    const issuer = await startIssuer(context);
    issuer.outage = true;
    const application = await startApplication(context, { environment: environment(issuer.url) });
    await application.send(SERVER_PATHS[0] ?? "");
    const before = issuer.requests.get(DISCOVERY);
    const reply = await application.send(SERVER_PATHS[0] ?? "");
    assert.deepEqual([reply.status, reply.headers["retry-after"]], [503, "10"]);
    assert.deepEqual(JSON.parse(reply.body), {
      error: "temporarily_unavailable",
      error_description: "The metadata of the authorization server is out of reach. Try again.",
    });
    assert.equal(issuer.requests.get(DISCOVERY), before, "asked again too soon");
  });
});
