import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, test } from "node:test";
import { readUserPools } from "../../../local/identity/user-pools.ts";
import {
  branding,
  CALLBACK,
  DECLARED,
  domain,
  graphOf,
  machine,
  MACHINE_ID,
  person,
  PERSON_ID,
  pool,
  POOL_ID,
  SECRET,
  server,
} from "./graphs.ts";
import { basic, decode, startTestIssuer, suiteIssuer, type Tokens } from "./issuers.ts";

const MACHINE = { grant_type: "client_credentials", client_id: MACHINE_ID, client_secret: SECRET };

describe("GIVEN the documents of a pool", () => {
  test("WHEN discovery is asked for THEN it has what Cognito's has, and lacks what that lacks", async (context) => {
    const { iss, domain: at } = await startTestIssuer(context);
    const response = await fetch(`${iss}/.well-known/openid-configuration`);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual(await response.json(), {
      authorization_endpoint: `${at}/oauth2/authorize`,
      id_token_signing_alg_values_supported: ["RS256"],
      issuer: iss,
      jwks_uri: `${iss}/.well-known/jwks.json`,
      response_types_supported: ["code", "token"],
      scopes_supported: ["openid", "email", "phone", "profile"],
      subject_types_supported: ["public"],
      token_endpoint: `${at}/oauth2/token`,
      token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
      userinfo_endpoint: `${at}/oauth2/userInfo`,
    });
  });

  test("WHEN its keys are asked for THEN there are two, and no private part of either", async (context) => {
    const { iss } = await startTestIssuer(context);
    const response = await fetch(`${iss}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: Record<string, string>[] };
    assert.deepEqual(
      keys.map((key) => Object.keys(key)),
      Array.from({ length: 2 }, () => ["alg", "e", "kid", "kty", "n", "use"]),
    );
  });

  test("WHEN the run asks what is where THEN it learns the issuer and the domain", async (context) => {
    const { issuer, iss, domain: at } = await startTestIssuer(context);
    assert.deepEqual(
      [...issuer.replacements],
      [
        [`https://cognito-idp.eu-central-1.amazonaws.com/${POOL_ID}`, iss],
        ["https://mcp-1a2b3c.auth.eu-central-1.amazoncognito.com", at],
      ],
    );
  });

  test("WHEN the pool exists already THEN its endpoints are under its id", async (context) => {
    const { iss } = await startTestIssuer(context, { graph: graphOf(server(), machine()) });
    const response = await fetch(`${iss}/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams(MACHINE),
    });
    assert.equal(response.status, 200);
  });
});

describe("GIVEN a client for machines", () => {
  for (const [how, parameters, headers] of [
    ["in the body", MACHINE, undefined],
    ["in the header", { grant_type: "client_credentials" }, basic(MACHINE_ID, SECRET)],
    [
      "in the header, and its id in the body too",
      { grant_type: "client_credentials", client_id: MACHINE_ID },
      basic(MACHINE_ID, SECRET),
    ],
  ] as const) {
    test(`WHEN it proves who it is ${how} THEN it gets Cognito's token: all its scopes, no audience`, async (context) => {
      const { clock, iss, token } = await startTestIssuer(context);
      const response = await token(parameters, headers);
      assert.deepEqual([response.status, response.headers.get("cache-control")], [200, "no-store"]);
      const { access_token, ...rest } = (await response.json()) as Tokens;
      assert.deepEqual(rest, { expires_in: 3600, token_type: "Bearer" });
      const { header, claims } = decode(access_token);
      assert.deepEqual(Object.keys(header), ["kid", "alg"]);
      const now = Math.floor(clock.now() / 1000);
      const { jti, ...others } = claims;
      assert.equal(typeof jti, "string");
      assert.deepEqual(others, {
        sub: MACHINE_ID,
        token_use: "access",
        scope: `${DECLARED}/call ${DECLARED}/read`,
        auth_time: now,
        iss,
        exp: now + 3600,
        iat: now,
        version: 2,
        client_id: MACHINE_ID,
      });
    });
  }

  test("WHEN it names a scope and a resource THEN it gets that scope, and still no audience", async (context) => {
    const { token } = await startTestIssuer(context);
    const response = await token({ ...MACHINE, scope: `${DECLARED}/read`, resource: DECLARED });
    const { claims } = decode(((await response.json()) as Tokens).access_token);
    assert.deepEqual([claims["scope"], claims["aud"]], [`${DECLARED}/read`, undefined]);
  });

  test("WHEN the terminal asks THEN it gets a token for it, and none for people or strangers", async (context) => {
    const { issuer } = await startTestIssuer(context);
    const { claims } = decode(issuer.tokenFor(MACHINE_ID) ?? "");
    assert.deepEqual(
      [claims["client_id"], claims["scope"]],
      [MACHINE_ID, `${DECLARED}/call ${DECLARED}/read`],
    );
    assert.deepEqual(
      [issuer.tokenFor(PERSON_ID), issuer.tokenFor("nobody")],
      [undefined, undefined],
    );
  });

  test("WHEN the program changes THEN what is declared now is served, with the same keys", async (context) => {
    const { issuer, iss, token } = await startTestIssuer(context);
    const kids = async (): Promise<string> => (await fetch(`${iss}/.well-known/jwks.json`)).text();
    const before = await kids();
    const shorter = machine({ allowedOauthScopes: [`${DECLARED}/call`] });
    await issuer.update(readUserPools(graphOf(pool(), domain(), server(), shorter)));
    const response = await token(MACHINE);
    assert.equal(
      decode(((await response.json()) as Tokens).access_token).claims["scope"],
      `${DECLARED}/call`,
    );
    assert.equal(await kids(), before);
    await issuer.update([]);
    assert.deepEqual([(await token(MACHINE)).status, [...issuer.replacements]], [404, []]);
  });
});

const REFUSED: readonly (readonly [
  what: string,
  parameters: Record<string, string>,
  headers: Readonly<Record<string, string>> | undefined,
  error: string,
  reason: string,
])[] = [
  [
    "the secret is wrong",
    { ...MACHINE, client_secret: "wrong" },
    undefined,
    "invalid_client",
    "The client `weather-machine` has a secret, and the request brings another one.",
  ],
  [
    "there is no secret",
    { grant_type: "client_credentials", client_id: MACHINE_ID },
    undefined,
    "invalid_client",
    "The client `weather-machine` has a secret, and the request brings none.",
  ],
  [
    "nobody knows the client",
    { ...MACHINE, client_id: "nobody" },
    undefined,
    "invalid_client",
    "The user pool has no client of that id.",
  ],
  [
    "a public client brings a secret",
    { grant_type: "refresh_token", client_id: PERSON_ID, client_secret: SECRET },
    undefined,
    "invalid_client",
    "The client `weather-person` is public, but the request brings a secret.",
  ],
  [
    "the header is another kind",
    MACHINE,
    { Authorization: "Bearer abc" },
    "invalid_client",
    "The `Authorization` header is not of the form `Basic …`.",
  ],
  [
    "header and body name two clients",
    { grant_type: "client_credentials", client_id: PERSON_ID },
    basic(MACHINE_ID, SECRET),
    "invalid_client",
    "The `Authorization` header names another client than the body.",
  ],
  [
    "the secret comes twice",
    MACHINE,
    basic(MACHINE_ID, SECRET),
    "invalid_request",
    "The client's secret comes in the `Authorization` header and in the body.",
  ],
  [
    "no client is named",
    { grant_type: "client_credentials" },
    undefined,
    "invalid_request",
    "The request does not say which client asks.",
  ],
  [
    "there is no grant type",
    { client_id: MACHINE_ID },
    undefined,
    "invalid_request",
    "The parameter `grant_type` is missing.",
  ],
  [
    "the grant type is OAuth 2.0's old one",
    { ...MACHINE, grant_type: "password" },
    undefined,
    "unsupported_grant_type",
    "Cognito does not know that `grant_type`.",
  ],
  [
    "the scope is somebody else's",
    { ...MACHINE, scope: `${DECLARED}/write` },
    undefined,
    "invalid_scope",
    `The client \`weather-machine\` has no scope \`${DECLARED}/write\`. It has \`${DECLARED}/call ${DECLARED}/read\`.`,
  ],
  [
    "a client for people asks as a machine",
    { grant_type: "client_credentials", client_id: PERSON_ID },
    undefined,
    "unauthorized_client",
    "The client `weather-person` has no flow `client_credentials`.",
  ],
  [
    "a machine brings a code",
    { ...MACHINE, grant_type: "authorization_code", code: "x" },
    undefined,
    "unauthorized_client",
    "The client `weather-machine` has no flow `code`.",
  ],
  [
    "the code is invented",
    { grant_type: "authorization_code", client_id: PERSON_ID, code: "x", redirect_uri: CALLBACK },
    undefined,
    "invalid_grant",
    "The code was never issued to that client, has been redeemed, or is older than five minutes.",
  ],
  [
    "the refresh token is invented",
    { grant_type: "refresh_token", client_id: PERSON_ID, refresh_token: "x" },
    undefined,
    "invalid_grant",
    "The refresh token was never issued to that client, has been replaced, or has expired.",
  ],
  [
    "there is no refresh token",
    { grant_type: "refresh_token", client_id: PERSON_ID },
    undefined,
    "invalid_request",
    "The parameter `refresh_token` is missing.",
  ],
];

describe("GIVEN a request that Cognito would refuse", () => {
  const shared = suiteIssuer();
  for (const [what, parameters, headers, error, reason] of REFUSED) {
    test(`WHEN ${what} THEN the answer is \`${error}\`, and the terminal hears why`, async () => {
      const { refusals, token } = shared();
      const response = await token(parameters, headers);
      assert.deepEqual([response.status, await response.json()], [400, { error }]);
      assert.equal(refusals.at(-1), `The token endpoint answered \`${error}\`. ${reason}`);
      assert.ok(!refusals.join().includes(SECRET));
    });
  }

  test("WHEN a parameter comes twice THEN nobody chooses one", async (context) => {
    const { domain: at, refusals } = await startTestIssuer(context);
    const response = await fetch(`${at}/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams([...Object.entries(MACHINE), ["client_id", PERSON_ID]]),
    });
    assert.deepEqual(await response.json(), { error: "invalid_request" });
    assert.deepEqual(refusals, [
      "The token endpoint answered `invalid_request`. The parameter `client_id` comes more than once.",
    ]);
  });

  test("WHEN the body is rubbish, too large or of another type THEN it is refused, and the next one is served", async (context) => {
    const { domain: at, refusals, machineToken } = await startTestIssuer(context);
    const form = "application/x-www-form-urlencoded";
    for (const [type, body] of [
      ["application/json", JSON.stringify(MACHINE)],
      [form, "%E0%A4%A&&&=\u0000"],
      [form, `grant_type=client_credentials&scope=${"a".repeat(1_000_000)}`],
    ] as const) {
      const response = await fetch(`${at}/oauth2/token`, {
        method: "POST",
        headers: { "Content-Type": type },
        body,
      });
      assert.deepEqual(
        [response.status, await response.json()],
        [400, { error: "invalid_request" }],
      );
    }
    assert.deepEqual(refusals, [
      "The token endpoint answered `invalid_request`. The `Content-Type` is not `application/x-www-form-urlencoded`.",
      "The token endpoint answered `invalid_request`. The parameter `grant_type` is missing.",
      "The token endpoint answered `invalid_request`. The body is larger than 16384 bytes.",
    ]);
    assert.equal((await machineToken()).token_type, "Bearer");
  });

  test("WHEN the path, the method or the host is none of its own THEN nothing is served", async (context) => {
    const { issuer, domain: at } = await startTestIssuer(context);
    for (const path of ["/", "//", "/%", "/constructor", "/mcp-1a2b3c/oauth2/register"]) {
      assert.equal((await fetch(issuer.url + path)).status, 404);
    }
    const wrong = await fetch(`${at}/oauth2/token`);
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "POST"]);
    const preflight = await fetch(`${at}/oauth2/token`, { method: "OPTIONS" });
    assert.deepEqual(
      [preflight.status, preflight.headers.get("access-control-allow-methods")],
      [204, "POST"],
    );
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(issuer.url, { headers: { Host: "rebound.example.com" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    assert.equal(status, 421);
  });
});

describe("GIVEN a person's refresh token", () => {
  const RESOURCE = { resource: DECLARED };
  const refreshed = (token: string) => ({
    grant_type: "refresh_token",
    client_id: PERSON_ID,
    refresh_token: token,
  });

  test("WHEN it is used THEN the new token is bound to the same resource, and there is no new refresh token", async (context) => {
    const { clock, code, redeem, token } = await startTestIssuer(context);
    const first = (await (await redeem(await code(RESOURCE))).json()) as Tokens;
    await clock.advance(7_200_000);
    const response = await token(refreshed(first.refresh_token ?? ""));
    const again = (await response.json()) as Tokens;
    assert.deepEqual(Object.keys(again), ["access_token", "id_token", "expires_in", "token_type"]);
    const [before, after] = [first, again].map(({ access_token }) => decode(access_token).claims);
    for (const claim of ["aud", "sub", "scope", "auth_time", "origin_jti"]) {
      assert.equal(after?.[claim], before?.[claim]);
    }
    assert.equal(after?.["aud"], DECLARED);
    assert.equal(Number(after["iat"]) - Number(before?.["iat"]), 7200);
  });

  test("WHEN its time is over THEN it is refused", async (context) => {
    const { clock, code, redeem, token } = await startTestIssuer(context);
    const { refresh_token = "" } = (await (await redeem(await code())).json()) as Tokens;
    await clock.advance(2_592_000_000 - 1);
    assert.equal((await token(refreshed(refresh_token))).status, 200);
    await clock.advance(1);
    assert.deepEqual(await (await token(refreshed(refresh_token))).json(), {
      error: "invalid_grant",
    });
  });

  test("WHEN the client rotates them THEN the old one goes after its grace, and the new one not later than the first", async (context) => {
    const rotating = person({
      refreshTokenValidity: 1,
      refreshTokenRotation: { feature: "ENABLED", retryGracePeriodSeconds: 10 },
    });
    const { clock, code, redeem, token } = await startTestIssuer(context, {
      graph: graphOf(pool(), domain(), server(), rotating, branding()),
    });
    const { refresh_token: first = "" } = (await (await redeem(await code())).json()) as Tokens;
    const response = await token(refreshed(first));
    const { refresh_token: second = "" } = (await response.json()) as Tokens;
    assert.ok(second !== "" && second !== first);
    await clock.advance(9_999);
    assert.equal((await token(refreshed(first))).status, 200);
    await clock.advance(1);
    assert.equal((await token(refreshed(first))).status, 400);
    assert.equal((await token(refreshed(second))).status, 200);
    await clock.advance(86_400_000 - 10_000);
    assert.equal((await token(refreshed(second))).status, 400);
  });
});
