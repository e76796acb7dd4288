import { test } from "node:test";
import {
  AuthMode,
  AuthorizationServerMetadata,
  checkAuth,
  type Auth,
} from "../../../infra/identity/identity.ts";
import { assertRefused } from "../mocks.ts";

const ISSUER = "https://login.example.com";

const refused = (auth: Auth, message: string): void => {
  assertRefused(() => {
    checkAuth("McpService", auth);
  }, `McpService: ${message}`);
};

test("GIVEN every mode with all that it heeds WHEN it is checked THEN it passes", () => {
  checkAuth("McpService");
  checkAuth("McpService", {});
  checkAuth("McpService", {
    mode: AuthMode.Cognito,
    generation: 1,
    scopes: { write: "Change notes" },
    accessTokenMinutes: 5,
    signIn: { callbackUrls: ["http://localhost:6274/oauth/callback"] },
    clockSkewSeconds: 0,
    edgeTokenValidation: true,
  });
  checkAuth("McpService", {
    mode: AuthMode.Oidc,
    generation: 2,
    issuer: ISSUER,
    jwksUri: `${ISSUER}/keys`,
    audiences: ["api://weather"],
    clientIds: ["a"],
    requiredScopes: ["call"],
    scopePrefix: "weather/",
    authorizationServerMetadata: AuthorizationServerMetadata.Self,
    clockSkewSeconds: 300,
    edgeTokenValidation: true,
  });
  checkAuth("McpService", { mode: AuthMode.StaticToken, generation: 1_000_000 });
  checkAuth("McpService", { mode: AuthMode.None, generation: 3, edgeTokenValidation: false });
});

test("GIVEN words that are no enum values WHEN they are checked THEN they are refused with those that are", () => {
  refused(
    { mode: "oauth" as string as AuthMode },
    "`auth.mode` is `oauth`; give one of `cognito`, `oidc`, `static-token`, `none`.",
  );
  refused(
    {
      mode: AuthMode.Oidc,
      issuer: ISSUER,
      authorizationServerMetadata: "both" as string as AuthorizationServerMetadata,
    },
    "`auth.authorizationServerMetadata` is `both`; give one of `issuer`, `self`.",
  );
});

test("GIVEN numbers outside of what is possible WHEN they are checked THEN they are refused", () => {
  for (const generation of [0, 1.5, 1_000_001]) {
    refused(
      { generation },
      `\`auth.generation\` is ${generation}; give a whole number from 1 to 1000000.`,
    );
  }
  for (const accessTokenMinutes of [4, 1441, 7.5]) {
    refused(
      { accessTokenMinutes },
      `\`auth.accessTokenMinutes\` is ${accessTokenMinutes}; give a whole number of minutes from 5 to 1440.`,
    );
  }
  for (const clockSkewSeconds of [-1, 301]) {
    refused(
      { clockSkewSeconds },
      `\`auth.clockSkewSeconds\` is ${clockSkewSeconds}; give a whole number of seconds from 0 to 300.`,
    );
  }
});

/** One argument of each kind, and the modes that heed it. */
const IDLE: readonly [Auth, string, string][] = [
  [{ scopes: {} }, "scopes", "`cognito`"],
  [{ accessTokenMinutes: 60 }, "accessTokenMinutes", "`cognito`"],
  [{ signIn: { callbackUrls: [] } }, "signIn", "`cognito`"],
  [{ issuer: ISSUER }, "issuer", "`oidc`"],
  [{ jwksUri: ISSUER }, "jwksUri", "`oidc`"],
  [{ audiences: [] }, "audiences", "`oidc`"],
  [{ clientIds: [] }, "clientIds", "`oidc`"],
  [{ requiredScopes: [] }, "requiredScopes", "`oidc`"],
  [{ scopePrefix: "" }, "scopePrefix", "`oidc`"],
  [
    { authorizationServerMetadata: AuthorizationServerMetadata.Issuer },
    "authorizationServerMetadata",
    "`oidc`",
  ],
  [{ clockSkewSeconds: 30 }, "clockSkewSeconds", "`cognito` or `oidc`"],
  [{ edgeTokenValidation: true }, "edgeTokenValidation", "`cognito` or `oidc`"],
];

test("GIVEN an argument that the mode does not heed WHEN it is checked THEN it is refused with the modes that do", () => {
  for (const mode of [AuthMode.StaticToken, AuthMode.None]) {
    for (const [auth, argument, modes] of IDLE) {
      refused(
        { mode, ...auth },
        `\`auth.${argument}\` is given, but \`auth.mode\` is \`${mode}\`, where it would change nothing. Leave it out, or set \`auth.mode\` to ${modes}.`,
      );
    }
  }
  refused(
    { issuer: ISSUER },
    "`auth.issuer` is given, but `auth.mode` is `cognito`, where it would change nothing. Leave it out, or set `auth.mode` to `oidc`.",
  );
  refused(
    { mode: AuthMode.Oidc, issuer: ISSUER, accessTokenMinutes: 60 },
    "`auth.accessTokenMinutes` is given, but `auth.mode` is `oidc`, where it would change nothing. Leave it out, or set `auth.mode` to `cognito`.",
  );
});
