import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkSignIn,
  checkSignInAddress,
  createSignInClient,
} from "../../../infra/identity/sign-in-client.ts";
import { assertRefused, deploy, rejectionsOf } from "../mocks.ts";

/** As docs/identity.md lists them. */
const KNOWN = [
  "https://claude.ai/api/mcp/auth_callback",
  "https://claude.com/api/mcp/auth_callback",
  "http://localhost:8080/callback",
  "http://localhost:6274/oauth/callback",
  "http://localhost:3334/oauth/callback",
  "http://127.0.0.1:33418/",
  "https://vscode.dev/redirect",
];

test("GIVEN a sign-in WHEN its client is declared THEN it is public, and gets codes that its pages can be shown for", async () => {
  const declaration = await deploy(() =>
    createSignInClient(
      "weather",
      {
        userPoolId: "us-east-1_Ab12Cd34E",
        scopes: ["https://mcp.example.com/mcp/call"],
        accessTokenMinutes: pulumi.output(15),
        signIn: { callbackUrls: KNOWN },
      },
      {},
    ),
  );

  assert.deepEqual(
    declaration.only("aws:cognito/userPoolClient:UserPoolClient", "weather-sign-in").inputs,
    {
      userPoolId: "us-east-1_Ab12Cd34E",
      generateSecret: false,
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthFlows: ["code"],
      allowedOauthScopes: [
        "email",
        "openid",
        "phone",
        "profile",
        "https://mcp.example.com/mcp/call",
      ],
      callbackUrls: KNOWN,
      supportedIdentityProviders: ["COGNITO"],
      explicitAuthFlows: ["ALLOW_USER_SRP_AUTH"],
      refreshTokenRotation: { feature: "ENABLED", retryGracePeriodSeconds: 60 },
      accessTokenValidity: 15,
      idTokenValidity: 15,
      refreshTokenValidity: 30,
      tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
      enableTokenRevocation: true,
      preventUserExistenceErrors: "ENABLED",
    },
  );
  assert.deepEqual(
    declaration.only("aws:cognito/managedLoginBranding:ManagedLoginBranding", "weather-sign-in")
      .inputs,
    {
      userPoolId: "us-east-1_Ab12Cd34E",
      clientId: "weather-sign-in-id",
      useCognitoProvidedValues: true,
    },
  );
});

test("GIVEN callback URLs of known programs WHEN they are checked THEN they pass", () => {
  checkSignIn("McpService", undefined);
  checkSignIn("McpService", { callbackUrls: KNOWN });
  checkSignIn("McpService", { callbackUrls: ["http://[::1]:1/", pulumi.output("https://a/b")] });
});

const WAY_OUT =
  ". Give an https address, or for programs on people's own machines one of `http://localhost`, `http://127.0.0.1` or `http://[::1]` with its port.";

const UNFIT: readonly [string, string][] = [
  ["localhost:6274/oauth/callback", "MCP forbids: any program could claim its scheme"],
  [
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "MCP forbids: any program could claim its scheme",
  ],
  ["/oauth/callback", "is no absolute URL"],
  ["https://app.example.com/callback#here", "has a fragment"],
  ["http://app.example.com/callback", "would show the code to the network"],
  ["http://localhost.example.com/", "would show the code to the network"],
  [`https://app.example.com/${"x".repeat(1001)}`, "is longer than 1024 characters"],
];

test("GIVEN callback URLs that Cognito would refuse, or MCP forbids WHEN they are checked THEN they are refused", async () => {
  for (const [url, what] of UNFIT) {
    const message = `McpService: \`auth.signIn.callbackUrls\` has \`${url}\`, which ${what}${WAY_OUT}`;
    assertRefused(() => {
      checkSignIn("McpService", { callbackUrls: [KNOWN[0] ?? "", url] });
    }, message);
    assert.deepEqual(
      await rejectionsOf(() => {
        checkSignIn("McpService", { callbackUrls: pulumi.output([url]) });
      }),
      [message],
    );
  }
});

test("GIVEN no callback URL, or too many WHEN they are checked THEN they are refused", () => {
  for (const count of [0, 101]) {
    assertRefused(() => {
      checkSignIn("McpService", { callbackUrls: Array<string>(count).fill("https://a/b") });
    }, `McpService: \`auth.signIn.callbackUrls\` has ${count} addresses; give 1 to 100, where the programs of your people wait for them.`);
  }
});

test("GIVEN a service that speaks HTTP WHEN people are to sign in THEN it is refused: Cognito would give them no token", () => {
  checkSignInAddress("McpService", "https://mcp.example.com/mcp");
  assertRefused(() => {
    checkSignInAddress("McpService", "http://internal-mcp.example.com/mcp");
  }, "McpService: `auth.signIn` is given, but the service's address is `http://internal-mcp.example.com/mcp`: Cognito gives people tokens for https addresses" + " alone. Give the platform a `domainName` and a certificate, or leave `auth.signIn` out.");
});
