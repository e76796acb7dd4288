import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../../../service/runtime/relay.ts";
import { call, caller, listing, relayContext, tool, type FakeUpstream } from "../fake-upstream.ts";
import { startGateway, url, type RunningGateway } from "../running-gateway.ts";

const MOVED = "http://elsewhere.test/mcp";

function prepare(upstream: FakeUpstream): void {
  upstream.answerList = () => Promise.resolve(listing({ tools: [tool("get"), tool("put")] }));
}

function start(upstreams: Record<string, unknown>): Promise<RunningGateway> {
  return startGateway({ upstreams, prepare });
}

describe("GIVEN a gateway that runs", () => {
  test("WHEN an upstream is added THEN its tools are there without a restart, and clients are told", async () => {
    const gateway = await start({ a: { url } });
    gateway.told();
    await gateway.source.write({ a: { url }, b: { url } });
    assert.deepEqual(gateway.toolNames(), ["a__get", "a__put", "b__get", "b__put"]);
    assert.deepEqual(gateway.told(), ["tools"]);
    assert.equal(gateway.made.length, 2);
    await gateway.stop();
  });

  test("WHEN an upstream is removed THEN its tools go at once, and a call that is on its way ends well", async () => {
    const gateway = await start({ a: { url }, b: { url } });
    const upstream = gateway.upstream("a");
    const answer = Promise.withResolvers<JsonObject>();
    upstream.answer = () => answer.promise;
    const pending = gateway.relay.send(call("a__get"), relayContext());
    await gateway.source.write({ b: { url } });
    assert.deepEqual(gateway.toolNames(), ["b__get", "b__put"]);
    assert.equal(upstream.isClosed, true);
    answer.resolve({ content: [] });
    assert.deepEqual(await pending, { content: [] });
    await gateway.clock.advance(120_000);
    assert.equal(upstream.lists, 1);
    await gateway.stop();
  });

  test("WHEN names, rules or deadlines change THEN they are in force at once, over the same client", async () => {
    const gateway = await start({ a: { url } });
    const before = gateway.relay.offers(undefined);
    await gateway.source.write({
      a: {
        url,
        prefix: "x",
        deny: ["put"],
        rules: [{ tools: ["x__get"], scopes: ["read"] }],
        toolTimeouts: { get: 5 },
      },
    });
    assert.deepEqual(gateway.toolNames(), ["x__get"]);
    assert.equal(before.tools.length, 2);
    assert.deepEqual(gateway.relay.offers(caller("alice")).tools, []);
    await gateway.relay.send(call("x__get"), relayContext());
    assert.equal(gateway.made.length, 1);
    assert.equal(gateway.upstream("a").lists, 1);
    assert.equal(gateway.upstream("a").sent[0]?.limits.timeoutMilliseconds, 5000);
    await gateway.stop();
  });

  test("WHEN an upstream moves THEN the one before serves until the other answers, and no call is lost", async () => {
    const answer = Promise.withResolvers<undefined>();
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        prepare(upstream);
        if (upstream.configuration.url === MOVED)
          upstream.answerList = () =>
            answer.promise.then(() => listing({ tools: [tool("get"), tool("more")] }));
      },
    });
    const before = gateway.upstream("a");
    const pending = Promise.withResolvers<JsonObject>();
    before.answer = () => pending.promise;
    await gateway.source.write({ a: { url: MOVED } });
    const calls = [gateway.relay.send(call("a__get"), relayContext())];
    assert.equal(before.isClosed, false);
    answer.resolve(undefined);
    await gateway.clock.advance(0);
    assert.equal(before.isClosed, true);
    assert.deepEqual(gateway.toolNames(), ["a__get", "a__more"]);
    calls.push(gateway.relay.send(call("a__get"), relayContext()));
    pending.resolve({ content: [] });
    assert.equal((await Promise.all(calls)).length, 2);
    assert.deepEqual([before.sent.length, gateway.upstream("a").sent.length], [1, 1]);
    await gateway.stop();
  });

  test("WHEN it moves to where nobody answers THEN the one before serves for the grace; going back in time changes nothing", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        prepare(upstream);
        if (upstream.configuration.url === MOVED)
          upstream.answerList = () => Promise.reject(new Error("Nobody is there."));
      },
    });
    const first = gateway.upstream("a");
    await gateway.source.write({ a: { url: MOVED } });
    await gateway.relay.send(call("a__get"), relayContext());
    assert.equal(first.sent.length, 1);
    await gateway.source.write({ a: { url } });
    await gateway.clock.advance(120_000);
    assert.equal(first.isClosed, false);
    assert.equal(gateway.made.length, 2);
    assert.equal(gateway.made[1]?.isClosed, true);
    await gateway.source.write({ a: { url: MOVED } });
    await gateway.clock.advance(59_000);
    assert.equal(first.isClosed, false);
    await gateway.clock.advance(1000);
    assert.equal(first.isClosed, true);
    assert.deepEqual(gateway.toolNames(), []);
    await gateway.stop();
  });

  test("WHEN a change would collide THEN the upstream keeps what it had, rules included", async () => {
    const gateway = await start({ a: { url, prefix: false }, b: { url } });
    gateway.logged();
    await gateway.source.write({ a: { url, prefix: false }, b: { url, prefix: false } });
    assert.deepEqual(gateway.toolNames(), ["b__get", "b__put", "get", "put"]);
    assert.match(gateway.logged().join("\n"), /What `b` has listed before stays in use\./u);
    await gateway.stop();
  });

  test("WHEN a change of one leaves room for a change of another THEN both are in force", async () => {
    const gateway = await start({ a: { url, prefix: "x" }, b: { url, prefix: "y" } });
    gateway.logged();
    await gateway.source.write({ a: { url, prefix: "y" }, b: { url, prefix: "z" } });
    assert.deepEqual(gateway.toolNames(), ["y__get", "y__put", "z__get", "z__put"]);
    await gateway.relay.send(call("y__get"), relayContext());
    assert.equal(gateway.upstream("a").sent.length, 1);
    assert.deepEqual(
      gateway.logged().filter((line) => line.includes("would stand for")),
      [],
    );
    await gateway.stop();
  });

  test("WHEN an upstream cannot be opened THEN the others change all the same; one that could be before stays as it was", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url }, b: { url } },
      prepare: (upstream) => {
        prepare(upstream);
        if (upstream.configuration.url === MOVED) throw new Error("There is no such secret.");
      },
    });
    gateway.logged();
    await gateway.source.write({ a: { url: MOVED }, b: { url, prefix: "x" }, c: { url: MOVED } });
    assert.deepEqual(gateway.toolNames(), ["a__get", "a__put", "x__get", "x__put"]);
    assert.deepEqual(gateway.logged(), [
      "The configuration of the upstream `a` cannot be used. The one before stays in use.",
      "The configuration of the upstream `c` cannot be used. It is left out.",
    ]);
    await gateway.relay.send(call("a__get"), relayContext());
    await gateway.source.write({ a: { url }, b: { url } });
    assert.deepEqual(gateway.toolNames(), ["a__get", "a__put", "b__get", "b__put"]);
    assert.equal(gateway.made.length, 2);
    await gateway.stop();
  });

  test("WHEN it stops THEN every upstream is closed and no timer is left", async () => {
    const gateway = await start({ a: { url }, b: { url } });
    await gateway.source.write({ a: { url: MOVED }, b: { url } });
    await gateway.stop();
    assert.ok(gateway.made.every(({ isClosed }) => isClosed));
    assert.equal(gateway.clock.waiting, 0);
  });
});
