import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  AuthMode,
  AuthorizationServerMetadata,
  type Auth,
} from "../../../infra/identity/identity.ts";
import { checkOidc, oidcEnvironment } from "../../../infra/identity/oidc.ts";
import { readAuth } from "../../../service/runtime/auth/configuration.ts";
import { ConfigurationError } from "../../../service/runtime/configuration-error.ts";
import { ArgumentError } from "../../../infra/validation.ts";
import { assertRefused, deploy, rejectionsOf, valueOf } from "../mocks.ts";

const ISSUER = "https://login.example.com/realms/tools";

const environment = async (auth: Auth): Promise<Record<string, string>> => {
  const { result } = await deploy(() => pulumi.output(oidcEnvironment(auth)));
  return valueOf(result);
};

test("GIVEN an issuer alone WHEN the container is told of it THEN nothing else is declared", async () => {
  assert.deepEqual(await environment({ issuer: ISSUER }), { AUTH_ISSUER: ISSUER });
});

test("GIVEN every argument of another issuer WHEN the container is told of it THEN it reads what was meant", async () => {
  const variables = await environment({
    issuer: pulumi.output(ISSUER),
    jwksUri: `${ISSUER}/keys`,
    audiences: ["api://weather", pulumi.output("api://weather-old")],
    clientIds: pulumi.output(["a", "b"]),
    requiredScopes: ["api://weather/call"],
    scopePrefix: "api://weather/",
    authorizationServerMetadata: AuthorizationServerMetadata.Self,
  });

  assert.deepEqual(variables, {
    AUTH_ISSUER: ISSUER,
    AUTH_JWKS_URI: `${ISSUER}/keys`,
    AUTH_AUDIENCES: "api://weather,api://weather-old",
    AUTH_CLIENT_IDS: "a,b",
    AUTH_REQUIRED_SCOPES: "api://weather/call",
    AUTH_SCOPE_PREFIX: "api://weather/",
    AUTH_AUTHORIZATION_SERVER_METADATA: "self",
  });
  assert.deepEqual(
    readAuth({ AUTH_MODE: "oidc", ...variables }, new URL("https://mcp.example.com/mcp")),
    {
      mode: "oidc",
      issuer: ISSUER,
      jwksUri: `${ISSUER}/keys`,
      audiences: ["api://weather", "api://weather-old"],
      clientIds: ["a", "b"],
      requiredScopes: ["api://weather/call"],
      scopePrefix: "api://weather/",
      clockSkewSeconds: 30,
      authorizationServerMetadata: "self",
    },
  );
});

/** Values that a program could give, good ones and bad ones. */
const CANDIDATES: readonly (Omit<Auth, "mode"> & { readonly issuer: string })[] = [
  ...[
    ISSUER,
    "https://login.example.com",
    "https://login.example.com/",
    "https://login.example.com:8443/x",
    "http://login.example.com",
    "http://localhost:9000",
    "http://127.0.0.1:9000/x",
    "http://[::1]:9000",
    "http://localhost.example.com",
    "https://login.example.com/?tenant=a",
    "https://login.example.com/#a",
    "https://user@login.example.com",
    "https://user:secret@login.example.com",
    "login.example.com",
    "",
    "ftp://login.example.com",
  ].map((issuer) => ({ issuer })),
  ...["https://login.example.com/keys?v=1", "http://keys.example.com", "keys", "https://a/#b"].map(
    (jwksUri) => ({ issuer: ISSUER, jwksUri }),
  ),
  ...["", "api://weather/", "a b", 'a"b', "a\\b", "ü"].map((scopePrefix) => ({
    issuer: ISSUER,
    scopePrefix,
  })),
  ...["call", "a b", 'a"b', "ü", "a\\b", "https://mcp.example.com/mcp/call"].map((scope) => ({
    issuer: ISSUER,
    requiredScopes: [scope],
  })),
];

test("GIVEN values of all kinds WHEN the program and the container judge them THEN both say the same", async () => {
  for (const auth of CANDIDATES) {
    const variables = await environment(auth);
    assert.equal(
      refusedBy(() => {
        checkOidc("McpService", auth);
      }, ArgumentError),
      refusedBy(
        () => readAuth({ AUTH_MODE: "oidc", ...variables }, new URL("https://mcp.example.com/mcp")),
        ConfigurationError,
      ),
      JSON.stringify(auth),
    );
  }
});

function refusedBy(judge: () => unknown, kind: new (...args: never[]) => Error): boolean {
  try {
    judge();
    return false;
  } catch (error) {
    assert.ok(error instanceof kind, String(error));
    return true;
  }
}

test("GIVEN items that the container would read as several, or as others WHEN they are checked THEN each is refused", () => {
  for (const item of ["", " a", "a ", "a,b"]) {
    for (const argument of ["audiences", "clientIds"] as const) {
      assertRefused(() => {
        checkOidc("McpService", { issuer: ISSUER, [argument]: ["fine", item] });
      }, `McpService: \`auth.${argument}\` has \`${item}\`; give each by itself, not empty, without commas and without blanks at its ends.`);
    }
    assertRefused(() => {
      checkOidc("McpService", { issuer: ISSUER, requiredScopes: [item] });
    }, `McpService: \`auth.requiredScopes\` has \`${item}\`, which is no scope. Give each by itself: printable ASCII without spaces, commas, \`"\` and \`\\\`.`);
  }
});

const UNSAFE =
  ", which is not an https address without user and fragment (http is for loopback hosts only): keys that came in plain text could be anybody's." +
  " Give one such as `https://login.example.com/realms/tools`.";

const REFUSED: readonly [Omit<Auth, "mode">, string][] = [
  [
    {},
    "`auth.mode` is `oidc`, but `auth.issuer` is missing: no token could be checked. Give it what the tokens of your callers have as `iss`, such as" +
      " `https://login.example.com/realms/tools`.",
  ],
  [
    { issuer: "http://login.example.com" },
    `\`auth.issuer\` is \`http://login.example.com\`${UNSAFE}`,
  ],
  [
    { issuer: "https://user:secret@login.example.com" },
    `\`auth.issuer\` is \`https://user:…@login.example.com\`${UNSAFE}`,
  ],
  [
    { issuer: "https://login.example.com/?a=b" },
    "`auth.issuer` is `https://login.example.com/?a=b`, which has a query; no issuer may have one. Give it what tokens have as `iss`, such as" +
      " `https://login.example.com/realms/tools`.",
  ],
  [{ issuer: ISSUER, jwksUri: "keys" }, `\`auth.jwksUri\` is \`keys\`${UNSAFE}`],
  [
    { issuer: ISSUER, scopePrefix: "a b" },
    '`auth.scopePrefix` is `a b`, with characters that no scope may hold. Give printable ASCII without spaces, `"` and `\\`.',
  ],
];

test("GIVEN what the container would not start with WHEN it is checked THEN the program is refused with the way out", () => {
  for (const [auth, message] of REFUSED) {
    assertRefused(() => {
      checkOidc("McpService", { mode: AuthMode.Oidc, ...auth });
    }, `McpService: ${message}`);
  }
});

test("GIVEN what the container would not start with in an output WHEN it comes out THEN the program fails with the sentence", async () => {
  assert.deepEqual(
    await rejectionsOf(() => {
      checkOidc("McpService", {
        issuer: pulumi.output("http://login.example.com"),
        audiences: pulumi.output(["a,b"]),
        clientIds: [pulumi.output(" c")],
      });
    }),
    [
      "McpService: `auth.audiences` has `a,b`; give each by itself, not empty, without commas and without blanks at its ends.",
      "McpService: `auth.clientIds` has ` c`; give each by itself, not empty, without commas and without blanks at its ends.",
      `McpService: \`auth.issuer\` is \`http://login.example.com\`${UNSAFE}`,
    ],
  );
});
