import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startApplication, type RequestOptions } from "./application.ts";
import { METADATA, REFUSED } from "./bad-tokens.ts";
import { startIssuer, type Issuer } from "./issuer.ts";

describe("GIVEN an issuer and a server that needs the scope `mcp`", () => {
  const environment = (issuer: Issuer) => ({
    AUTH_MODE: "oidc",
    AUTH_ISSUER: issuer.url,
    AUTH_REQUIRED_SCOPES: "mcp",
  });

  for (const { given, token, challenge, environment: more } of REFUSED) {
    test(`WHEN a token comes that is ${given} THEN 401 and the challenge says why`, async (context) => {
      const issuer = await startIssuer(context);
      const application = await startApplication(context, {
        environment: { ...environment(issuer), ...more },
      });
      const bearer = token(issuer);
      const reply = await application.call(bearer);
      assert.deepEqual([reply.status, reply.headers["www-authenticate"]], [401, challenge]);
      const [, description] = /error_description="([^"]*)"/u.exec(challenge) ?? [];
      assert.deepEqual(JSON.parse(reply.body), {
        error: "invalid_token",
        error_description: description,
      });
      assert.ok(!JSON.stringify(application.lines).includes(bearer), "the log holds the token");
    });
  }

  const good = (issuer: Issuer) => issuer.token({ scope: "mcp" });
  const anonymous: [
    given: string,
    request: (issuer: Issuer) => RequestOptions & { path?: string },
  ][] = [
    ["nothing", () => ({})],
    ["another scheme", (issuer) => ({ headers: [["Authorization", `DPoP ${good(issuer)}`]] })],
    ["a scheme without a token", () => ({ headers: [["Authorization", "Bearer"]] })],
    ["a token in the query", (issuer) => ({ path: `/mcp?access_token=${good(issuer)}` })],
  ];
  for (const [given, request] of anonymous) {
    test(`WHEN ${given} comes THEN 401 tells where to get a token, and no error`, async (context) => {
      const issuer = await startIssuer(context);
      const application = await startApplication(context, { environment: environment(issuer) });
      const { path = "/mcp", ...options } = request(issuer);
      const reply = await application.send(path, { method: "POST", ...options });
      assert.deepEqual(
        [reply.status, reply.headers["www-authenticate"]],
        [401, `Bearer scope="mcp", resource_metadata="${METADATA}"`],
      );
      assert.deepEqual(JSON.parse(reply.body), {
        error: "unauthorized",
        error_description: "This server needs a bearer token.",
      });
    });
  }

  test("WHEN two Authorization headers come THEN 400, whichever of them is good", async (context) => {
    const issuer = await startIssuer(context);
    const application = await startApplication(context, { environment: environment(issuer) });
    const reply = await application.send("/mcp", {
      method: "POST",
      headers: [
        ["Authorization", `Bearer ${good(issuer)}`],
        ["authorization", "Bearer other"],
      ],
    });
    assert.deepEqual(
      [reply.status, reply.headers["www-authenticate"]],
      [
        400,
        `Bearer error="invalid_request", error_description="The request has more than one Authorization header.", scope="mcp", resource_metadata="${METADATA}"`,
      ],
    );
  });

  test("WHEN a good token lacks the scope THEN 403 asks for it", async (context) => {
    const issuer = await startIssuer(context);
    const application = await startApplication(context, { environment: environment(issuer) });
    const reply = await application.call(issuer.token({ scope: "openid mcp:other" }));
    assert.deepEqual(
      [reply.status, reply.headers["www-authenticate"]],
      [
        403,
        `Bearer error="insufficient_scope", error_description="The token does not carry every scope that this server needs.", scope="mcp", resource_metadata="${METADATA}"`,
      ],
    );
  });

  test("WHEN rubbish of every kind comes THEN the issuer is not asked for anything", async (context) => {
    const issuer = await startIssuer(context);
    const application = await startApplication(context, { environment: environment(issuer) });
    for (const claims of [{ iss: "x" }, { exp: 1 }, { aud: "x" }, { sub: undefined }]) {
      assert.equal((await application.call(issuer.token(claims))).status, 401);
    }
    assert.deepEqual([...issuer.requests], []);
  });
});
