import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { startApplication, type Application } from "../../service/auth/application.ts";
import { MACHINE_ID, PERSON_ID, SECRET } from "./graphs.ts";
import {
  startTestIssuer,
  type TestIssuer,
  type TestIssuerOptions,
  type Tokens,
} from "./issuers.ts";

const HERE = "http://127.0.0.1:8000/mcp";

/** The issuer, and a container as a run would start it: its variables have the addresses of this machine. */
async function start(
  context: TestContext,
  options: TestIssuerOptions = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<TestIssuer & { readonly application: Application }> {
  const testIssuer = await startTestIssuer(context, {
    origins: new Map([["https://mcp.example.com", "http://127.0.0.1:8000"]]),
    ...options,
  });
  const application = await startApplication(context, {
    environment: {
      AUTH_MODE: "oidc",
      AUTH_ISSUER: testIssuer.iss,
      AUTH_AUDIENCES: HERE,
      AUTH_CLIENT_IDS: `${MACHINE_ID},${PERSON_ID}`,
      AUTH_REQUIRED_SCOPES: `${HERE}/call`,
      AUTH_SCOPE_PREFIX: `${HERE}/`,
      ...environment,
    },
    publicUrl: new URL(HERE),
  });
  return { ...testIssuer, application };
}

const INVALID = /error="invalid_token"/u;

describe("GIVEN a container that trusts the local issuer", () => {
  test("WHEN a machine calls with its token THEN the container knows it by its client id", async (context) => {
    const { application, issuer } = await start(context);
    const reply = await application.call(issuer.tokenFor(MACHINE_ID) ?? "");
    assert.equal(reply.status, 200);
    const { caller } = JSON.parse(reply.body) as { caller: Record<string, unknown> };
    assert.deepEqual(
      [caller["clientId"], caller["subject"], caller["scopes"]],
      [MACHINE_ID, MACHINE_ID, [`${HERE}/call`, `${HERE}/read`]],
    );
  });

  test("WHEN a person calls THEN the token must be bound to the service", async (context) => {
    const { application, code, redeem } = await start(context);
    const bound = (await (await redeem(await code({ resource: HERE }))).json()) as Tokens;
    assert.equal((await application.call(bound.access_token)).status, 200);
    const idToken = await application.call(bound.id_token ?? "");
    assert.deepEqual(
      [idToken.status, INVALID.test(idToken.headers["www-authenticate"] ?? "")],
      [401, true],
    );
  });

  test("WHEN the container lists no clients THEN a machine's token, which names no audience, is refused", async (context) => {
    const { application, issuer } = await start(context, {}, { AUTH_CLIENT_IDS: "" });
    const reply = await application.call(issuer.tokenFor(MACHINE_ID) ?? "");
    assert.deepEqual(
      [reply.status, INVALID.test(reply.headers["www-authenticate"] ?? "")],
      [401, true],
    );
  });

  test("WHEN a token has too few scopes THEN the challenge names those that it takes", async (context) => {
    const { application, token } = await start(context);
    const response = await token({
      grant_type: "client_credentials",
      client_id: MACHINE_ID,
      client_secret: SECRET,
      scope: `${HERE}/read`,
    });
    const { access_token } = (await response.json()) as Tokens;
    const reply = await application.call(access_token);
    assert.equal(reply.status, 403);
    assert.equal(
      reply.headers["www-authenticate"],
      'Bearer error="insufficient_scope", error_description="The token does not carry every scope that this server needs.",' +
        ` scope="${HERE}/call", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp"`,
    );
  });

  test("WHEN the scopes are those of AWS THEN they are none of the container's: the run has to move the pool", async (context) => {
    const { application, issuer } = await start(context, { origins: new Map() });
    assert.equal((await application.call(issuer.tokenFor(MACHINE_ID) ?? "")).status, 403);
  });
});

describe("GIVEN keys that rotate", () => {
  test("WHEN they do THEN old and new tokens are good, until the old key leaves", async (context) => {
    const { timers } = context.mock;
    timers.enable({ apis: ["Date"], now: Date.now() });
    const { application, issuer } = await start(context);
    const status = async (token: string) => (await application.call(token)).status;
    const old = issuer.tokenFor(MACHINE_ID) ?? "";
    assert.equal(await status(old), 200);

    await issuer.rotateKeys();
    const next = issuer.tokenFor(MACHINE_ID) ?? "";
    assert.deepEqual([await status(next), await status(old)], [200, 200]);

    await issuer.rotateKeys();
    // The container asks again for an unknown key, though not at once after the last time.
    timers.tick(60_000);
    const latest = issuer.tokenFor(MACHINE_ID) ?? "";
    assert.deepEqual(
      [await status(latest), await status(next), await status(old)],
      [200, 200, 401],
    );
  });
});

describe("GIVEN an issuer that goes out of reach", () => {
  test("WHEN a container knows its keys THEN tokens go on to be checked, and a container that does not asks to come back", async (context) => {
    const { application, issuer, iss } = await start(context);
    assert.equal((await application.call(issuer.tokenFor(MACHINE_ID) ?? "")).status, 200);
    issuer.setOutage(true);
    await assert.rejects(fetch(`${iss}/.well-known/jwks.json`));
    // Another token: not one that is remembered.
    assert.equal((await application.call(issuer.tokenFor(MACHINE_ID) ?? "")).status, 200);

    const cold = await startApplication(context, {
      environment: { AUTH_MODE: "oidc", AUTH_ISSUER: iss, AUTH_CLIENT_IDS: MACHINE_ID },
    });
    const token = issuer.tokenFor(MACHINE_ID) ?? "";
    assert.equal((await cold.call(token)).status, 503);
    issuer.setOutage(false);
    assert.equal((await fetch(`${iss}/.well-known/jwks.json`)).status, 200);
  });
});
