import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { subjectOf } from "../../../local/identity/tokens.ts";
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
  server,
} from "./graphs.ts";
import {
  CHALLENGE,
  decode,
  pressButton,
  startTestIssuer,
  suiteIssuer,
  type Tokens,
} from "./issuers.ts";

describe("GIVEN a client for people", () => {
  test("WHEN somebody is sent to sign in THEN a page says what it stands in for, and nothing happens before its button is pressed", async (context) => {
    const { authorize } = await startTestIssuer(context);
    const page = await authorize({ resource: DECLARED });
    assert.deepEqual(
      [page.status, page.headers.get("content-security-policy")],
      [200, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"],
    );
    const html = await page.clone().text();
    for (const text of [
      "stands in for Cognito&#39;s managed login",
      "Sign in as developer",
      "weather-person",
      `openid email ${DECLARED}/call`,
      DECLARED,
      CALLBACK,
    ]) {
      assert.ok(html.replaceAll("'", "&#39;").includes(text), text);
    }
    const returned = new URL(await pressButton(page));
    assert.equal(returned.origin + returned.pathname, CALLBACK);
    assert.deepEqual([...returned.searchParams.keys()], ["code", "state"]);
    assert.equal(returned.searchParams.get("state"), "the state");
  });

  test("WHEN the code is redeemed THEN the tokens are Cognito's for people, bound to the resource", async (context) => {
    const { clock, code, iss, redeem } = await startTestIssuer(context);
    const given = await code({ resource: DECLARED, nonce: "once" });
    const {
      access_token,
      id_token = "",
      refresh_token,
      ...rest
    } = (await (await redeem(given)).json()) as Tokens;
    assert.deepEqual(rest, { expires_in: 3600, token_type: "Bearer" });
    assert.equal(typeof refresh_token, "string");
    const now = Math.floor(clock.now() / 1000);
    const { jti, event_id, origin_jti, ...claims } = decode(access_token).claims;
    assert.deepEqual(
      [typeof jti, typeof event_id, typeof origin_jti],
      ["string", "string", "string"],
    );
    assert.deepEqual(claims, {
      sub: subjectOf(iss),
      iss,
      version: 2,
      client_id: PERSON_ID,
      aud: DECLARED,
      token_use: "access",
      scope: `openid email ${DECLARED}/call`,
      auth_time: now,
      exp: now + 3600,
      iat: now,
      username: "developer",
    });
    const id = decode(id_token);
    assert.deepEqual(
      [id.claims["aud"], id.claims["token_use"], id.claims["nonce"], id.claims["sub"]],
      [PERSON_ID, "id", "once", subjectOf(iss)],
    );
    assert.notEqual(id.header["kid"], decode(access_token).header["kid"]);
    assert.match(subjectOf(iss), /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/u);
  });

  test("WHEN neither a resource nor `openid` is asked for THEN the token has no audience, and no ID token comes along", async (context) => {
    const { code, redeem } = await startTestIssuer(context);
    const tokens = (await (
      await redeem(await code({ scope: `${DECLARED}/call` }))
    ).json()) as Tokens;
    const { aud, scope } = decode(tokens.access_token).claims;
    assert.deepEqual([aud, scope, tokens.id_token], [undefined, `${DECLARED}/call`, undefined]);
  });

  test("WHEN the pool is a lite one THEN a resource binds nothing", async (context) => {
    const graph = graphOf(
      pool({ userPoolTier: "LITE" }),
      domain({ managedLoginVersion: 1 }),
      server(),
      person(),
    );
    const { code, redeem } = await startTestIssuer(context, { graph });
    const tokens = (await (await redeem(await code({ resource: DECLARED }))).json()) as Tokens;
    assert.equal(decode(tokens.access_token).claims["aud"], undefined);
  });

  test("WHEN a drill signs in automatically THEN the code comes at once, without a page", async (context) => {
    const { authorize } = await startTestIssuer(context, { signIn: "automatic" });
    for (const parameters of [{}, { prompt: "none" }]) {
      const response = await authorize(parameters);
      assert.equal(response.status, 302);
      assert.match(
        response.headers.get("location") ?? "",
        /^http:\/\/127\.0\.0\.1:8765\/callback\?code=/u,
      );
    }
  });

  test("WHEN the userInfo endpoint is asked THEN it knows the person by an access token with `openid` alone", async (context) => {
    const { clock, code, domain: at, iss, machineToken, redeem } = await startTestIssuer(context);
    const ask = (authorization?: string) =>
      fetch(`${at}/oauth2/userInfo`, {
        headers: authorization === undefined ? {} : { Authorization: authorization },
      });
    const tokens = (await (await redeem(await code())).json()) as Tokens;
    assert.deepEqual(await (await ask(`Bearer ${tokens.access_token}`)).json(), {
      sub: subjectOf(iss),
      username: "developer",
    });
    for (const [authorization, status, error] of [
      [undefined, 400, "invalid_request"],
      ["Bearer rubbish", 400, "invalid_request"],
      ["Bearer a.b.c", 401, "invalid_token"],
      [`Bearer ${tokens.access_token.slice(0, -4)}AAAA`, 401, "invalid_token"],
      [`Bearer ${tokens.id_token ?? ""}`, 401, "invalid_token"],
      [`Bearer ${(await machineToken()).access_token}`, 401, "invalid_token"],
    ] as const) {
      const response = await ask(authorization);
      assert.deepEqual([response.status, await response.json()], [status, { error }]);
      assert.ok(response.headers.get("www-authenticate")?.startsWith(`error="${error}"`));
    }
    await clock.advance(3_600_000);
    assert.equal((await ask(`Bearer ${tokens.access_token}`)).status, 401);
  });
});

describe("GIVEN a code", () => {
  test("WHEN it comes twice THEN the second time is refused", async (context) => {
    const { code, redeem } = await startTestIssuer(context);
    const given = await code();
    assert.equal((await redeem(given)).status, 200);
    assert.deepEqual(await (await redeem(given)).json(), { error: "invalid_grant" });
  });

  test("WHEN five minutes have gone THEN it is refused", async (context) => {
    const { clock, code, redeem } = await startTestIssuer(context);
    const given = await code();
    await clock.advance(300_000);
    assert.deepEqual(await (await redeem(given)).json(), { error: "invalid_grant" });
  });

  test("WHEN the callback URL is another one THEN Cognito's own words say so", async (context) => {
    const { code, redeem } = await startTestIssuer(context);
    const response = await redeem(await code(), { redirect_uri: "http://localhost:8765/callback" });
    assert.deepEqual(await response.json(), {
      error: "unauthorized_client",
      error_description: "invalid_redirect",
    });
  });

  for (const [what, asked, given] of [
    ["the verifier is another one", {}, { code_verifier: "another" }],
    ["the verifier is missing", {}, { code_verifier: "" }],
    ["there was no challenge", { code_challenge: undefined, code_challenge_method: undefined }, {}],
  ] as const) {
    test(`WHEN ${what} THEN it is refused`, async (context) => {
      const { code, redeem, refusals } = await startTestIssuer(context);
      const response = await redeem(await code(asked), given);
      assert.deepEqual(await response.json(), { error: "invalid_grant" });
      assert.deepEqual(refusals, [
        "The token endpoint answered `invalid_grant`. The `code_verifier` does not fit the `code_challenge` of the authorization request.",
      ]);
    });
  }

  test("WHEN no resource server is the resource THEN it is refused, as users of Cognito report", async (context) => {
    const { code, redeem, refusals } = await startTestIssuer(context);
    const response = await redeem(await code({ resource: `${DECLARED}/` }));
    assert.deepEqual(await response.json(), { error: "invalid_grant" });
    assert.deepEqual(refusals, [
      `The token endpoint answered \`invalid_grant\`. No resource server of the pool has the identifier \`${DECLARED}/\`, which the authorization request named as its \`resource\`.`,
    ]);
  });
});

describe("GIVEN a sign-in that Cognito would refuse", () => {
  const shared = suiteIssuer();
  for (const [what, parameters, error] of [
    ["there is no response type", { response_type: undefined }, "invalid_request"],
    ["the response type is another one", { response_type: "id_token" }, "invalid_request"],
    ["the implicit flow is asked for", { response_type: "token" }, "unauthorized_client"],
    ["the challenge is plain", { code_challenge_method: "plain" }, "invalid_request"],
    ["the challenge has no method", { code_challenge_method: undefined }, "invalid_request"],
    ["the method has no challenge", { code_challenge: undefined }, "invalid_request"],
    ["the challenge is no digest", { code_challenge: "short" }, "invalid_request"],
    ["the scope is somebody else's", { scope: `${DECLARED}/read` }, "invalid_scope"],
    ["the ID token's scopes come without it", { scope: "email" }, "invalid_scope"],
    [
      "the resource is not encrypted",
      { resource: "http://mcp.example.com/mcp" },
      "invalid_request",
    ],
    ["the resource is no URL", { resource: "weather" }, "invalid_request"],
    ["nobody may see a page", { prompt: "none" }, "login_required"],
  ] as const) {
    test(`WHEN ${what} THEN the client hears \`${error}\``, async () => {
      const { authorize, refusals } = shared();
      const before = refusals.length;
      const response = await authorize(parameters);
      assert.deepEqual(
        [response.status, response.headers.get("location")],
        [302, `${CALLBACK}?error=${error}&state=the+state`],
      );
      assert.equal(refusals.length, before + 1);
    });
  }

  test("WHEN client or callback URL are not known THEN nobody is sent there, and the page says why", async (context) => {
    const graph = graphOf(
      pool(),
      domain(),
      server(),
      machine(),
      person({ callbackUrls: [CALLBACK, "https://app.example.com/<b>"] }),
      branding(),
    );
    const { authorize, refusals } = await startTestIssuer(context, { graph });
    const mismatch = (asked: string, name: string, known: string) =>
      `Nobody can sign in. redirect_mismatch: the \`redirect_uri\` of the request is \`${asked}\`; the client \`${name}\` has ${known}.`;
    const both = `\`${CALLBACK}\`, \`https://app.example.com/<b>\``;
    for (const [parameters, sentence] of [
      [
        { client_id: "nobody" },
        "Nobody can sign in. The user pool has no client of the id that the request names (`client_id`).",
      ],
      [{ redirect_uri: undefined }, mismatch("", "weather-person", both)],
      [
        { redirect_uri: "http://localhost:8765/callback" },
        mismatch("http://localhost:8765/callback", "weather-person", both),
      ],
      [{ client_id: MACHINE_ID }, mismatch(CALLBACK, "weather-machine", "none")],
    ] as const) {
      const response = await authorize(parameters);
      assert.deepEqual([response.status, response.headers.get("location")], [400, null]);
      assert.ok(!(await response.text()).includes("<b>"), "callback URLs are escaped");
      assert.equal(refusals.at(-1), sentence);
    }
  });

  test("WHEN a page is answered twice, too late or by nobody who saw it THEN it is refused", async (context) => {
    const { authorize, clock, domain: at } = await startTestIssuer(context);
    const answer = (body: URLSearchParams | string) =>
      fetch(`${at}/login`, { method: "POST", body, redirect: "manual" });
    const idOf = async (): Promise<string> =>
      /name="request" value="([^"]*)"/u.exec(await (await authorize()).text())?.[1] ?? "";
    const request = await idOf();
    assert.equal((await answer(new URLSearchParams({ request }))).status, 302);
    assert.equal((await answer(new URLSearchParams({ request }))).status, 400);
    const late = await idOf();
    await clock.advance(300_000);
    assert.equal((await answer(new URLSearchParams({ request: late }))).status, 400);
    assert.equal((await answer("rubbish")).status, 400);
  });

  test("WHEN a client's own scheme is its callback URL THEN people are sent there", async (context) => {
    const graph = graphOf(
      pool(),
      domain(),
      server(),
      person({ callbackUrls: ["myapp://callback?a=1"] }),
      branding(),
    );
    const { authorize } = await startTestIssuer(context, { graph });
    const page = await authorize({
      redirect_uri: "myapp://callback?a=1",
      code_challenge: CHALLENGE,
    });
    assert.match(
      await pressButton(page),
      /^myapp:\/\/callback\?a=1&code=[\w-]{43}&state=the\+state$/u,
    );
  });
});
