import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { Writable } from "node:stream";
import { describe, test, type TestContext } from "node:test";
import type { Request, Response } from "express";
import { readAuth } from "../../../service/runtime/auth/configuration.ts";
import { createAuth, type Auth } from "../../../service/runtime/auth/index.ts";
import { createGuard } from "../../../service/runtime/auth/guard.ts";
import type { Verdict } from "../../../service/runtime/auth/verdict.ts";
import { createLogger } from "../../../service/runtime/log.ts";
import { random } from "../hot-path/requests.ts";
import { AUDIENCE, startIssuer } from "./issuer.ts";

const TOKEN = "a-token-of-the-tests";

const log = createLogger(
  "test",
  { id: "1", zone: "a" },
  "silent",
  new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  }),
);

function requestWith(...authorizations: readonly string[]): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  for (const each of authorizations) request.rawHeaders.push("Authorization", each);
  return request;
}

function authWith(context: TestContext, environment: Record<string, string>): Auth {
  const publicUrl = new URL(AUDIENCE);
  const auth = createAuth({
    configuration: readAuth(environment, publicUrl),
    publicUrl,
    title: "Test",
    log,
  });
  context.after(() => {
    auth.close();
  });
  return auth;
}

describe("GIVEN static tokens WHEN it is asked who sends a request", () => {
  const environment = { AUTH_STATIC_TOKENS: TOKEN };

  test("THEN one with a good token comes from its caller, the scheme in any case", (context) => {
    const auth = authWith(context, environment);
    for (const scheme of ["Bearer", "bearer", "BEARER "]) {
      const identity = auth.identify(requestWith(`${scheme} ${TOKEN}`));
      assert.match(identity?.caller?.id ?? "", /^static-token:[\da-f]{16}$/u);
    }
  });

  const others: readonly (readonly [string, readonly string[]])[] = [
    ["none", []],
    ["another token", ["Bearer other"]],
    ["another scheme", [`Basic ${TOKEN}`]],
    ["the same token twice", [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]],
    ["an empty header before it", ["", `Bearer ${TOKEN}`]],
    ["something behind it", [`Bearer ${TOKEN} more`]],
    ["no blank before it", [`Bearer${TOKEN}`]],
    ["too long a token", [`Bearer ${"x".repeat(8193)}`]],
    ["no token", ["Bearer"]],
  ];
  for (const [named, authorizations] of others) {
    test(`THEN ${named} is left to the guard`, (context) => {
      const auth = authWith(context, environment);
      assert.equal(auth.identify(requestWith(...authorizations)), undefined);
    });
  }
});

test("GIVEN no auth WHEN it is asked who sends a request THEN it is nobody, whatever it says", (context) => {
  const auth = authWith(context, { AUTH_MODE: "none" });
  for (const authorizations of [[], ["Bearer x"], ["Bearer x", "Bearer y"]])
    assert.deepEqual(auth.identify(requestWith(...authorizations)), { caller: undefined });
});

describe("GIVEN tokens of an issuer WHEN it is asked who sends a request", () => {
  test("THEN a token that was never seen is left to the guard, and known from then on until it is not good any more", async (context) => {
    const issuer = await startIssuer(context);
    const auth = authWith(context, { AUTH_MODE: "oidc", AUTH_ISSUER: issuer.url });
    const bearer = `Bearer ${issuer.token()}`;
    const first = requestWith(bearer);
    assert.equal(auth.identify(first), undefined);
    await passed(auth, first);
    assert.equal(auth.identify(requestWith(bearer))?.caller?.id, `${issuer.url}|user-1`);
    context.mock.timers.enable({ apis: ["Date"], now: Date.now() + 2 * 3600 * 1000 });
    assert.equal(auth.identify(requestWith(bearer)), undefined);
  });

  test("THEN one without the scopes that every caller needs is left to the guard, each time", async (context) => {
    const issuer = await startIssuer(context);
    const auth = authWith(context, {
      AUTH_MODE: "oidc",
      AUTH_ISSUER: issuer.url,
      AUTH_REQUIRED_SCOPES: "read",
    });
    const [without, having] = [{}, { scope: "read" }].map(
      (claims) => `Bearer ${issuer.token(claims)}`,
    );
    const first = requestWith(having ?? "");
    auth.identify(first);
    await passed(auth, first);
    assert.notEqual(auth.identify(requestWith(having ?? "")), undefined);
    for (let count = 0; count < 3; count++)
      assert.equal(auth.identify(requestWith(without ?? "")), undefined);
  });

  test("THEN no token makes it throw, however odd it is: nobody would catch that", async (context) => {
    const issuer = await startIssuer(context);
    const auth = authWith(context, { AUTH_MODE: "oidc", AUTH_ISSUER: issuer.url });
    const next = random(20_260_728);
    const encoded = (text: string | Buffer): string => Buffer.from(text).toString("base64url");
    const parts = [
      "null",
      "5",
      '"text"',
      "[]",
      "{}",
      "",
      "{",
      '{"alg":"ES256"}',
      '{"alg":"ES256","kid":5}',
      '{"alg":"none"}',
      '{"alg":"ES256","kid":"__proto__","crit":["x"]}',
      '{"__proto__":{"alg":"ES256"}}',
      `{"iss":"${issuer.url}"}`,
      `{"iss":"${issuer.url}","aud":{},"exp":"1","sub":[]}`,
      `{"iss":"${issuer.url}","aud":["${AUDIENCE}",null],"exp":1e308,"sub":"\\ud800","scope":{}}`,
      `{"iss":"${issuer.url}","aud":"${AUDIENCE}","exp":9e15,"nbf":{},"iat":null,"sub":null}`,
      `${"[".repeat(2000)}${"]".repeat(2000)}`,
    ].map(encoded);
    parts.push(encoded(Buffer.from([0xff, 0xfe])), "=", "~", "a", ".");
    const part = (): string => parts[Math.floor(next() * parts.length)] ?? "";
    for (let count = 0; count < 3000; count++) {
      const token = Array.from({ length: 1 + Math.floor(next() * 4) }, part).join(".");
      assert.equal(auth.identify(requestWith(`Bearer ${token}`)), undefined);
    }
  });
});

describe("GIVEN a guard WHEN what it was asked at once takes time", () => {
  const guardWith = (verify: () => Verdict | Promise<Verdict>) =>
    createGuard({ verify, requiredScopes: [], resourceMetadataUrl: AUDIENCE, log });

  test("THEN the token is checked once for both", async (context) => {
    const verify = context.mock.fn(() =>
      Promise.resolve<Verdict>({
        outcome: "accepted",
        caller: { id: "a", scopes: "all", claims: {} },
        expiresAt: undefined,
      }),
    );
    const guard = guardWith(verify);
    const request = requestWith("Bearer x");
    assert.equal(guard.identify(request), undefined);
    await passed({ guard: guard.handle }, request);
    assert.equal(verify.mock.callCount(), 1);
  });

  test("THEN a failure goes to whoever asks for it, and nowhere else", async () => {
    const failure = new Error("broken");
    const guard = guardWith(() => Promise.reject(failure));
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on("unhandledRejection", note);
    const [left, asked] = [requestWith("Bearer x"), requestWith("Bearer x")];
    assert.equal(guard.identify(left), undefined);
    assert.equal(guard.identify(asked), undefined);
    await assert.rejects(passed({ guard: guard.handle }, asked), failure);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    assert.deepEqual(unhandled, []);
  });
});

/** Resolves when the guard lets a request through; rejects with what it gives to error handlers. */
function passed({ guard }: Pick<Auth, "guard">, request: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    void guard(request as Request, new ServerResponse(request) as Response, (error?: unknown) => {
      if (error === undefined) resolve();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the guard gave
      else reject(error);
    });
  });
}
