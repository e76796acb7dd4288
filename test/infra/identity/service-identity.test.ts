import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  AuthMode,
  AuthorizationServerMetadata,
  McpPlatform,
  McpServer,
  McpService,
  type Auth,
} from "../../../infra/index.ts";
import { readUserPools } from "../../../local/identity/user-pools.ts";
import { readAuth } from "../../../service/runtime/auth/configuration.ts";
import { deploy, REGION, rejectionsOf, valueOf, type Declaration } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const SERVICE = "pulumi-mcp-service:index:McpService";
const SERVER = "aws:cognito/resourceServer:ResourceServer";
const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const URL_OF_SERVICE = "https://mcp.example.com/mcp";
const ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab12Cd34E";
const TOKEN_ENDPOINT = "https://mcp-1a2b3c.auth.us-east-1.amazoncognito.com/oauth2/token";
const SIGN_IN = { callbackUrls: ["http://localhost:6274/oauth/callback"] };

const deployService = (auth?: Auth): Promise<Declaration<McpService>> =>
  deploy(
    () =>
      new McpService("weather", {
        platform: { ...HANDLE },
        server: McpServer.Weather,
        ...(auth === undefined ? {} : { auth }),
      }),
  );

interface Container {
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string }[];
}

function authOf(declaration: Declaration<unknown>): {
  readonly environment: Record<string, string>;
  readonly secrets: readonly string[];
} {
  const { containerDefinitions } = declaration.only("aws:ecs/taskDefinition:TaskDefinition").inputs;
  const [server] = JSON.parse(String(containerDefinitions)) as Container[];
  return {
    environment: Object.fromEntries(
      (server?.environment ?? [])
        .filter(({ name }) => name.startsWith("AUTH_"))
        .map(({ name, value }) => [name, value]),
    ),
    secrets: (server?.secrets ?? []).map(({ name }) => name),
  };
}

const cognitoChildren = (declaration: Declaration<unknown>): string[] =>
  declaration.childrenOf(SERVICE).filter((child) => child.startsWith("aws:cognito/"));

/** What the service registers of how to get in. */
async function outputsOf({ result }: Declaration<McpService>): Promise<Record<string, string>> {
  const { issuer, tokenEndpoint, clientId, clientSecret, signInClientId, scope } = result;
  const { tokenCommand, tokenSecretArn } = result;
  const outputs = {
    issuer,
    tokenEndpoint,
    clientId,
    clientSecret,
    signInClientId,
    scope,
    tokenCommand,
    tokenSecretArn,
  };
  return valueOf(pulumi.output(outputs));
}

test("GIVEN nothing said WHEN a service is deployed THEN it is an API of the platform's user pool, with a client for machines", async () => {
  const declaration = await deployService();

  assert.deepEqual(cognitoChildren(declaration), [
    `${SERVER} weather`,
    `${CLIENT} weather-machine`,
  ]);
  assert.equal(declaration.only(SERVER).inputs["identifier"], URL_OF_SERVICE);
  assert.deepEqual(declaration.only(CLIENT).inputs["allowedOauthScopes"], [
    `${URL_OF_SERVICE}/call`,
  ]);
  assert.ok(declaration.only(CLIENT).dependencies.includes(`${SERVER} weather`));
  for (const { inputs } of [declaration.only(SERVER), declaration.only(CLIENT)])
    assert.equal(inputs["userPoolId"], HANDLE.userPool.id);
  declaration.assertNothingUndefined();
  declaration.assertUrnsUnique();
});

test("GIVEN nothing said WHEN a service is deployed THEN its container checks exactly these tokens, and gets no secret but the key of states", async () => {
  const { environment, secrets } = authOf(await deployService());

  assert.deepEqual(environment, {
    AUTH_MODE: "oidc",
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCES: URL_OF_SERVICE,
    AUTH_CLIENT_IDS: "weather-machine-id",
    AUTH_REQUIRED_SCOPES: `${URL_OF_SERVICE}/call`,
    AUTH_SCOPE_PREFIX: `${URL_OF_SERVICE}/`,
    AUTH_AUTHORIZATION_SERVER_METADATA: "self",
  });
  assert.deepEqual(secrets, ["MCP_STATE_KEY"]);
  assert.deepEqual(readAuth(environment, new URL(URL_OF_SERVICE)), {
    mode: "oidc",
    issuer: ISSUER,
    audiences: [URL_OF_SERVICE],
    clientIds: ["weather-machine-id"],
    requiredScopes: [`${URL_OF_SERVICE}/call`],
    scopePrefix: `${URL_OF_SERVICE}/`,
    clockSkewSeconds: 30,
    authorizationServerMetadata: "self",
  });
});

test("GIVEN nothing said WHEN a service is deployed THEN its outputs say how to get a token, and the client's secret is one of Pulumi's", async () => {
  const declaration = await deployService();
  const { tokenCommand, ...outputs } = await outputsOf(declaration);

  assert.deepEqual(outputs, {
    issuer: ISSUER,
    tokenEndpoint: TOKEN_ENDPOINT,
    clientId: "weather-machine-id",
    clientSecret: "secret of weather-machine",
    signInClientId: "",
    scope: `${URL_OF_SERVICE}/call`,
    tokenSecretArn: "",
  });
  assert.equal(
    tokenCommand,
    `printf 'user = "%s:%s"\\n' weather-machine-id "$(aws cognito-idp describe-user-pool-client --region ${REGION} --user-pool-id us-east-1_Ab12Cd34E` +
      ' --client-id weather-machine-id --query UserPoolClient.ClientSecret --output text)" | curl -sSf -K - -d grant_type=client_credentials' +
      ` ${TOKEN_ENDPOINT} | sed -n 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/p' | grep .`,
  );
  assert.equal(await pulumi.isSecret(declaration.result.clientSecret), true);
  for (const output of ["clientId", "tokenCommand", "issuer"] as const)
    assert.equal(await pulumi.isSecret(declaration.result[output]), false, output);
  const registered = declaration.outputsOf(SERVICE) as Record<string, string>;
  for (const [output, value] of Object.entries({ ...outputs, tokenCommand }))
    assert.equal(registered[output], value, output);
});

test("GIVEN a client's secret WHEN a service is deployed THEN no resource's input has it", async () => {
  const { resources } = await deployService({ signIn: SIGN_IN, generation: 2 });

  assert.deepEqual(
    resources.filter(({ inputs }) => JSON.stringify(inputs).includes("secret of")),
    [],
  );
  assert.deepEqual(
    resources.flatMap(({ type, secrets }) => secrets.map((input) => `${type} ${input}`)),
    ["aws:secretsmanager/secretVersion:SecretVersion secretString"],
  );
});

test("GIVEN scopes, a sign-in and a later generation WHEN a service is deployed THEN all its clients have the scopes, and the container knows them all", async () => {
  const declaration = await deployService({
    generation: 3,
    scopes: { write: "Change notes" },
    signIn: SIGN_IN,
    accessTokenMinutes: 15,
    clockSkewSeconds: 0,
  });

  assert.deepEqual(cognitoChildren(declaration), [
    "aws:cognito/managedLoginBranding:ManagedLoginBranding weather-sign-in",
    `${SERVER} weather`,
    `${CLIENT} weather-machine-2`,
    `${CLIENT} weather-machine-3`,
    `${CLIENT} weather-sign-in`,
  ]);
  const scopes = [`${URL_OF_SERVICE}/call`, `${URL_OF_SERVICE}/write`];
  for (const name of ["weather-machine-2", "weather-machine-3"]) {
    const { inputs } = declaration.only(CLIENT, name);
    assert.deepEqual(inputs["allowedOauthScopes"], scopes);
    assert.equal(inputs["accessTokenValidity"], 15);
  }
  const person = declaration.only(CLIENT, "weather-sign-in").inputs;
  assert.deepEqual((person["allowedOauthScopes"] as string[]).slice(-2), scopes);
  const { environment } = authOf(declaration);
  assert.equal(
    environment["AUTH_CLIENT_IDS"],
    "weather-machine-3-id,weather-machine-2-id,weather-sign-in-id",
  );
  assert.equal(environment["AUTH_CLOCK_SKEW_SECONDS"], "0");
  const { clientId, clientSecret, signInClientId } = await outputsOf(declaration);
  assert.deepEqual(
    [clientId, clientSecret, signInClientId],
    ["weather-machine-3-id", "secret of weather-machine-3", "weather-sign-in-id"],
  );
});

test("GIVEN a new client WHEN something reads its id, its secret or the command THEN it comes after the deployment that knows it", async () => {
  const declaration = await deploy(() => {
    const { clientId, clientSecret, tokenCommand } = new McpService("weather", {
      platform: { ...HANDLE },
      server: McpServer.Weather,
    });
    class Reader extends pulumi.CustomResource {}
    for (const [name, value] of Object.entries({ clientId, clientSecret, tokenCommand }))
      new Reader("test:index:Reader", name, { value });
  });

  for (const name of ["clientId", "clientSecret", "tokenCommand"]) {
    const { dependencies } = declaration.only("test:index:Reader", name);
    assert.ok(dependencies.includes("aws:ecs/service:Service weather"), name);
  }
});

test("GIVEN a platform and a service with all that Cognito has for it WHEN what stands in for Cognito reads them THEN it refuses nothing", async () => {
  const declaration = await deploy(() => {
    const platform = new McpPlatform("mcp", {
      exposure: "domain",
      domainName: "mcp.example.com",
      certificateArn:
        "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    }).handle;
    new McpService("weather", {
      platform,
      server: McpServer.Weather,
      auth: { generation: 2, scopes: { write: "Change notes" }, signIn: SIGN_IN },
    });
  });
  const urnOf = new Map(
    declaration.resources.map(({ type, name, urn }) => [`${type} ${name}`, urn]),
  );
  const [pool, ...others] = readUserPools({
    project: "tools",
    stack: "dev",
    region: REGION,
    outputs: {},
    resources: declaration.resources
      .filter(({ type }) => type.startsWith("aws:cognito/"))
      .map((resource) => ({
        ...resource,
        id: `${resource.name}-id`,
        outputs: { clientSecret: "x" },
        dependencies: resource.dependencies.map((dependency) => urnOf.get(dependency) ?? ""),
      })),
  });

  assert.deepEqual(others, []);
  assert.deepEqual(
    pool?.clients.map(({ name, flows, scopes }) => [name, flows, scopes]),
    [
      [
        "weather-machine-2",
        ["client_credentials"],
        [`${URL_OF_SERVICE}/call`, `${URL_OF_SERVICE}/write`],
      ],
      [
        "weather-machine",
        ["client_credentials"],
        [`${URL_OF_SERVICE}/call`, `${URL_OF_SERVICE}/write`],
      ],
      [
        "weather-sign-in",
        ["code"],
        [
          "email",
          "openid",
          "phone",
          "profile",
          `${URL_OF_SERVICE}/call`,
          `${URL_OF_SERVICE}/write`,
        ],
      ],
    ],
  );
  assert.equal(pool.domains.length, 1);
});

test("GIVEN another issuer WHEN a service is deployed THEN nothing is made for it, and the container gets what was given", async () => {
  const declaration = await deployService({
    mode: AuthMode.Oidc,
    issuer: pulumi.output("https://login.example.com"),
    requiredScopes: ["api://weather/call", pulumi.output("api://weather/read")],
    authorizationServerMetadata: AuthorizationServerMetadata.Self,
    clockSkewSeconds: pulumi.output(5),
  });

  assert.deepEqual(cognitoChildren(declaration), []);
  assert.deepEqual(authOf(declaration), {
    environment: {
      AUTH_MODE: "oidc",
      AUTH_ISSUER: "https://login.example.com",
      AUTH_REQUIRED_SCOPES: "api://weather/call,api://weather/read",
      AUTH_AUTHORIZATION_SERVER_METADATA: "self",
      AUTH_CLOCK_SKEW_SECONDS: "5",
    },
    secrets: ["MCP_STATE_KEY"],
  });
  assert.deepEqual(await outputsOf(declaration), {
    issuer: "https://login.example.com",
    tokenEndpoint: "",
    clientId: "",
    clientSecret: "",
    signInClientId: "",
    scope: "api://weather/call api://weather/read",
    tokenCommand: "",
    tokenSecretArn: "",
  });
});

test("GIVEN a static token, or no proof WHEN a service is deployed THEN it uses nothing of the user pool", async () => {
  for (const [mode, secrets] of [
    [AuthMode.StaticToken, ["AUTH_STATIC_TOKENS", "MCP_STATE_KEY"]],
    [AuthMode.None, ["MCP_STATE_KEY"]],
  ] as const) {
    const declaration = await deployService({ mode });
    assert.deepEqual(cognitoChildren(declaration), []);
    assert.deepEqual(authOf(declaration), { environment: { AUTH_MODE: mode }, secrets });
  }
});

test("GIVEN a generation WHEN a service is deployed THEN the key of states follows it in every mode", async () => {
  for (const mode of [AuthMode.Cognito, AuthMode.StaticToken, AuthMode.None]) {
    const declaration = await deployService({ mode, generation: 5 });
    const version = declaration.only(
      "aws:secretsmanager/secretVersion:SecretVersion",
      "weather-state-key",
    );
    assert.deepEqual(
      String(version.inputs["secretString"])
        .split(",")
        .map((key) => key.replace(/x*$/u, "")),
      ["weather-state-key-5", "weather-state-key-6", "weather-state-key-4"],
    );
  }
});

const NO_POOL =
  "McpService: `auth.mode` is `cognito`, the default, but the platform has no user pool: its `createUserPool` is false, or its `natGateways` is `none`. Give it" +
  " one, or set `auth.mode` to `oidc`, `static-token` or `none`.";

test("GIVEN a platform without a user pool WHEN a service asks for its tokens THEN the program fails; other modes need none", async () => {
  const rejections = (auth?: Auth): Promise<string[]> =>
    rejectionsOf(() => {
      const platform = new McpPlatform("mcp", { createUserPool: false }).handle;
      new McpService("weather", {
        platform,
        server: McpServer.Weather,
        ...(auth === undefined ? {} : { auth }),
      });
    });

  assert.deepEqual(await rejections(), [NO_POOL]);
  assert.deepEqual(await rejections({ mode: AuthMode.StaticToken }), []);
});

test("GIVEN an address without TLS WHEN people are to sign in THEN the program fails with the sentence", async () => {
  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpService("weather", {
          platform: { ...HANDLE, origin: "http://internal.example.com" },
          server: McpServer.Weather,
          auth: { signIn: SIGN_IN },
        }),
    ),
    [
      "McpService: `auth.signIn` is given, but the service's address is `http://internal.example.com/mcp`: Cognito gives people tokens for https addresses alone." +
        " Give the platform a `domainName` and a certificate, or leave `auth.signIn` out.",
    ],
  );
});
