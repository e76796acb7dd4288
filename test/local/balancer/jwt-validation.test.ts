import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { before, describe, test, type TestContext } from "node:test";
import { KeySetError, KeySets } from "../../../local/balancer/key-sets.ts";
import { withLocalIssuers } from "../../../local/balancer/local-validation.ts";
import type { TokenClaim, TokenValidation } from "../../../local/graph/rule-actions.ts";
import { localAddress } from "../../../local/identity/local-address.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { declaredLoadBalancer, get, GROUP, stand, target, type Stand } from "./stand.ts";

const NOW = 1_800_000_000;
const ISSUER = "https://issuer.example.com/pool";

let privateKey: KeyObject;
let otherKey: KeyObject;
before(() => {
  privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  otherKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(claims: object = {}, header: object = {}, key = privateKey): string {
  const signed = `${part({ alg: "RS256", kid: "one", ...header })}.${part({ iss: ISSUER, exp: NOW + 1, ...claims })}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url")}`;
}

function jwk(kid: string, key: KeyObject): object {
  return { ...createPublicKey(key).export({ format: "jwk" }), kid, alg: "RS256", use: "sig" };
}

/** An endpoint of keys; tells how often it was asked. */
async function keysAt(
  context: TestContext,
  answer: RequestListener = (_incoming, outgoing) =>
    outgoing.end(JSON.stringify({ keys: [jwk("one", privateKey)] })),
): Promise<{ endpoint: string; asked: () => number }> {
  let asked = 0;
  const server = createServer((incoming, outgoing) => {
    asked++;
    answer(incoming, outgoing);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    asked: () => asked,
  };
}

async function validating(
  context: TestContext,
  claims: readonly TokenClaim[] = [],
  answer?: RequestListener,
): Promise<Stand> {
  const { endpoint } = await keysAt(context, answer);
  const validation: TokenValidation = { issuer: ISSUER, jwksEndpoint: endpoint, claims };
  const balancer = await stand(context, {
    date: () => NOW,
    rules: [
      {
        arn: "rule",
        name: "tokens",
        priority: 1,
        conditions: [{ field: "path", values: ["/mcp"] }],
        validation,
        action: { type: "forward", targets: [{ targetGroupArn: GROUP, weight: 1 }] },
        validatesTokens: true,
      },
    ],
  });
  await target(context, balancer, (incoming, outgoing) =>
    outgoing.end(incoming.headers.authorization),
  );
  return balancer;
}

const bearer = (given: string): Record<string, string> => ({ Authorization: `Bearer ${given}` });

describe("GIVEN a rule that validates tokens", () => {
  test("WHEN a token is good THEN the request is forwarded with it", async (context) => {
    const balancer = await validating(context);
    const good = token({ nbf: NOW, iat: NOW });
    const reply = await get(balancer.port, "/mcp", bearer(good));
    assert.deepEqual([reply.status, reply.body], [200, `Bearer ${good}`]);
  });

  test("WHEN there is no token THEN 401 from the load balancer, and no word on where to get one", async (context) => {
    const balancer = await validating(context);
    const { status, headers } = await get(balancer.port, "/mcp");
    assert.deepEqual(
      [status, headers.server, headers["www-authenticate"]],
      [401, "awselb/2.0", undefined],
    );
    assert.deepEqual(
      balancer.records.map(({ rule, status: recorded, outcome }) => [rule, recorded, outcome]),
      [["tokens", 401, undefined]],
    );
  });

  const refused: [what: string, make: () => string][] = [
    ["has expired", () => token({ exp: NOW })],
    ["has no end", () => token({ exp: undefined })],
    ["has an end that is no number", () => token({ exp: String(NOW + 1) })],
    ["is not valid yet", () => token({ nbf: NOW + 1 })],
    ["comes from the future", () => token({ iat: NOW + 1 })],
    ["is another issuer's by a slash", () => token({ iss: `${ISSUER}/` })],
    ["is signed by another key", () => token({}, {}, otherKey)],
    ["names no key", () => token({}, { kid: undefined })],
    ["names an unknown key", () => token({}, { kid: "two" })],
    ["says that it is not signed", () => token({}, { alg: "none" })],
    ["says RS512", () => token({}, { alg: "RS512" })],
    ["has a critical header", () => token({}, { crit: ["b64"] })],
    [
      "has been changed",
      () => token().replace(/\.[^.]+\./u, `.${part({ iss: ISSUER, exp: NOW + 9 })}.`),
    ],
    ["is no token", () => "secret"],
  ];
  for (const [what, make] of refused) {
    test(`WHEN a token ${what} THEN 401`, async (context) => {
      const balancer = await validating(context);
      assert.equal((await get(balancer.port, "/mcp", bearer(make()))).status, 401);
    });
  }

  const single: TokenClaim = { name: "client_id", format: "single-string", values: ["one"] };
  const array: TokenClaim = { name: "groups", format: "string-array", values: ["a", "b"] };
  const spaced: TokenClaim = {
    name: "scope",
    format: "space-separated-values",
    values: ["mcp/call"],
  };
  const claims: [claim: TokenClaim, given: unknown, status: number][] = [
    [single, "one", 200],
    [single, "two", 401],
    [single, ["one"], 401],
    [array, ["b", "c", "a"], 200],
    [array, ["a"], 401],
    [array, "a b", 401],
    [spaced, "openid mcp/call", 200],
    [spaced, "mcp/call2", 401],
    [spaced, undefined, 401],
  ];
  for (const [claim, given, status] of claims) {
    test(`WHEN \`${claim.name}\` is ${JSON.stringify(given)} as ${claim.format} of ${claim.values.join(" and ")} THEN ${status}`, async (context) => {
      const balancer = await validating(context, [claim]);
      const reply = await get(balancer.port, "/mcp", bearer(token({ [claim.name]: given })));
      assert.equal(reply.status, status);
    });
  }

  const unavailable: [what: string, answer: RequestListener][] = [
    ["cannot be reached", (incoming) => incoming.socket.destroy()],
    ["answers 404", (_incoming, outgoing) => outgoing.writeHead(404).end()],
    ["answers no keys", (_incoming, outgoing) => outgoing.end("<html>")],
    [
      "has eleven keys",
      (_incoming, outgoing) => {
        const keys = Array.from({ length: 11 }, (_, index) => jwk(`key-${index}`, privateKey));
        outgoing.end(JSON.stringify({ keys }));
      },
    ],
    [
      "has more than 150 KB",
      (_incoming, outgoing) => {
        outgoing.end(JSON.stringify({ keys: [jwk("one", privateKey)], x: "x".repeat(154_000) }));
      },
    ],
  ];
  for (const [what, answer] of unavailable) {
    test(`WHEN the endpoint of the keys ${what} THEN nothing is forwarded, and the client gets 500`, async (context) => {
      const balancer = await validating(context, [], answer);
      assert.equal((await get(balancer.port, "/mcp", bearer(token()))).status, 500);
    });
  }

  test("WHEN the endpoint of the keys is silent for 5 s THEN 500", async (context) => {
    const entered = Promise.withResolvers<undefined>();
    const balancer = await validating(context, [], () => {
      entered.resolve(undefined);
    });
    const reply = get(balancer.port, "/mcp", bearer(token()));
    await entered.promise;
    await balancer.clock.advance(5000);
    assert.equal((await reply).status, 500);
  });
});

describe("GIVEN the keys of an issuer", () => {
  test("WHEN they are known THEN they are asked for again after five minutes, and after half a minute for a key that is not among them", async (context) => {
    const clock = new VirtualClock();
    const { endpoint, asked } = await keysAt(context);
    const keySets = new KeySets(clock);
    for (let index = 0; index < 5; index++) assert.ok(await keySets.find(endpoint, "one"));
    assert.equal(await keySets.find(endpoint, "two"), undefined);
    assert.equal(asked(), 1);
    await clock.advance(29_999);
    await keySets.find(endpoint, "two");
    assert.equal(asked(), 1);
    await clock.advance(1);
    await keySets.find(endpoint, "two");
    assert.equal(asked(), 2);
    await clock.advance(299_999);
    await keySets.find(endpoint, "one");
    assert.equal(asked(), 2);
    await clock.advance(1);
    await keySets.find(endpoint, "one");
    assert.equal(asked(), 3);
  });

  test("WHEN the endpoint has failed THEN the next request asks again", async (context) => {
    let fails = true;
    const { endpoint } = await keysAt(context, (_incoming, outgoing) => {
      if (fails) outgoing.writeHead(503).end();
      else outgoing.end(JSON.stringify({ keys: [jwk("one", privateKey)] }));
    });
    const keySets = new KeySets(new VirtualClock());
    await assert.rejects(keySets.find(endpoint, "one"), KeySetError);
    fails = false;
    assert.ok(await keySets.find(endpoint, "one"));
  });
});

test("GIVEN tokens of a user pool WHEN its stand-in is on this machine THEN the load balancer asks for the stand-in's tokens and keys", () => {
  const here = new Map([
    ["https://cognito-idp.us-east-1.amazonaws.com/us-east-1_1", "http://127.0.0.1:9/pool"],
    ["https://d1.cloudfront.net", "http://127.0.0.1:8000"],
  ]);
  const declared = declaredLoadBalancer({
    listeners: [
      {
        arn: "listener",
        loadBalancerArn: "load-balancer",
        port: 443,
        protocol: "HTTPS",
        rules: [],
        defaultAction: { type: "forward", targets: [] },
        defaultValidation: {
          issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_1",
          jwksEndpoint:
            "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_1/.well-known/jwks.json",
          claims: [
            {
              name: "scope",
              format: "space-separated-values",
              values: ["https://d1.cloudfront.net/mcp/call"],
            },
          ],
        },
      },
    ],
  });
  const { listeners } = withLocalIssuers(declared, (address) => localAddress(address, here));
  assert.deepEqual(listeners[0]?.defaultValidation, {
    issuer: "http://127.0.0.1:9/pool",
    jwksEndpoint: "http://127.0.0.1:9/pool/.well-known/jwks.json",
    claims: [
      {
        name: "scope",
        format: "space-separated-values",
        values: ["http://127.0.0.1:8000/mcp/call"],
      },
    ],
  });
});
