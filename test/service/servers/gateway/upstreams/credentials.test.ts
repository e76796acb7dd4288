import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test, type TestContext } from "node:test";
import { good, faultyListener, DISCOVERED, json } from "./faulty-server.ts";
import { call, contextOf, LIMITS, NEVER, openUpstream } from "./fixtures.ts";
import { legacyListener, startServer, type TestServer } from "./upstream-servers.ts";
import { createVirtualClock } from "../virtual-clock.ts";

/** A modern upstream that takes only what `accepts` takes, and counts the calls that it ran. */
async function guarded(
  t: TestContext,
  accepts: (headers: TestServer["requests"][number]["headers"]) => boolean,
): Promise<TestServer & { readonly runs: () => number }> {
  let runs = 0;
  const listener = faultyListener(good, () => {
    runs++;
  });
  const server = await startServer(t, (request, response, body) => {
    if (accepts(request.headers)) listener(request, response, body);
    else response.writeHead(401, { "www-authenticate": "Bearer" }).end("{}");
  });
  return Object.assign(server, { runs: () => runs });
}

/** An authorization server whose tokens are `token-1`, `token-2`, … */
async function authorizationServer(t: TestContext, secret = "p&ss wörd"): Promise<TestServer> {
  let issued = 0;
  return startServer(t, (request, response) => {
    const basic = Buffer.from(request.headers.authorization?.slice(6) ?? "", "base64").toString();
    const [id, given] = basic.split(":").map((part) => new URLSearchParams(`v=${part}`).get("v"));
    response.setHeader("content-type", "application/json");
    if (id !== "gate:way" || given !== secret) {
      response.writeHead(401).end(JSON.stringify({ error: "invalid_client" }));
      return;
    }
    response.end(
      JSON.stringify({
        access_token: `token-${++issued}`,
        token_type: "Bearer",
        expires_in: 600,
      }),
    );
  });
}

const form = ({ body }: { readonly body: string }): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(body));

test("GIVEN a secret in a variable WHEN a tool is called THEN it is sent as a bearer token, or in the header that is named", async (t) => {
  const server = await guarded(t, () => true);
  const environment = { KEY: "s3cret\n" };
  const value = { variable: "KEY" };
  const bearer = openUpstream(t, server.url, { auth: { mode: "header", value } }, { environment });
  await bearer.send(call("look"), contextOf({ callerToken: "the caller's" }), LIMITS);
  assert.equal(server.requests.at(-1)?.headers.authorization, "Bearer s3cret");
  const named = openUpstream(
    t,
    server.url,
    { auth: { mode: "header", header: "X-Api-Key", value } },
    { environment },
  );
  await named.send(call("look"), contextOf({ callerToken: "the caller's" }), LIMITS);
  assert.equal(server.requests.at(-1)?.headers["x-api-key"], "s3cret");
  assert.equal(server.requests.at(-1)?.headers.authorization, undefined);
});

test("GIVEN a secret that was rotated WHEN the upstream refuses the old one THEN it is read again, once for all calls, and each call runs once", async (t) => {
  let current = "old";
  const server = await guarded(t, ({ authorization }) => authorization === `Bearer ${current}`);
  let reads = 0;
  const clock = createVirtualClock();
  const upstream = openUpstream(
    t,
    server.url,
    {
      auth: {
        mode: "header",
        value: { secretArn: "arn:aws:secretsmanager:eu-central-1:1:secret:x" },
      },
    },
    {
      clock,
      readSecret: (arn) => {
        assert.equal(arn, "arn:aws:secretsmanager:eu-central-1:1:secret:x");
        reads++;
        return Promise.resolve(current);
      },
    },
  );
  await upstream.send(call("pay"), contextOf(), LIMITS);
  current = "new";
  await clock.advance(10_000);
  await Promise.all([1, 2, 3].map(() => upstream.send(call("pay"), contextOf(), LIMITS)));
  assert.equal(reads, 2);
  assert.equal(server.runs(), 4);
  current = "another, which nobody stores yet";
  await assert.rejects(upstream.send(call("pay"), contextOf(), LIMITS), {
    message: "The upstream `numbers` refuses the gateway's credentials (HTTP 401).",
    outcome: "internal_error",
  });
  assert.equal(reads, 2, "It is not read again at every refusal.");
});

test("GIVEN a secret that is not there WHEN a tool is called THEN nothing is asked of the upstream, and no secret is named", async (t) => {
  const server = await guarded(t, () => true);
  const auth = { mode: "header", value: { variable: "MISSING_KEY" } };
  const upstream = openUpstream(t, server.url, { auth });
  await assert.rejects(upstream.send(call("pay"), contextOf(), LIMITS), {
    status: 503,
    message:
      "The upstream `numbers` cannot be asked, since the gateway's secret for it cannot be read.",
  });
  assert.equal(server.requests.length, 0);
});

test("GIVEN client credentials WHEN many calls come THEN one token serves them until shortly before it expires, and another one when it was refused", async (t) => {
  const clock = createVirtualClock();
  let accepted = "Bearer token-1";
  const issuer = await authorizationServer(t);
  const server = await guarded(t, ({ authorization }) => authorization === accepted);
  const auth = {
    mode: "client-credentials",
    tokenEndpoint: issuer.url,
    clientId: "gate:way",
    clientSecret: { variable: "SECRET" },
    scope: "numbers:read",
    resource: "https://numbers.example",
  };
  const environment = { SECRET: "p&ss wörd" };
  const upstream = openUpstream(t, server.url, { auth }, { clock, environment });
  const calls = (): Promise<unknown> =>
    Promise.all([1, 2, 3].map(() => upstream.send(call("pay"), contextOf(), LIMITS)));
  await calls();
  assert.deepEqual(issuer.requests.map(form), [
    {
      grant_type: "client_credentials",
      scope: "numbers:read",
      resource: "https://numbers.example",
    },
  ]);
  await clock.advance(539_000);
  await calls();
  assert.equal(issuer.requests.length, 1);
  accepted = "Bearer token-2";
  await clock.advance(1000);
  await calls();
  assert.equal(issuer.requests.length, 2);
  accepted = "Bearer token-3";
  await clock.advance(10_000);
  await calls();
  assert.equal(issuer.requests.length, 3);
  assert.equal(server.runs(), 12);
  accepted = "none";
  await clock.advance(10_000);
  for (let again = 0; again < 5; again++)
    await assert.rejects(upstream.send(call("pay"), contextOf(), LIMITS), /refuses the gateway's/u);
  assert.equal(issuer.requests.length, 4, "Not every call fetches a token.");
});

test("GIVEN an authorization server that refuses the gateway WHEN a tool is called THEN the upstream hears nothing, and its breaker stays closed", async (t) => {
  const issuer = await authorizationServer(t, "another");
  const server = await guarded(t, () => true);
  const auth = {
    mode: "client-credentials",
    tokenEndpoint: issuer.url,
    clientId: "gate:way",
    clientSecret: { variable: "SECRET" },
  };
  const upstream = openUpstream(t, server.url, { auth }, { environment: { SECRET: "wrong" } });
  for (let calls = 0; calls < 6; calls++) {
    await assert.rejects(upstream.send(call("pay"), contextOf(), LIMITS), {
      status: 503,
      message: "The upstream `numbers` cannot be asked, since the gateway got no token for it.",
    });
  }
  assert.equal(server.requests.length, 0);
  assert.equal(upstream.state.breaker, "closed");
});

test("GIVEN token exchange WHEN callers call THEN each has a token of its own, which only the authorization server got theirs for", async (t) => {
  const issuer = await authorizationServer(t);
  const server = await guarded(t, () => true);
  const auth = {
    mode: "token-exchange",
    tokenEndpoint: issuer.url,
    clientId: "gate:way",
    clientSecret: { variable: "SECRET" },
    audience: "numbers",
  };
  const environment = { SECRET: "p&ss wörd" };
  const upstream = openUpstream(t, server.url, { auth }, { environment });
  for (const callerToken of ["alice", "bob", "alice"])
    await upstream.send(call("pay"), contextOf({ callerToken }), LIMITS);
  assert.deepEqual(
    server.requests
      .filter(({ body }) => body.includes("tools/call"))
      .map(({ headers }) => headers.authorization),
    ["Bearer token-1", "Bearer token-2", "Bearer token-1"],
  );
  const accessToken = "urn:ietf:params:oauth:token-type:access_token";
  assert.deepEqual(
    issuer.requests.map(form),
    ["alice", "bob"].map((subject_token) => ({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token,
      subject_token_type: accessToken,
      requested_token_type: accessToken,
      audience: "numbers",
    })),
  );
  for (const { headers, body } of server.requests)
    assert.doesNotMatch(JSON.stringify(headers) + body, /alice|bob/u);
  await assert.rejects(upstream.list(NEVER, undefined), {
    message: "The upstream `numbers` can only be asked for a caller with a token.",
  });
});

test("GIVEN token exchange and an upstream with sessions WHEN two callers call THEN they share none", async (t) => {
  const issuer = await authorizationServer(t);
  const server = await startServer(t, legacyListener(true));
  const auth = {
    mode: "token-exchange",
    tokenEndpoint: issuer.url,
    clientId: "gate:way",
    clientSecret: { variable: "SECRET" },
  };
  const upstream = openUpstream(t, server.url, { auth }, { environment: { SECRET: "p&ss wörd" } });
  for (const callerToken of ["alice", "bob", "alice"])
    await upstream.send(call("add", { a: 1, b: 2 }), contextOf({ callerToken }), LIMITS);
  const [alice, bob, again] = server.requests
    .filter(({ body }) => body.includes("tools/call"))
    .map(({ headers }) => headers["mcp-session-id"]);
  assert.notEqual(alice, bob);
  assert.equal(alice, again);
});

test("GIVEN SigV4 WHEN a tool is called THEN the signature is the one that AWS computes", async (t) => {
  const server = await startServer(t, (_request, response, body) => {
    const { id, method } = body as { id: number; method: string };
    if (method === "server/discover") json(response, 200, { id, result: DISCOVERED });
    else good(response, id, () => undefined);
  });
  const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  const upstream = openUpstream(
    t,
    `${server.url}/a%20b?x=2&a=1`,
    { auth: { mode: "sigv4", service: "lambda", region: "eu-central-1" } },
    {
      clock: createVirtualClock(Date.UTC(2026, 10, 23, 12, 0, 0)),
      awsCredentials: () =>
        Promise.resolve({ accessKeyId: "AKIDEXAMPLE", secretAccessKey, sessionToken: "session" }),
    },
  );
  await upstream.send(call("pay", { text: "ü" }), contextOf(), LIMITS);
  const received = server.requests.at(-1);
  assert.ok(received);
  const { headers, body } = received;
  assert.equal(headers["x-amz-date"], "20261123T120000Z");
  assert.equal(headers["x-amz-security-token"], "session");
  const scope = "20261123/eu-central-1/lambda/aws4_request";
  const [, signed = "", signature] =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261123\/eu-central-1\/lambda\/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w+)$/u.exec(
      headers.authorization ?? "",
    ) ?? [];
  assert.ok(
    ["host", "x-amz-date", "x-amz-security-token"].every((name) =>
      signed.split(";").includes(name),
    ),
  );
  // By hand, from "Create a signed AWS API request" of the IAM guide.
  const canonical = [
    "POST",
    "/mcp/a%2520b",
    "a=1&x=2",
    ...signed.split(";").map((name) => `${name}:${String(headers[name])}`),
    "",
    signed,
    sha256(body),
  ].join("\n");
  const key = [...scope.split("/")].reduce<string | Buffer>(
    (previous, part) => createHmac("sha256", previous).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const text = ["AWS4-HMAC-SHA256", "20261123T120000Z", scope, sha256(canonical)].join("\n");
  assert.equal(signature, createHmac("sha256", key).update(text).digest("hex"));
});

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
