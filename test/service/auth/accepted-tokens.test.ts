import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startApplication } from "./application.ts";
import { CLIENT_IDS, METADATA, now } from "./bad-tokens.ts";
import { AUDIENCE, startIssuer, usualClaims, type Issuer } from "./issuer.ts";
import { createKey } from "./signing.ts";

const HOUR = 3600;

describe("GIVEN tokens that are good", () => {
  const accepted: [
    given: string,
    token: (issuer: Issuer) => string,
    environment?: Record<string, string>,
  ][] = [
    ["for the public address", (issuer) => issuer.token()],
    ["for the public address with a slash", (issuer) => issuer.token({ aud: `${AUDIENCE}/` })],
    ["for several servers", (issuer) => issuer.token({ aud: ["other", AUDIENCE] })],
    [
      "for a configured audience but for the slash",
      (issuer) => issuer.token({ aud: "https://api.example.com" }),
      { AUTH_AUDIENCES: "https://api.example.com/" },
    ],
    [
      "for a configured audience",
      (issuer) => issuer.token({ aud: "api" }),
      { AUTH_AUDIENCES: "api" },
    ],
    [
      "without audience, of a configured client, as Cognito gives them",
      (issuer) =>
        issuer.token(
          { aud: undefined, client_id: "client-2", token_use: "access" },
          { typ: undefined },
        ),
      CLIENT_IDS,
    ],
    ["for us, of a configured client", (issuer) => issuer.token({ azp: "client-1" }), CLIENT_IDS],
    ["expired within the clock skew", (issuer) => issuer.token({ exp: now() - 20 })],
    ["valid within the clock skew", (issuer) => issuer.token({ nbf: now() + 20 })],
    ["of the type JWT", (issuer) => issuer.token({}, { typ: "JWT" })],
  ];
  for (const [given, token, environment = {}] of accepted) {
    test(`WHEN one is ${given} THEN it passes`, async (context) => {
      const issuer = await startIssuer(context);
      const application = await startApplication(context, {
        environment: { AUTH_MODE: "oidc", AUTH_ISSUER: issuer.url, ...environment },
      });
      assert.equal((await application.call(token(issuer))).status, 200);
    });
  }

  for (const algorithm of ["RS256", "ES256", "EdDSA"] as const) {
    test(`WHEN one is signed by ${algorithm} THEN it passes`, async (context) => {
      const issuer = await startIssuer(context);
      issuer.keys = [createKey("other"), createKey("key", algorithm)].reverse();
      const application = await startApplication(context, {
        environment: { AUTH_MODE: "oidc", AUTH_ISSUER: issuer.url },
      });
      assert.equal((await application.call(issuer.token())).status, 200);
    });
  }

  test("WHEN the scheme is in lower case THEN it passes", async (context) => {
    const issuer = await startIssuer(context);
    const application = await startApplication(context, {
      environment: { AUTH_MODE: "oidc", AUTH_ISSUER: issuer.url },
    });
    const reply = await application.send("/mcp", {
      method: "POST",
      headers: [["authorization", `bearer  ${issuer.token()}`]],
    });
    assert.equal(reply.status, 200);
  });

  const scopes: [claims: object, scopes: string[]][] = [
    [{ scope: "a b a" }, ["a", "b"]],
    [{ scp: "a b" }, ["a", "b"]],
    [{ scp: ["a", "b"] }, ["a", "b"]],
    [{ scope: "", scp: [1, null, "a"] }, ["a"]],
    [{}, []],
  ];
  for (const [claims, expected] of scopes) {
    test(`WHEN one says ${JSON.stringify(claims)} THEN its scopes are ${JSON.stringify(expected)}`, async (context) => {
      const issuer = await startIssuer(context);
      const application = await startApplication(context, {
        environment: { AUTH_MODE: "oidc", AUTH_ISSUER: issuer.url },
      });
      const { auth } = JSON.parse((await application.call(issuer.token(claims))).body) as {
        auth: { scopes: string[] };
      };
      assert.deepEqual(auth.scopes, expected);
    });
  }

  test("WHEN a call passes THEN tools learn who calls, and never the token", async (context) => {
    const issuer = await startIssuer(context);
    const application = await startApplication(context, {
      environment: { AUTH_MODE: "oidc", AUTH_ISSUER: issuer.url },
    });
    const claims = {
      ...usualClaims(issuer.url),
      client_id: "client-1",
      scope: "read write",
      exp: now() + HOUR,
    };
    const token = issuer.token(claims);
    const reply = await application.call(token);
    const caller = {
      id: `${issuer.url}|user-1`,
      subject: "user-1",
      clientId: "client-1",
      scopes: ["read", "write"],
      claims,
    };
    assert.deepEqual(JSON.parse(reply.body), {
      auth: {
        token: "",
        clientId: "client-1",
        scopes: ["read", "write"],
        expiresAt: claims.exp,
        resourceMetadataUrl: METADATA,
        extra: { caller },
      },
      caller,
    });
  });

  test("WHEN a machine calls without a subject THEN its client is the caller, and no user of that name", async (context) => {
    const issuer = await startIssuer(context);
    const application = await startApplication(context, {
      environment: { AUTH_MODE: "oidc", AUTH_ISSUER: issuer.url },
    });
    const token = issuer.token({ sub: undefined, azp: "client-9" });
    const { caller } = JSON.parse((await application.call(token)).body) as {
      caller: Record<string, unknown>;
    };
    assert.deepEqual(
      [caller["id"], caller["subject"], caller["clientId"]],
      [`${issuer.url}#client-9`, undefined, "client-9"],
    );
  });
});
