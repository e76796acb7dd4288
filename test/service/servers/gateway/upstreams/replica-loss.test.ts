import assert from "node:assert/strict";
import { test } from "node:test";
import { createVirtualClock } from "../virtual-clock.ts";
import { faultyListener, good } from "./faulty-server.ts";
import { call, contextOf, LIMITS, openUpstream, REPEATABLE } from "./fixtures.ts";
import { startServer } from "./upstream-servers.ts";

const HOSTS = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

test("GIVEN three replicas under load WHEN one is killed and comes back THEN no repeatable call fails, none is made there meanwhile, and it is used again", async (t) => {
  const first = await startServer(t, faultyListener(good));
  const others = await Promise.all(
    HOSTS.slice(1).map((host) => startServer(t, faultyListener(good), host, first.port)),
  );
  const [victim] = others;
  assert.ok(victim);
  const back = Promise.withResolvers<undefined>();
  const told: boolean[] = [];
  const upstream = openUpstream(
    t,
    `http://numbers.test:${first.port}/mcp`,
    { discovery: "dns" },
    {
      resolveAddresses: () => Promise.resolve({ addresses: HOSTS, ttlSeconds: 60 }),
      events: {
        address: ({ healthy }) => {
          told.push(healthy);
          if (healthy) back.resolve(undefined);
        },
      },
    },
  );
  const round = (): Promise<unknown> =>
    Promise.all(
      Array.from({ length: 16 }, () => upstream.send(call("look"), contextOf(), REPEATABLE)),
    );
  for (let rounds = 0; rounds < 5; rounds++) await round();
  assert.ok(victim.requests.length > 0);
  const under = round();
  await Promise.all([under, victim.stop()]);
  const before = victim.requests.length;
  for (let rounds = 0; rounds < 10; rounds++) await round();
  assert.equal(victim.requests.length, before);
  assert.equal(upstream.state.healthyAddresses, 2);
  assert.equal(upstream.state.breaker, "closed");
  await victim.again();
  await back.promise;
  await round();
  assert.ok(victim.requests.length > before);
  assert.deepEqual(told, [false, true]);
});

test("GIVEN a replica that is lost without a word WHEN it takes no connections any more THEN its calls are broken off: repeatable ones are answered elsewhere, the others are told", async (t) => {
  const clock = createVirtualClock();
  const asked: (string | undefined)[] = [];
  let silent = false;
  const arrived = Promise.withResolvers<undefined>();
  let waiting = 0;
  const first = await startServer(
    t,
    faultyListener((...given) => {
      if (!silent) good(...given);
      else if (++waiting === 2) arrived.resolve(undefined);
    }),
  );
  let isAlone = true;
  await startServer(t, faultyListener(good), "127.0.0.2", first.port);
  const upstream = openUpstream(
    t,
    `http://numbers.test:${first.port}/mcp`,
    { discovery: "dns" },
    {
      clock,
      takesConnections: (ip) => {
        asked.push(ip);
        return Promise.resolve(!silent);
      },
      resolveAddresses: () =>
        Promise.resolve({
          addresses: isAlone ? ["127.0.0.1"] : ["127.0.0.1", "127.0.0.2"],
          ttlSeconds: 1,
        }),
    },
  );
  await upstream.send(call("look"), contextOf(), LIMITS);
  silent = true;
  const repeatable = upstream.send(call("look"), contextOf(), REPEATABLE);
  const other = assert.rejects(upstream.send(call("pay"), contextOf(), LIMITS), {
    status: 200,
    data: { retryable: false },
  });
  await arrived.promise;
  isAlone = false;
  await clock.advance(3000);
  await other;
  assert.deepEqual((await repeatable).content, [{ type: "text", text: "ok" }]);
  assert.deepEqual(asked, ["127.0.0.1"]);
});

test("GIVEN a slow call WHEN its replica still takes connections THEN it is left in peace", async (t) => {
  const clock = createVirtualClock();
  const arrived = Promise.withResolvers<() => void>();
  const server = await startServer(
    t,
    faultyListener((...given) => {
      arrived.resolve(() => {
        good(...given);
      });
    }),
  );
  let asked = 0;
  const upstream = openUpstream(
    t,
    server.url,
    {},
    {
      clock,
      takesConnections: () => {
        asked++;
        return Promise.resolve(true);
      },
    },
  );
  const answer = upstream.send(call("pay"), contextOf(), LIMITS);
  const answerNow = await arrived.promise;
  await clock.advance(10_000);
  answerNow();
  assert.deepEqual((await answer).content, [{ type: "text", text: "ok" }]);
  assert.equal(asked, 5);
});
