import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Caller } from "../../../../service/runtime/caller.ts";
import { RelayError } from "../../../../service/runtime/relay.ts";
import { satisfies } from "../../../../service/servers/gateway/rules.ts";
import { call, caller, listing, relayContext, tool } from "./fake-upstream.ts";
import { createRandom, type Random } from "./random.ts";
import { startGateway, url } from "./running-gateway.ts";

describe("GIVEN a rule", () => {
  const rule = { tools: ["*"], scopes: ["read"], claims: { group: ["ops", "7"] } };
  const decided: [who: string, caller: Caller | undefined, isSatisfied: boolean][] = [
    ["has scope and claim", caller("a", { scopes: ["read"], claims: { group: "ops" } }), true],
    ["has one of a list", caller("a", { scopes: ["read"], claims: { group: ["x", 7] } }), true],
    ["lacks the scope", caller("a", { claims: { group: "ops" } }), false],
    ["lacks the claim", caller("a", { scopes: ["read"] }), false],
    ["has another value", caller("a", { scopes: ["read"], claims: { group: "opsy" } }), false],
    ["has an object there", caller("a", { scopes: ["read"], claims: { group: {} } }), false],
    ["has a static token, hence no claims", caller("a", { scopes: "all" }), false],
    ["is nobody", undefined, false],
  ];
  for (const [who, given, isSatisfied] of decided)
    test(`WHEN a caller ${who} THEN it is ${isSatisfied ? "" : "not "}satisfied`, () => {
      assert.equal(satisfies(given, rule, ""), isSatisfied);
    });

  test("WHEN it asks for scopes alone THEN a static token and nobody satisfy it, as everywhere in the host, and tokens name scopes with their prefix", () => {
    const scopes = { tools: ["*"], scopes: ["read"], claims: {} };
    assert.equal(satisfies(undefined, scopes, "api/"), true);
    assert.equal(satisfies(caller("a", { scopes: "all" }), scopes, "api/"), true);
    assert.equal(satisfies(caller("a", { scopes: ["api/read"] }), scopes, "api/"), true);
    assert.equal(satisfies(caller("a", { scopes: ["read"] }), scopes, "api/"), false);
  });
});

test("GIVEN rules of several upstreams WHEN these are changed and removed THEN the scopes that somebody may need are those of the rules in force, each once and in one order", async () => {
  const rules = (...scopes: readonly (readonly string[])[]): unknown =>
    scopes.map((each) => ({ tools: ["*"], scopes: each }));
  const gateway = await startGateway({
    upstreams: {
      b: { url, rules: rules(["write", "read"], ["admin"]) },
      a: {
        url,
        rules: [...(rules(["read"]) as unknown[]), { tools: ["*"], claims: { t: ["x"] } }],
      },
      open: { url },
    },
  });
  const scopes = (): readonly string[] => gateway.relay.scopes?.() ?? [];
  assert.deepEqual(scopes(), ["admin", "read", "write"]);

  await gateway.source.write({ b: { url, rules: rules(["send"]) }, open: { url } });
  assert.deepEqual(scopes(), ["send"]);

  await gateway.source.write({ open: { url } });
  assert.deepEqual(scopes(), []);
  await gateway.stop();
});

const TOOLS = ["get", "get_all", "put", "drop"];
const SCOPES = ["read", "write", "admin"];
const PATTERNS = ["*", "one__*", "two__get*", "*drop", "*__put", "one__get"];

test("GIVEN two hundred generated sets of rules and callers WHEN each lists and calls every tool THEN it is listed exactly where it can be called", async () => {
  let listed = 0;
  let hidden = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = createRandom(seed);
    const search = seed % 2 === 0;
    const gateway = await startGateway({
      upstreams: { one: { url, rules: anyRules(random) }, two: { url, rules: anyRules(random) } },
      prepare: (upstream) => {
        upstream.answerList = () =>
          Promise.resolve(listing({ tools: TOOLS.map((name) => tool(name)) }));
      },
      environment: search ? { GATEWAY_SEARCH: "true", GATEWAY_PINNED_TOOLS: "*" } : {},
    });
    for (const who of [undefined, ...Array.from({ length: 4 }, () => anyCaller(random))]) {
      const names = new Set(gateway.relay.offers(who).tools.map(({ name }) => name));
      for (const name of ["one", "two"].flatMap((upstream) =>
        TOOLS.map((own) => `${upstream}__${own}`),
      )) {
        const context = relayContext({ caller: who });
        const requests = [
          call(name),
          ...(search ? [call("call_tool", { arguments: { name } })] : []),
        ];
        for (const request of requests) {
          const failure = await gateway.relay.send(request, context).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (names.has(name)) assert.equal(failure, undefined, `seed ${seed}: ${name}`);
          else {
            assert.ok(failure instanceof RelayError, `seed ${seed}: ${name}`);
            assert.equal(failure.code, -32602);
            assert.equal(failure.message, `There is no tool \`${name}\`.`);
          }
        }
        if (names.has(name)) listed += 1;
        else hidden += 1;
      }
    }
    await gateway.stop();
  }
  // The property would hold for no rules at all, too.
  assert.ok(listed > 1000 && hidden > 1000, `${listed} ${hidden}`);
});

function anyRules(random: Random): unknown[] {
  return Array.from({ length: Math.floor(random.next() * 3) }, () => ({
    tools: [random.pick(PATTERNS)],
    scopes: random.some(SCOPES).slice(0, 2),
    claims: random.next() < 0.3 ? { group: ["ops", "dev"] } : {},
  }));
}

function anyCaller(random: Random): Caller {
  return caller(`caller-${random.next()}`, {
    scopes: random.next() < 0.1 ? "all" : random.some(SCOPES),
    claims: random.next() < 0.5 ? { group: random.pick(["ops", ["dev", "x"], "none"]) } : {},
  });
}

test("GIVEN two callers who satisfy the same rules WHEN both list THEN they get the same object, and another one where they do not", async () => {
  const gateway = await startGateway({
    upstreams: { one: { url, rules: [{ tools: ["*drop"], scopes: ["admin"] }] } },
    prepare: (upstream) => {
      upstream.answerList = () =>
        Promise.resolve(listing({ tools: TOOLS.map((name) => tool(name)) }));
    },
  });
  const offers = (id: string, scopes: string[]) => gateway.relay.offers(caller(id, { scopes }));
  assert.equal(offers("a", []), offers("b", ["other"]));
  assert.notEqual(offers("a", []), offers("c", ["admin"]));
  assert.equal(offers("c", ["admin"]).tools.length, 4);
  assert.equal(offers("c", ["admin"]).cache.cacheScope, "private");
  await gateway.stop();
});
