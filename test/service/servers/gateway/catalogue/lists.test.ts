import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError } from "../../../../../service/runtime/configuration-error.ts";
import { RelayError } from "../../../../../service/runtime/relay.ts";
import type { UpstreamListing } from "../../../../../service/servers/gateway/upstream.ts";
import { call, listing, relayContext, tool, type FakeUpstream } from "../fake-upstream.ts";
import { startGateway, url } from "../running-gateway.ts";
import { settle } from "../virtual-clock.ts";

/** Lists these tools. */
function lists(
  upstream: FakeUpstream,
  tools: string[],
  given: Partial<UpstreamListing> = {},
): void {
  upstream.answerList = () =>
    Promise.resolve(listing({ tools: tools.map((name) => tool(name)), ...given }));
}

test("GIVEN a list that is everybody's WHEN the upstream says that it has changed THEN clients are told when the new one is there, and nothing where it is the same", async () => {
  const gateway = await startGateway({
    upstreams: { a: { url } },
    prepare: (upstream) => {
      lists(upstream, ["old"]);
    },
  });
  gateway.told();
  const upstream = gateway.upstream("a");
  upstream.change({ kind: "listing" });
  await settle();
  assert.deepEqual(gateway.told(), []);
  const fresh = Promise.withResolvers<UpstreamListing>();
  upstream.answerList = () => fresh.promise;
  upstream.change({ kind: "listing" });
  await settle();
  assert.deepEqual([gateway.told(), gateway.toolNames()], [[], ["a__old"]]);
  fresh.resolve(listing({ tools: [tool("new")] }));
  await settle();
  assert.deepEqual([gateway.told(), gateway.toolNames()], [["tools"], ["a__new"]]);
  await gateway.stop();
});

describe("GIVEN a gateway that starts", () => {
  test("WHEN all upstreams answer THEN it is ready at once, and lists everything in one order, whatever theirs is", async () => {
    const given = { upstreams: { b: { url }, a: { url } } };
    const first = await startGateway({
      ...given,
      prepare: (upstream) => {
        lists(upstream, ["z", "A", "m"]);
      },
    });
    const second = await startGateway({
      upstreams: { a: { url }, b: { url } },
      prepare: (upstream) => {
        lists(upstream, ["m", "z", "A"]);
      },
    });
    assert.deepEqual(first.toolNames(), ["a__A", "a__m", "a__z", "b__A", "b__m", "b__z"]);
    assert.equal(
      JSON.stringify(first.relay.offers(undefined)),
      JSON.stringify(second.relay.offers(undefined)),
    );
    await first.stop();
    await second.stop();
  });

  test("WHEN one upstream is slow THEN it is ready after two seconds, with the others, and the slow one appears when it answers", async () => {
    const slow = Promise.withResolvers<UpstreamListing>();
    const gateway = await startGateway({
      upstreams: { quick: { url }, slow: { url } },
      prepare: (upstream) => {
        lists(upstream, ["get"]);
        if (upstream.name === "slow") upstream.answerList = () => slow.promise;
      },
    });
    assert.deepEqual(gateway.toolNames(), ["quick__get"]);
    assert.ok(
      gateway
        .logged()
        .includes(
          "The upstream `slow` has not answered yet; what it offers is listed when it does.",
        ),
    );
    await assert.rejects(gateway.relay.send(call("slow__get"), relayContext()), {
      code: -32000,
      status: 503,
      data: { upstream: "slow", retryable: true },
    });
    gateway.told();
    slow.resolve(listing({ tools: [tool("get")] }));
    await settle();
    assert.deepEqual(gateway.toolNames(), ["quick__get", "slow__get"]);
    assert.deepEqual(gateway.told(), ["tools"]);
    await gateway.stop();
  });

  test("WHEN two upstreams offer one name THEN it does not start, and says whose they are", async () => {
    await assert.rejects(
      startGateway({
        upstreams: { a: { url, prefix: false }, b: { url, prefix: false } },
        prepare: (upstream) => {
          lists(upstream, ["search"]);
        },
      }),
      (error) =>
        error instanceof ConfigurationError &&
        error.message.startsWith(
          "The tool `search` would stand for `search` of `a` and `search` of `b`.",
        ),
    );
  });

  test("WHEN an upstream lists rubbish THEN what is no tool is left out with a sentence, and the rest is there", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        upstream.answerList = () =>
          Promise.resolve(
            listing({
              tools: [
                tool("good"),
                { name: "no_schema" },
                { name: 7, inputSchema: { type: "object" } },
                tool("good", "Another one."),
              ],
              resourceTemplates: [{ name: "broken", uriTemplate: "test://{unclosed" }],
            }),
          );
      },
    });
    assert.deepEqual(gateway.relay.offers(undefined).tools, [{ ...tool("good"), name: "a__good" }]);
    assert.deepEqual(gateway.relay.offers(undefined).resourceTemplates, []);
    const logged = gateway.logged();
    assert.ok(
      logged.includes(
        "A tool of the upstream `a`, `no_schema`, is not what the protocol calls one.",
      ),
    );
    assert.ok(logged.includes("The upstream `a` lists the tool `good` more than once."));
    await gateway.stop();
  });
});

describe("GIVEN a gateway that runs", () => {
  test("WHEN tools are called a hundred times THEN no upstream is asked for its list", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        lists(upstream, ["get"]);
      },
    });
    for (let count = 0; count < 100; count += 1)
      await gateway.relay.send(call("a__get"), relayContext());
    assert.equal(gateway.upstream("a").lists, 1);
    await gateway.stop();
  });

  test("WHEN the time to live of a list runs out THEN it is asked for in the background; as long as it is the same, so are the offers, and nobody is told", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        lists(upstream, ["get"], { ttlMilliseconds: 20_000 });
      },
    });
    const before = gateway.relay.offers(undefined);
    gateway.told();
    await gateway.clock.advance(19_999);
    assert.equal(gateway.upstream("a").lists, 1);
    assert.equal(before.cache.ttlMs, 1000);
    await gateway.clock.advance(1);
    assert.equal(gateway.upstream("a").lists, 2);
    assert.equal(gateway.relay.offers(undefined), before);
    assert.equal(before.cache.ttlMs, 20_000);
    assert.deepEqual(gateway.told(), []);
    lists(gateway.upstream("a"), ["get", "put"], { ttlMilliseconds: 20_000 });
    await gateway.clock.advance(20_000);
    assert.deepEqual(gateway.toolNames(), ["a__get", "a__put"]);
    assert.deepEqual(before.tools.length, 1);
    assert.deepEqual(gateway.told(), ["tools"]);
    await gateway.stop();
  });

  test("WHEN a list takes its time to be renewed THEN the old one is served meanwhile", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        lists(upstream, ["get"], { ttlMilliseconds: 5000 });
      },
    });
    gateway.upstream("a").answerList = () => new Promise(() => undefined);
    await gateway.clock.advance(9000);
    assert.equal(gateway.upstream("a").lists, 2);
    assert.deepEqual(gateway.toolNames(), ["a__get"]);
    await gateway.stop();
  });

  test("WHEN an upstream says that its list has changed THEN it is asked at once, once more if it says so meanwhile, and never twice at a time", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        lists(upstream, ["get"]);
      },
    });
    const upstream = gateway.upstream("a");
    const answers: ((listing: UpstreamListing) => void)[] = [];
    upstream.answerList = () =>
      new Promise((resolve) => {
        answers.push(resolve);
      });
    for (let count = 0; count < 3; count += 1) upstream.change({ kind: "listing" });
    await settle();
    assert.equal(answers.length, 1);
    answers[0]?.(listing({ tools: [tool("one")] }));
    await settle();
    assert.equal(answers.length, 2);
    answers[1]?.(listing({ tools: [tool("two")] }));
    await settle();
    assert.equal(answers.length, 2);
    assert.deepEqual(gateway.toolNames(), ["a__two"]);
    await gateway.stop();
  });

  test("WHEN an upstream says with every list that it has changed THEN it is asked three times at once, and then once a second", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        lists(upstream, ["get"]);
      },
    });
    await gateway.clock.advance(2000);
    const upstream = gateway.upstream("a");
    const before = upstream.lists;
    const { answerList } = upstream;
    upstream.answerList = async (...given) => {
      await Promise.resolve();
      upstream.change({ kind: "listing" });
      return answerList(...given);
    };
    upstream.change({ kind: "listing" });
    await gateway.clock.advance(0);
    assert.equal(upstream.lists - before, 3);
    for (let second = 1; second <= 3; second += 1) {
      await gateway.clock.advance(1000);
      assert.equal(upstream.lists - before, 3 + second);
    }
    await gateway.stop();
  });

  test("WHEN several upstreams say how long their lists are good THEN the gateway says the least that is left, 0 not counted, and private if one is", async () => {
    const ttls: Record<string, number> = { a: 0, b: 25_000, c: 40_000 };
    const gateway = await startGateway({
      upstreams: { a: { url }, b: { url }, c: { url } },
      prepare: (upstream) => {
        lists(upstream, [], {
          ttlMilliseconds: ttls[upstream.name] ?? 0,
          cacheScope: upstream.name === "c" ? "private" : "public",
        });
      },
    });
    await gateway.clock.advance(10_000);
    assert.deepEqual(
      { ...gateway.relay.offers(undefined).cache },
      {
        ttlMs: 15_000,
        cacheScope: "private",
      },
    );
    await gateway.stop();
  });

  test("WHEN no upstream says how long its list is good THEN the gateway says half a minute, and public", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url } },
      prepare: (upstream) => {
        lists(upstream, ["get"], { ttlMilliseconds: 0 });
      },
    });
    assert.deepEqual(
      { ...gateway.relay.offers(undefined).cache },
      {
        ttlMs: 30_000,
        cacheScope: "public",
      },
    );
    await gateway.clock.advance(30_000);
    assert.equal(gateway.upstream("a").lists, 2);
    await gateway.stop();
  });

  test("WHEN a later list collides THEN the upstream keeps its last good one and the log says so, until the collision is gone", async () => {
    const gateway = await startGateway({
      upstreams: { a: { url, prefix: false }, b: { url, prefix: false } },
      prepare: (upstream) => {
        lists(upstream, [`of_${upstream.name}`]);
      },
    });
    gateway.logged();
    lists(gateway.upstream("b"), ["of_a", "new"]);
    gateway.upstream("b").change({ kind: "listing" });
    await settle();
    assert.deepEqual(gateway.toolNames(), ["of_a", "of_b"]);
    const [sentence, ...others] = gateway.logged();
    assert.match(
      sentence ?? "",
      /^The tool `of_a` would stand for `of_a` of `a` and `of_a` of `b`\. .* What `b` has listed before stays in use\.$/u,
    );
    assert.deepEqual(others, []);
    // Said once, not with every list.
    await gateway.clock.advance(31_000);
    assert.deepEqual(gateway.logged(), []);
    lists(gateway.upstream("a"), ["other"]);
    gateway.upstream("a").change({ kind: "listing" });
    await settle();
    assert.deepEqual(gateway.toolNames(), ["new", "of_a", "other"]);
    await gateway.relay.send(call("of_a"), relayContext());
    assert.equal(gateway.upstream("b").sent.length, 1);
    await gateway.stop();
  });
});

describe("GIVEN two upstreams that list the same resources", () => {
  test("WHEN they are read THEN the first by its name is asked, on every replica, and the log says so once", async () => {
    for (const first of ["a", "b"]) {
      const gateway = await startGateway({
        upstreams: { [first]: { url }, [first === "a" ? "b" : "a"]: { url } },
        prepare: (upstream) => {
          lists(upstream, [], {
            resources: [
              { name: upstream.name, uri: "docs://guide" },
              { name: "own", uri: `docs://${upstream.name}` },
            ],
            resourceTemplates: [{ name: upstream.name, uriTemplate: "docs://pages/{page}" }],
          });
        },
      });
      const { resources, resourceTemplates } = gateway.relay.offers(undefined);
      assert.deepEqual(
        resources.map(({ name, uri }) => [name, uri]),
        [
          ["own", "docs://a"],
          ["own", "docs://b"],
          ["a", "docs://guide"],
        ],
      );
      assert.deepEqual(
        resourceTemplates.map(({ name }) => name),
        ["a"],
      );
      for (const uri of ["docs://guide", "docs://pages/1"])
        await gateway.relay.send(
          { method: "resources/read", params: { uri }, parameterHeaders: {} },
          relayContext(),
        );
      assert.equal(gateway.upstream("a").sent.length, 2);
      assert.deepEqual(gateway.upstream("b").sent, []);
      assert.deepEqual(gateway.logged(), [
        "`a` and `b` both list 2 resources of the same address, such as `docs://guide`. Resources keep their addresses, so the first of the two is asked for them.",
        "upstreams",
      ]);
      await gateway.clock.advance(31_000);
      assert.deepEqual(gateway.logged(), []);
      await gateway.stop();
    }
  });
});

describe("GIVEN an upstream that is gone", () => {
  const start = (environment = {}) =>
    startGateway({
      upstreams: { a: { url }, b: { url } },
      prepare: (upstream) => {
        lists(upstream, ["get"], { ttlMilliseconds: 10_000 });
      },
      environment,
    });

  test("WHEN the grace is over THEN its tools go and clients are told; they come back within seconds after it does", async () => {
    const gateway = await start();
    gateway.told();
    const upstream = gateway.upstream("a");
    upstream.answerList = () => Promise.reject(new Error("It is down."));
    await gateway.clock.advance(10_000);
    assert.equal(upstream.lists, 2);
    await gateway.clock.advance(59_999);
    assert.deepEqual(gateway.toolNames(), ["a__get", "b__get"]);
    assert.deepEqual(gateway.told(), []);
    await gateway.clock.advance(1);
    assert.deepEqual(gateway.toolNames(), ["b__get"]);
    assert.deepEqual(gateway.told(), ["tools"]);
    await assert.rejects(gateway.relay.send(call("a__get"), relayContext()), { code: -32602 });
    lists(upstream, ["get"]);
    await gateway.clock.advance(4000);
    assert.deepEqual(gateway.toolNames(), ["a__get", "b__get"]);
    assert.deepEqual(gateway.told(), ["tools"]);
    await gateway.stop();
  });

  test("WHEN the grace is 0 THEN they go with the first list that fails", async () => {
    const gateway = await start({ GATEWAY_GRACE_SECONDS: "0" });
    gateway.upstream("a").answerList = () => Promise.reject(new Error("It is down."));
    await gateway.clock.advance(10_000);
    assert.deepEqual(gateway.toolNames(), ["b__get"]);
    await gateway.stop();
  });

  test("WHEN a call is refused just after a list THEN the list is asked for a second after that one, and not with its period", async () => {
    const gateway = await start();
    const upstream = gateway.upstream("a");
    upstream.answer = () =>
      Promise.reject(
        new RelayError("Gone.", { code: -32_000, outcome: "internal_error", status: 503 }),
      );
    await gateway.clock.advance(400);
    for (let attempt = 0; attempt < 3; attempt++)
      await assert.rejects(gateway.relay.send(call("a__get"), relayContext()));
    await gateway.clock.advance(599);
    assert.equal(upstream.lists, 1);
    await gateway.clock.advance(1);
    assert.equal(upstream.lists, 2);
    await gateway.stop();
  });

  test("WHEN it is deaf to its signal THEN it counts as gone after ten seconds", async () => {
    const gateway = await start({ GATEWAY_GRACE_SECONDS: "0" });
    gateway.upstream("a").answerList = () => new Promise(() => undefined);
    await gateway.clock.advance(19_999);
    assert.deepEqual(gateway.toolNames(), ["a__get", "b__get"]);
    await gateway.clock.advance(1);
    assert.deepEqual(gateway.toolNames(), ["b__get"]);
    await gateway.stop();
  });
});
