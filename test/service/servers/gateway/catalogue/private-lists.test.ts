import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Caller } from "../../../../../service/runtime/caller.ts";
import { keepCallerListings } from "../../../../../service/servers/gateway/catalogue/caller-listings.ts";
import {
  call,
  caller,
  configuration,
  FakeUpstream,
  listing,
  relayContext,
  silent,
  tool,
} from "../fake-upstream.ts";
import { startGateway, url, type RunningGateway } from "../running-gateway.ts";
import { createVirtualClock, settle } from "../virtual-clock.ts";

const ALICE = caller("alice");
const BOB = caller("bob");

/** Lists to each caller a tool of that name, and one that all have. */
function listsPrivately(upstream: FakeUpstream): void {
  upstream.answerList = (context) =>
    Promise.resolve(
      listing({
        tools: [tool("common"), tool(`for_${context?.caller?.id ?? "gateway"}`)],
        cacheScope: "private",
        ttlMilliseconds: 10_000,
      }),
    );
}

function start(upstreams: Record<string, unknown> = { a: { url } }): Promise<RunningGateway> {
  return startGateway({ upstreams, prepare: listsPrivately });
}

function names({ relay }: RunningGateway, who: Caller | undefined): readonly string[] {
  return relay.offers(who).tools.map(({ name }) => String(name));
}

describe("GIVEN an upstream whose lists are private", () => {
  test("WHEN callers list THEN each sees its own, from memory after the first time, and none what the gateway was listed", async () => {
    const gateway = await start();
    assert.deepEqual(names(gateway, ALICE), []);
    for (const who of [ALICE, BOB]) await gateway.relay.prepare?.(relayContext({ caller: who }));
    assert.deepEqual(names(gateway, ALICE), ["a__common", "a__for_alice"]);
    assert.deepEqual(names(gateway, BOB), ["a__common", "a__for_bob"]);
    assert.equal(gateway.relay.offers(ALICE).cache.cacheScope, "private");
    assert.equal(gateway.upstream("a").lists, 3);
    assert.equal(gateway.relay.prepare?.(relayContext({ caller: ALICE })), undefined);
    assert.equal(gateway.upstream("a").lists, 3);
    assert.equal(gateway.relay.offers(ALICE), gateway.relay.offers(caller("alice")));
    await gateway.stop();
  });

  test("WHEN one caller comes with other rights THEN it is listed anew; with another token of the same rights it is not", async () => {
    const gateway = await start();
    const upstream = gateway.upstream("a");
    const alice = (claims: Caller["claims"], scopes: Caller["scopes"] = ["read"]): Caller => ({
      id: "alice",
      scopes,
      claims,
    });
    const list = async (who: Caller): Promise<number> => {
      await gateway.relay.prepare?.(relayContext({ caller: who }));
      return upstream.lists;
    };
    const before = await list(alice({ org: "one", iat: 1 }));
    assert.equal(await list(alice({ org: "one", iat: 2 })), before);
    assert.deepEqual(names(gateway, alice({ org: "two" })), []);
    assert.equal(await list(alice({ org: "two" })), before + 1);
    assert.deepEqual(names(gateway, alice({ org: "one" }, ["read", "write"])), []);
    assert.equal(await list(alice({ org: "one" }, ["read", "write"])), before + 2);
    await gateway.stop();
  });

  test("WHEN nobody is asked who they are THEN all share what the gateway is listed", async () => {
    const gateway = await start();
    assert.equal(gateway.relay.prepare?.(relayContext()), undefined);
    assert.deepEqual(names(gateway, undefined), ["a__common", "a__for_gateway"]);
    await gateway.stop();
  });

  test("WHEN a caller calls at a replica that has listed nothing to it THEN what the gateway knows leads there without a list; what it does not know is asked for once", async () => {
    const gateway = await start();
    const context = relayContext({ caller: ALICE });
    await gateway.relay.send(call("a__common"), context);
    assert.equal(gateway.upstream("a").lists, 1);
    await gateway.relay.send(call("a__for_alice"), context);
    assert.equal(gateway.upstream("a").lists, 2);
    assert.deepEqual(
      gateway.upstream("a").sent.map(({ request }) => request.params["name"]),
      ["common", "for_alice"],
    );
    // Now it is known what alice has: the gateway's own tool is not among it.
    await assert.rejects(gateway.relay.send(call("a__for_gateway"), context), { code: -32602 });
    await assert.rejects(gateway.relay.send(call("a__for_bob"), context), { code: -32602 });
    assert.equal(gateway.upstream("a").lists, 2);
    await gateway.stop();
  });

  test("WHEN rules keep a caller out THEN a guess does not let it in", async () => {
    const gateway = await start({ a: { url, rules: [{ tools: ["*"], scopes: ["admin"] }] } });
    await assert.rejects(gateway.relay.send(call("a__common"), relayContext({ caller: ALICE })), {
      code: -32602,
    });
    assert.deepEqual(gateway.upstream("a").sent, []);
    await gateway.stop();
  });

  test("WHEN a list is old THEN it is served, and renewed for that caller alone", async () => {
    const gateway = await start();
    const context = relayContext({ caller: ALICE });
    await gateway.relay.prepare?.(context);
    await gateway.clock.advance(10_000);
    const before = gateway.upstream("a").lists;
    assert.equal(gateway.relay.prepare?.(context), undefined);
    assert.deepEqual(names(gateway, ALICE), ["a__common", "a__for_alice"]);
    await settle();
    assert.equal(gateway.upstream("a").lists, before + 1);
    await gateway.stop();
  });

  test("WHEN the upstream says that its lists have changed THEN a caller's is asked for before it is used", async () => {
    const gateway = await start();
    const context = relayContext({ caller: ALICE });
    await gateway.relay.prepare?.(context);
    gateway.told();
    gateway.upstream("a").answerList = () =>
      Promise.resolve(listing({ tools: [tool("new")], cacheScope: "private" }));
    gateway.upstream("a").change({ kind: "listing" });
    await settle();
    assert.ok(gateway.told().includes("tools"));
    await gateway.relay.prepare?.(context);
    assert.deepEqual(names(gateway, ALICE), ["a__new"]);
    await gateway.stop();
  });

  test("WHEN it does not answer a caller THEN that one waits two seconds at most, and is answered without it", async () => {
    const gateway = await start();
    gateway.upstream("a").answerList = () => new Promise(() => undefined);
    let waited = false;
    void gateway.relay.prepare?.(relayContext({ caller: ALICE }))?.then(() => {
      waited = true;
    });
    await gateway.clock.advance(1999);
    assert.equal(waited, false);
    await gateway.clock.advance(1);
    assert.equal(waited, true);
    assert.deepEqual(names(gateway, ALICE), []);
    await gateway.stop();
  });

  test("WHEN what it lists to a caller collides with another upstream THEN that caller is not shown its list, and the log says so", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url, prefix: false }, b: { url, prefix: false } },
      prepare: (upstream) => {
        if (upstream.name === "a") listsPrivately(upstream);
        else upstream.answerList = () => Promise.resolve(listing({ tools: [tool("for_alice")] }));
      },
    });
    for (const who of [ALICE, BOB]) await gateway.relay.prepare?.(relayContext({ caller: who }));
    assert.deepEqual(names(gateway, ALICE), ["for_alice"]);
    assert.deepEqual(names(gateway, BOB), ["common", "for_alice", "for_bob"]);
    assert.ok(
      gateway.logged().some((line) => line.startsWith("What `a` lists to a caller is left out.")),
    );
    await gateway.stop();
  });
});

test("GIVEN an upstream that knows callers alone WHEN it is configured THEN the gateway asks nothing of its own, and each caller gets what is theirs with its own token", async () => {
  const gateway = await startGateway({
    upstreams: {
      a: {
        url,
        auth: {
          mode: "token-exchange",
          tokenEndpoint: "https://issuer.test/token",
          clientId: "gateway",
          clientSecret: { variable: "SECRET" },
        },
      },
    },
    prepare: listsPrivately,
  });
  assert.equal(gateway.upstream("a").lists, 0);
  assert.deepEqual(names(gateway, undefined), []);
  await gateway.relay.send(
    call("a__for_alice"),
    relayContext({ caller: ALICE, callerToken: "token-of-alice" }),
  );
  assert.deepEqual(names(gateway, ALICE), ["a__common", "a__for_alice"]);
  assert.equal(gateway.upstream("a").listedFor[0]?.callerToken, "token-of-alice");
  await gateway.source.write({});
  assert.deepEqual(names(gateway, ALICE), []);
  await gateway.stop();
});

test("GIVEN lists of more callers than are kept WHEN another comes THEN the one that has not asked for longest makes room", async () => {
  const clock = createVirtualClock();
  const upstream = new FakeUpstream("a", configuration());
  listsPrivately(upstream);
  const listings = keepCallerListings({
    upstream,
    clock,
    log: silent,
    graceMilliseconds: 60_000,
    changed: () => undefined,
    mostCallers: 2,
  });
  for (const id of ["one", "two", "one", "three"])
    await listings.prepare(id, relayContext({ caller: caller(id) }));
  assert.deepEqual(
    ["one", "two", "three"].map((id) => listings.of(id) !== undefined),
    [true, false, true],
  );
  await clock.advance(70_000);
  assert.equal(listings.of("one"), undefined);
  listings.close();
});
