import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { describe, test, type TestContext } from "node:test";
import { startApplication, type Application, type Reply } from "./application.ts";
import { DISCOVERY, ELSEWHERE, KEYS, startIssuer, usualClaims, type Issuer } from "./issuer.ts";
import { createKey, signToken } from "./signing.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const FETCHED = "issuer keys fetched";
const FETCHED_AGAIN = "issuer keys fetched again";
const UNAVAILABLE = "issuer keys unavailable: known ones stay in use";

/** An issuer, an application that trusts it, and a clock that only the test turns. */
async function start(
  context: TestContext,
  environment: Record<string, string> = {},
): Promise<{ issuer: Issuer; application: Application; turn: (milliseconds: number) => void }> {
  const { timers } = context.mock;
  timers.enable({ apis: ["Date", "setInterval"], now: Date.now() });
  const issuer = await startIssuer(context);
  const application = await startApplication(context, {
    environment: { AUTH_MODE: "oidc", AUTH_ISSUER: issuer.url, ...environment },
  });
  return {
    issuer,
    application,
    turn: (milliseconds) => {
      timers.tick(milliseconds);
    },
  };
}

/** Counts how often a signature is checked, from now on. */
function countVerifications(context: TestContext): () => number {
  const { mock } = context.mock.method(crypto, "createVerify");
  syncBuiltinESMExports();
  context.after(() => {
    mock.restore();
    syncBuiltinESMExports();
  });
  return () => mock.callCount();
}

function asked(issuer: Issuer, path = KEYS): number {
  return issuer.requests.get(path) ?? 0;
}

function isUnavailable(reply: Reply): void {
  assert.deepEqual(
    [reply.status, reply.headers["retry-after"], reply.headers["www-authenticate"]],
    [503, "10", undefined],
  );
  assert.deepEqual(JSON.parse(reply.body), {
    error: "temporarily_unavailable",
    error_description:
      "The keys of the authorization server are out of reach, so that no token can be checked. Try again.",
  });
}

describe("GIVEN an issuer whose keys are known", () => {
  test("WHEN the same token comes again THEN neither the issuer nor the signature is asked", async (context) => {
    const { issuer, application } = await start(context);
    const verifications = countVerifications(context);
    const token = issuer.token();
    for (let call = 0; call < 5; call++) {
      assert.equal((await application.call(token)).status, 200);
    }
    assert.deepEqual([asked(issuer, DISCOVERY), asked(issuer), verifications()], [1, 1, 1]);
  });

  test("WHEN a token that passed expires THEN it is refused, though it is remembered", async (context) => {
    const { issuer, application, turn } = await start(context, { AUTH_CLOCK_SKEW_SECONDS: "30" });
    const token = issuer.token({ exp: Math.floor(Date.now() / SECOND) + 60 });
    assert.equal((await application.call(token)).status, 200);
    turn(89 * SECOND);
    assert.equal((await application.call(token)).status, 200);
    turn(2 * SECOND);
    const reply = await application.call(token);
    assert.equal(reply.status, 401);
    assert.match(reply.headers["www-authenticate"] ?? "", /"The token has expired\."/u);
  });

  test("WHEN the issuer rotates its key THEN new tokens pass at once, and old ones go on", async (context) => {
    const { issuer, application } = await start(context);
    const old = issuer.token();
    assert.equal((await application.call(old)).status, 200);
    issuer.keys = [createKey("second"), ...issuer.keys];
    assert.equal((await application.call(issuer.token())).status, 200);
    assert.equal((await application.call(old)).status, 200);
    assert.equal(asked(issuer), 2);
  });

  test("WHEN it withdraws a key THEN tokens of that key stop working within 15 minutes, remembered ones too", async (context) => {
    const { issuer, application, turn } = await start(context);
    const withdrawn = issuer.token();
    const [key] = issuer.keys;
    assert.ok(key);
    issuer.keys = [createKey("second"), key];
    const kept = issuer.token();
    for (const token of [withdrawn, kept])
      assert.equal((await application.call(token)).status, 200);
    issuer.keys = issuer.keys.slice(0, 1);
    const verifications = countVerifications(context);
    turn(15 * MINUTE);
    await application.logged(FETCHED, 2);
    assert.equal((await application.call(kept)).status, 200);
    assert.equal(verifications(), 0, "tokens of keys that stay are remembered");
    const reply = await application.call(withdrawn);
    assert.equal(reply.status, 401);
    assert.match(
      reply.headers["www-authenticate"] ?? "",
      /"The token is signed with a key that its issuer does not publish\."/u,
    );
  });

  test("WHEN it replaces a key under the same id THEN tokens of the old one stop working", async (context) => {
    const { issuer, application, turn } = await start(context);
    const old = issuer.token();
    assert.equal((await application.call(old)).status, 200);
    issuer.keys = [createKey("first")];
    turn(15 * MINUTE);
    await application.logged(FETCHED, 2);
    assert.equal((await application.call(old)).status, 401);
    assert.equal((await application.call(issuer.token())).status, 200);
  });

  test("WHEN tokens of unknown keys pour in THEN the issuer is asked once a second", async (context) => {
    const { issuer, application, turn } = await start(context);
    assert.equal((await application.call(issuer.token())).status, 200);
    const flood = async () => {
      const replies = await Promise.all(
        ["a", "b", "c", "d"].map((kid) =>
          application.call(signToken(createKey(kid), usualClaims(issuer.url))),
        ),
      );
      assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([401]));
    };
    await flood();
    await flood();
    assert.equal(asked(issuer), 2);
    turn(SECOND);
    await flood();
    assert.equal(asked(issuer), 3);
  });

  test("WHEN a key is published just after a token of an unknown one came THEN its tokens pass a second later", async (context) => {
    const { issuer, application, turn } = await start(context);
    const forged = signToken(createKey("forged"), usualClaims(issuer.url));
    assert.equal((await application.call(forged)).status, 401);
    issuer.keys = [createKey("second"), ...issuer.keys];
    turn(SECOND);
    assert.equal((await application.call(issuer.token())).status, 200);
  });

  for (const odd of [{ kid: "odd" }, { kid: "odd", kty: 7 }, { kty: "EC", kid: 7 }, null, "key"]) {
    test(`WHEN its key set has ${JSON.stringify(odd)} as well THEN tokens of the good keys pass`, async (context) => {
      const { issuer, application } = await start(context);
      issuer.oddKeys = [odd];
      assert.equal((await application.call(issuer.token())).status, 200);
    });
  }
});

describe("GIVEN an issuer that goes out of reach", () => {
  test("WHEN its keys are known THEN good tokens pass as before, and the outage is logged once", async (context) => {
    const { issuer, application, turn } = await start(context);
    const [key] = issuer.keys;
    assert.ok(key);
    assert.equal((await application.call(issuer.token())).status, 200);
    issuer.outage = true;
    turn(15 * MINUTE);
    await application.logged(UNAVAILABLE);

    const fresh = signToken(key, { ...usualClaims(issuer.url), jti: "another" });
    assert.equal((await application.call(fresh)).status, 200);
    const rotated = signToken(createKey("second"), usualClaims(issuer.url));
    isUnavailable(await application.call(rotated));
    const before = asked(issuer);
    isUnavailable(await application.call(rotated));
    assert.equal(asked(issuer), before, "asked again too soon");
    turn(10 * SECOND);
    isUnavailable(await application.call(rotated));
    assert.ok(asked(issuer) > before, "not asked again");

    issuer.outage = false;
    turn(MINUTE);
    await application.logged(FETCHED_AGAIN);
    assert.equal((await application.call(rotated)).status, 401);
    assert.deepEqual([application.count(UNAVAILABLE), application.count(FETCHED_AGAIN)], [1, 1]);
  });

  test("WHEN no key is known yet THEN 503 asks to come back, and then it works", async (context) => {
    const { issuer, application, turn } = await start(context);
    issuer.outage = true;
    isUnavailable(await application.call(issuer.token()));
    issuer.outage = false;
    isUnavailable(await application.call(issuer.token()));
    turn(10 * SECOND);
    assert.equal((await application.call(issuer.token())).status, 200);
  });

  test("WHEN a token is bad in itself THEN 401 even so", async (context) => {
    const { issuer, application } = await start(context);
    issuer.outage = true;
    assert.equal((await application.call(issuer.token({ aud: "other" }))).status, 401);
  });

  test("WHEN many first calls come together THEN the issuer is asked once", async (context) => {
    const { issuer, application } = await start(context);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, sub) =>
        application.call(issuer.token({ sub: `user-${sub}` })),
      ),
    );
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
    assert.deepEqual([asked(issuer, DISCOVERY), asked(issuer)], [1, 1]);
  });

  test("WHEN one connection breaks THEN the second try serves", async (context) => {
    const { issuer, application } = await start(context);
    issuer.outage = true;
    const call = application.call(issuer.token());
    await issuer.received(DISCOVERY, 1);
    issuer.outage = false;
    assert.equal((await call).status, 200);
  });
});

describe("GIVEN a server that starts", () => {
  test("WHEN it warms up THEN the first call finds the keys there", async (context) => {
    const { issuer, application } = await start(context);
    application.auth.warmUp();
    await application.logged(FETCHED);
    issuer.outage = true;
    assert.equal((await application.call(issuer.token())).status, 200);
  });

  test("WHEN the issuer is out of reach then THEN it tries again by itself", async (context) => {
    const { issuer, application, turn } = await start(context);
    issuer.outage = true;
    application.auth.warmUp();
    await application.logged(UNAVAILABLE);
    issuer.outage = false;
    // The discovery document has a pause of its own, which ends before the minute does.
    turn(MINUTE);
    await application.logged(FETCHED_AGAIN);
    assert.equal((await application.call(issuer.token())).status, 200);
  });

  test("WHEN it ends THEN nothing asks the issuer any more", async (context) => {
    const { issuer, application, turn } = await start(context);
    assert.equal((await application.call(issuer.token())).status, 200);
    application.auth.close();
    turn(16 * MINUTE);
    // A request of its own would have gone out before this one's answer comes.
    const unknown = signToken(createKey("unknown"), usualClaims(issuer.url));
    assert.equal((await application.call(unknown)).status, 503);
    assert.equal(asked(issuer), 1);
  });

  test("WHEN the address of the keys is configured THEN there is no discovery", async (context) => {
    const issuer = await startIssuer(context);
    const application = await startApplication(context, {
      environment: {
        AUTH_MODE: "oidc",
        AUTH_ISSUER: "https://issuer.example.com/",
        AUTH_JWKS_URI: new URL(KEYS, issuer.url).href,
      },
    });
    const token = issuer.token({ iss: "https://issuer.example.com/" });
    assert.equal((await application.call(token)).status, 200);
    assert.deepEqual([...issuer.requests], [[KEYS, 1]]);
  });
});

describe("GIVEN an issuer whose documents are wrong", () => {
  const wrong: [given: string, metadata: Record<string, unknown>, message: RegExp][] = [
    [
      "those of another issuer",
      { issuer: "https://other.example.com" },
      /is that of `https:\/\/other\.example\.com`, not of `AUTH_ISSUER`/u,
    ],
    [
      "without the address of its keys",
      { jwks_uri: undefined },
      /names no https address of keys \(`jwks_uri`: ``\)\. Set `AUTH_JWKS_URI`\./u,
    ],
    [
      "with keys over plain HTTP",
      { jwks_uri: "http://issuer.example.com/keys" },
      /names no https address of keys \(`jwks_uri`: `http:\/\/issuer\.example\.com\/keys`\)/u,
    ],
    ["no discovery document", { jwks_uri: 1 }, /is no discovery document/u],
  ];
  for (const [given, metadata, message] of wrong) {
    test(`WHEN they are ${given} THEN no token passes, and the log says what is wrong`, async (context) => {
      const { issuer, application } = await start(context);
      issuer.metadata = metadata;
      isUnavailable(await application.call(issuer.token()));
      const line = application.lines.find(({ msg }) => msg === UNAVAILABLE);
      assert.match((line?.["err"] as Error).message, message);
    });
  }

  test("WHEN it sends elsewhere for its keys THEN nobody goes there", async (context) => {
    const { issuer } = await start(context);
    const application = await startApplication(context, {
      environment: {
        AUTH_MODE: "oidc",
        AUTH_ISSUER: issuer.url,
        AUTH_JWKS_URI: new URL(ELSEWHERE, issuer.url).href,
      },
    });
    isUnavailable(await application.call(issuer.token()));
    assert.equal(asked(issuer), 0);
  });

  test("WHEN it has no document at all THEN the log names both places and the way out", async (context) => {
    const { issuer } = await start(context);
    const application = await startApplication(context, {
      environment: { AUTH_MODE: "oidc", AUTH_ISSUER: `${issuer.url}/none` },
    });
    isUnavailable(await application.call(issuer.token({ iss: `${issuer.url}/none` })));
    const line = application.lines.find(({ msg }) => msg === UNAVAILABLE);
    const { origin } = new URL(issuer.url);
    assert.equal(
      (line?.["err"] as Error).message,
      `The issuer has no discovery document, neither at ${origin}/pool/none/.well-known/openid-configuration` +
        ` nor at ${origin}/.well-known/oauth-authorization-server/pool/none. Set \`AUTH_JWKS_URI\` to the address of its keys.`,
    );
  });
});
