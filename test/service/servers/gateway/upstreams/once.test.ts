import assert from "node:assert/strict";
import { test } from "node:test";
import { RelayError } from "../../../../../service/runtime/relay.ts";
import { BREAKS, faultyListener, good, REFUSALS, RUBBISH } from "./faulty-server.ts";
import { call, contextOf, LIMITS, openUpstream } from "./fixtures.ts";
import { createVirtualClock } from "../virtual-clock.ts";
import { legacyListener, startServer, type Listener } from "./upstream-servers.ts";

/** mulberry32: the same numbers for the same seed, on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FAULTS = [...Object.entries(REFUSALS), ...Object.entries(BREAKS), ...Object.entries(RUBBISH)];
const CALLS = 60;

for (const seed of [1, 2, 3, 4, 5]) {
  test(`GIVEN replicas with every kind of fault, in the order of seed ${seed} WHEN calls with an effect are made THEN none has it twice, and who is told to try again had none`, async (t) => {
    const random = generator(seed);
    const clock = createVirtualClock();
    const runs = new Map<string, number>();
    const history: string[] = [];
    const legacy = legacyListener(random() < 0.5);
    const listener: Listener = (request, response, body) => {
      const { params } = body as { params?: { name?: string; arguments?: { key?: string } } };
      const key = params?.arguments?.key ?? "";
      const run = (): void => {
        runs.set(key, (runs.get(key) ?? 0) + 1);
      };
      // Now and then a replica of the release before answers, and knows nothing of the new revision.
      if (params?.name !== undefined && random() < 0.1) {
        history.push(`${key}: legacy`);
        return legacy(request, response, body);
      }
      const faulty = random() < 0.6 ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined;
      const [kind, fault] = faulty ?? ["none", good];
      if (params?.name !== undefined) history.push(`${key}: ${kind}`);
      return faultyListener(fault, run)(request, response, body);
    };
    const first = await startServer(t, listener);
    for (const host of ["127.0.0.2", "127.0.0.3"]) await startServer(t, listener, host, first.port);
    const upstream = openUpstream(
      t,
      `http://numbers.test:${first.port}/mcp`,
      { discovery: "dns" },
      {
        clock,
        maxAnswerBytes: 100_000,
        random,
        resolveAddresses: () =>
          Promise.resolve({
            // Nobody listens at the last one.
            addresses: ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"],
            ttlSeconds: 60,
          }),
      },
    );
    let answered = 0;
    for (let number = 0; number < CALLS; number++) {
      const key = String(number);
      // The breaker opens all the time: calls that it refuses would prove nothing.
      do await clock.advance(500);
      while (upstream.state.breaker !== "closed");
      try {
        await upstream.send(call("pay", { key }), contextOf(), LIMITS);
        answered++;
        assert.equal(runs.get(key), 1, history.join("\n"));
      } catch (error) {
        assert.ok(error instanceof RelayError, String(error));
        if (error.status === 503) assert.equal(runs.get(key), undefined, history.join("\n"));
        else assert.ok((runs.get(key) ?? 0) <= 1, history.join("\n"));
      }
    }
    assert.ok(answered > CALLS / 5, `Only ${answered} calls were answered.`);
    assert.equal(Math.max(...runs.values()), 1, history.join("\n"));
  });
}
