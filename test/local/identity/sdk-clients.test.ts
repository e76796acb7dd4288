import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import * as v2 from "@modelcontextprotocol/client";
import * as v1Extensions from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as V1Transport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import express from "express";
import {
  createLogger,
  defineTool,
  mountServer,
  readConfiguration,
} from "../../../service/index.ts";
import { CALLBACK, MACHINE_ID, PERSON_ID, SECRET } from "./graphs.ts";
import { decode, pressButton, startTestIssuer, type TestIssuer, type Tokens } from "./issuers.ts";

/** A service behind the local issuer, with the variables that a run would give it. */
interface Service extends TestIssuer {
  readonly url: URL;
}

async function startService(context: TestContext): Promise<Service> {
  const http = createServer();
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const url = new URL("/mcp", origin);
  const testIssuer = await startTestIssuer(context, {
    origins: new Map([["https://mcp.example.com", origin]]),
  });
  const mounted = await mountServer(
    {
      name: "weather",
      version: "1",
      tools: [
        defineTool({ name: "hello", description: "Greets.", run: () => "Hello." }),
        defineTool({
          name: "forecast",
          description: "Tells.",
          scopes: ["read"],
          run: () => "Sun.",
        }),
      ],
    },
    {
      configuration: readConfiguration({
        MCP_PUBLIC_URL: url.href,
        AUTH_MODE: "oidc",
        AUTH_ISSUER: testIssuer.iss,
        AUTH_AUDIENCES: url.href,
        AUTH_CLIENT_IDS: `${MACHINE_ID},${PERSON_ID}`,
        AUTH_REQUIRED_SCOPES: `${url.href}/call`,
        AUTH_SCOPE_PREFIX: `${url.href}/`,
        AUTH_AUTHORIZATION_SERVER_METADATA: "self",
      }),
      log: createLogger("weather", { id: "1", zone: "here" }, "silent"),
      environment: {},
    },
  );
  await mounted.start();
  const application = express();
  application.use(mounted.router);
  http.on("request", application);
  context.after(async () => {
    await mounted.close();
    http.close();
    http.closeAllConnections();
  });
  return { ...testIssuer, url };
}

/** A client's id, and which authorization server knows it. */
interface Registration {
  readonly client_id: string;
  readonly issuer?: string;
}

/** What a program on somebody's machine keeps of its sign-in; it signs in by the page. */
class PersonProvider {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadata = { redirect_uris: [CALLBACK], client_name: "weather-person" };
  /** Where the browser was sent, to sign in. */
  authorizationUrl: URL | undefined;
  #registration: Registration = { client_id: PERSON_ID };
  #verifier = "";
  #tokens: v2.StoredOAuthTokens | undefined;
  #discovery: v2.OAuthDiscoveryState | undefined;

  clientInformation(): Registration {
    return this.#registration;
  }
  saveClientInformation(registration: Registration): void {
    this.#registration = registration;
  }
  state(): string {
    return "the state";
  }
  tokens(): v2.StoredOAuthTokens | undefined {
    return this.#tokens;
  }
  saveTokens(tokens: v2.StoredOAuthTokens): void {
    this.#tokens = tokens;
  }
  redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url;
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    return this.#verifier;
  }
  saveDiscoveryState(state: v2.OAuthDiscoveryState): void {
    this.#discovery = state;
  }
  discoveryState(): v2.OAuthDiscoveryState | undefined {
    return this.#discovery;
  }
}

/** What a client does, of either version of the SDK. */
interface Connection {
  /** Connects; rejects where somebody has to sign in first. */
  connect(): Promise<void>;
  finishAuth(code: string): Promise<void>;
  call(tool: string): Promise<unknown>;
}

type Connect = (
  context: TestContext,
  url: URL,
  provider: PersonProvider | MachineProvider,
) => Connection;
type MachineProvider = v2.ClientCredentialsProvider | v1Extensions.ClientCredentialsProvider;

const connectV2: Connect = (context, url, provider) => {
  const authProvider = provider as v2.OAuthClientProvider;
  const transport = () => new v2.StreamableHTTPClientTransport(url, { authProvider });
  let client = new v2.Client({ name: "test", version: "1" });
  context.after(() => client.close());
  return {
    connect: () => {
      client = new v2.Client({ name: "test", version: "1" });
      return client.connect(transport());
    },
    finishAuth: (code) => transport().finishAuth(code),
    call: async (name) => (await client.callTool({ name, arguments: {} })).content,
  };
};

const connectV1: Connect = (context, url, provider) => {
  const authProvider = provider as v1Extensions.ClientCredentialsProvider;
  const transport = () => new V1Transport(url, { authProvider });
  let client = new V1Client({ name: "test", version: "1" });
  context.after(() => client.close());
  return {
    connect: () => {
      client = new V1Client({ name: "test", version: "1" });
      return client.connect(transport());
    },
    finishAuth: (code) => transport().finishAuth(code),
    call: async (name) => (await client.callTool({ name, arguments: {} })).content,
  };
};

for (const [version, connect, ClientCredentialsProvider] of [
  ["v2", connectV2, v2.ClientCredentialsProvider],
  ["v1", connectV1, v1Extensions.ClientCredentialsProvider],
] as const) {
  describe(`GIVEN a client of the MCP SDK ${version}, and a service that stands in for Cognito's metadata`, () => {
    test("WHEN a machine calls THEN it finds the token endpoint by itself, and is served", async (context) => {
      const { url } = await startService(context);
      const provider = new ClientCredentialsProvider({
        clientId: MACHINE_ID,
        clientSecret: SECRET,
        expectedIssuer: url.href,
      });
      const connection = connect(context, url, provider);
      await connection.connect();
      assert.deepEqual(await connection.call("hello"), [{ type: "text", text: "Hello." }]);
      const { claims } = decode(provider.tokens()?.access_token ?? "");
      assert.deepEqual([claims["client_id"], claims["aud"]], [MACHINE_ID, undefined]);
    });

    test("WHEN a person signs in THEN discovery, page, code and token lead to a call", async (context) => {
      const { url, token } = await startService(context);
      const provider = new PersonProvider();
      const connection = connect(context, url, provider);
      await assert.rejects(connection.connect());
      const asked = provider.authorizationUrl;
      assert.ok(asked);
      assert.deepEqual(
        ["resource", "code_challenge_method", "scope"].map((name) => asked.searchParams.get(name)),
        [url.href, "S256", `${url.href}/call`],
      );
      const returned = new URL(await pressButton(await fetch(asked)));
      assert.equal(returned.searchParams.get("state"), "the state");
      await connection.finishAuth(returned.searchParams.get("code") ?? "");
      await connection.connect();
      assert.deepEqual(await connection.call("hello"), [{ type: "text", text: "Hello." }]);
      const tokens = provider.tokens();
      assert.equal(decode(tokens?.access_token ?? "").claims["aud"], url.href);
      const refreshed = await token({
        grant_type: "refresh_token",
        client_id: PERSON_ID,
        refresh_token: tokens?.refresh_token ?? "",
      });
      assert.equal(refreshed.status, 200);
    });
  });
}

test("GIVEN a tool with a scope of its own WHEN a token lacks that scope THEN the challenge names every scope to ask the local issuer for", async (context) => {
  const { url, token } = await startService(context);
  const machine = {
    grant_type: "client_credentials",
    client_id: MACHINE_ID,
    client_secret: SECRET,
  };
  const call = async (scope: string): Promise<Response> => {
    const response = await token({ ...machine, scope });
    const { access_token } = (await response.json()) as Tokens;
    return fetch(url, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${access_token}`,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: "forecast", arguments: {} },
      }),
    });
  };
  const weak = await call(`${url.href}/call`);
  const challenge = weak.headers.get("www-authenticate") ?? "";
  const [, scopes = ""] = /scope="([^"]*)"/u.exec(challenge) ?? [];
  assert.deepEqual(
    [weak.status, /error="insufficient_scope"/u.test(challenge), scopes],
    [403, true, `${url.href}/call ${url.href}/read`],
  );
  assert.equal((await call(scopes)).status, 200);
});
