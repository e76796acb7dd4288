import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError } from "../../../service/runtime/configuration-error.ts";
import { readAuth } from "../../../service/runtime/auth/configuration.ts";

const PUBLIC_URL = new URL("https://mcp.example.com/mcp");
const ISSUER = "https://issuer.example.com/pool/";
const TOKEN = "0123456789abcdef";
const OIDC = { AUTH_MODE: "oidc", AUTH_ISSUER: ISSUER };

describe("GIVEN the variables of auth", () => {
  test("WHEN the issuer alone is given THEN everything else has its documented default", () => {
    assert.deepEqual(readAuth(OIDC, PUBLIC_URL), {
      mode: "oidc",
      issuer: ISSUER,
      audiences: ["https://mcp.example.com/mcp"],
      clientIds: [],
      requiredScopes: [],
      scopePrefix: "",
      clockSkewSeconds: 30,
      authorizationServerMetadata: "issuer",
    });
  });

  test("WHEN every variable is given THEN each one counts", () => {
    assert.deepEqual(
      readAuth(
        {
          AUTH_MODE: "oidc",
          AUTH_ISSUER: "http://127.0.0.1:9000/pool",
          AUTH_JWKS_URI: "https://keys.example.com/keys?p=policy",
          AUTH_AUDIENCES: "a, b",
          AUTH_CLIENT_IDS: "c,d",
          AUTH_REQUIRED_SCOPES: "openid, api/use",
          AUTH_SCOPE_PREFIX: "api/",
          AUTH_CLOCK_SKEW_SECONDS: "0",
          AUTH_AUTHORIZATION_SERVER_METADATA: "self",
        },
        PUBLIC_URL,
      ),
      {
        mode: "oidc",
        issuer: "http://127.0.0.1:9000/pool",
        jwksUri: "https://keys.example.com/keys?p=policy",
        audiences: ["a", "b"],
        clientIds: ["c", "d"],
        requiredScopes: ["openid", "api/use"],
        scopePrefix: "api/",
        clockSkewSeconds: 0,
        authorizationServerMetadata: "self",
      },
    );
  });

  test("WHEN tokens are static, or there are none, THEN nothing else is needed", () => {
    assert.deepEqual(readAuth({ AUTH_STATIC_TOKENS: TOKEN }, PUBLIC_URL), {
      mode: "static-token",
      tokens: [TOKEN],
    });
    assert.deepEqual(readAuth({ AUTH_MODE: "none" }, PUBLIC_URL), { mode: "none" });
  });

  const unsafe = "is not an https address without fragment (http is for loopback hosts only).";
  const refusals: [environment: Record<string, string>, message: string][] = [
    [{ AUTH_MODE: "off" }, "`AUTH_MODE` (`off`) is neither `static-token`, `oidc` nor `none`."],
    [
      {},
      "`AUTH_STATIC_TOKENS` is not set while `AUTH_MODE` is `static-token`. Give it the token that callers send (several, separated by" +
        " commas, while one is being replaced), or set `AUTH_MODE` to `none` to serve everybody.",
    ],
    [
      { AUTH_STATIC_TOKENS: "short" },
      "A token in `AUTH_STATIC_TOKENS` has fewer than 16 characters and could be guessed. Use a longer one.",
    ],
    [
      { AUTH_STATIC_TOKENS: "x".repeat(8193) },
      "A token in `AUTH_STATIC_TOKENS` is longer than 8192 bytes, which no request may carry. Use a shorter one.",
    ],
    ...[`${TOKEN}!`, `${TOKEN}ü`, `Bearer ${TOKEN}`, `=${TOKEN}`].map(
      (token): [Record<string, string>, string] => [
        { AUTH_STATIC_TOKENS: `${TOKEN}==,${token}` },
        "A token in `AUTH_STATIC_TOKENS` holds characters that no request may carry (RFC 6750, 2.1). Use one of letters, digits and" +
          " `-._~+/` alone; `=` may stand at its end.",
      ],
    ),
    [
      { AUTH_MODE: "none", AUTH_STATIC_TOKENS: TOKEN },
      "`AUTH_STATIC_TOKENS` is set while `AUTH_MODE` is `none`: nobody would be asked for the token. Unset one of them.",
    ],
    [
      { ...OIDC, AUTH_STATIC_TOKENS: TOKEN },
      "`AUTH_STATIC_TOKENS` is set while `AUTH_MODE` is `oidc`: nobody would be asked for the token. Unset one of them.",
    ],
    [
      { AUTH_STATIC_TOKENS: TOKEN, AUTH_ISSUER: ISSUER },
      "`AUTH_ISSUER` is set while `AUTH_MODE` is `static-token`: it would change nothing. Set `AUTH_MODE` to `oidc`, or unset `AUTH_ISSUER`.",
    ],
    [
      { AUTH_MODE: "none", AUTH_CLIENT_IDS: "a" },
      "`AUTH_CLIENT_IDS` is set while `AUTH_MODE` is `none`: it would change nothing. Set `AUTH_MODE` to `oidc`, or unset `AUTH_CLIENT_IDS`.",
    ],
    [
      { AUTH_MODE: "oidc" },
      "`AUTH_ISSUER` is not set while `AUTH_MODE` is `oidc`. Give it the `iss` of the tokens that callers send, such as" +
        " `https://cognito-idp.eu-central-1.amazonaws.com/<pool>`.",
    ],
    [
      { ...OIDC, AUTH_ISSUER: "http://issuer.example.com" },
      `\`AUTH_ISSUER\` (\`http://issuer.example.com\`) ${unsafe}`,
    ],
    [
      { ...OIDC, AUTH_ISSUER: "https://name@issuer.example.com" },
      `\`AUTH_ISSUER\` (\`https://name@issuer.example.com\`) ${unsafe}`,
    ],
    [{ ...OIDC, AUTH_ISSUER: "pool" }, `\`AUTH_ISSUER\` (\`pool\`) ${unsafe}`],
    [
      { ...OIDC, AUTH_ISSUER: "https://issuer.example.com?p=1" },
      "`AUTH_ISSUER` (`https://issuer.example.com?p=1`) has a query, which no issuer may have.",
    ],
    [
      { ...OIDC, AUTH_JWKS_URI: "http://127.evil.example.com/" },
      `\`AUTH_JWKS_URI\` (\`http://127.evil.example.com/\`) ${unsafe}`,
    ],
    [
      { ...OIDC, AUTH_REQUIRED_SCOPES: "a b" },
      "`AUTH_REQUIRED_SCOPES` (`a b`) holds something that is no scope: separate scopes by commas.",
    ],
    [
      { ...OIDC, AUTH_SCOPE_PREFIX: 'a"', AUTH_CLOCK_SKEW_SECONDS: "301" },
      '`AUTH_SCOPE_PREFIX` (`a"`) holds characters that no scope may hold. `AUTH_CLOCK_SKEW_SECONDS` (`301`) is not between 0 and 300.',
    ],
    [
      { ...OIDC, AUTH_AUTHORIZATION_SERVER_METADATA: "none" },
      "`AUTH_AUTHORIZATION_SERVER_METADATA` (`none`) is neither `issuer` nor `self`.",
    ],
  ];
  for (const [environment, message] of refusals) {
    test(`WHEN they are ${JSON.stringify(environment).slice(0, 120)} THEN the message says what to change`, () => {
      assert.throws(() => readAuth(environment, PUBLIC_URL), new ConfigurationError(message));
    });
  }
});
