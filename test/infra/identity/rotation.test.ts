import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clientGenerations,
  generationName,
  secretGenerations,
} from "../../../infra/identity/rotation.ts";
import { createStateSeal } from "../../../service/runtime/protocol/sealed-state.ts";
import { verifyStaticTokens } from "../../../service/runtime/auth/static-tokens.ts";

const GENERATIONS = Array.from({ length: 40 }, (_, index) => index + 1);

/** What a generation's value could be. */
const value = (generation: number): string => `value-of-generation-${generation}`.padEnd(43, "x");

/** What the secret of a generation holds. */
const held = (generation: number): string[] => secretGenerations(generation).map(value);

const isAccepted = (token: string, generation: number): boolean => {
  const verdict = verifyStaticTokens(held(generation))(token);
  return !(verdict instanceof Promise) && verdict.outcome === "accepted";
};

const added = (before: readonly number[], after: readonly number[]): number[] =>
  after.filter((generation) => !before.includes(generation));

test("GIVEN a generation WHEN its values are listed THEN the current one stands first, and the first generation has no previous one", () => {
  assert.deepEqual(secretGenerations(1), [1, 2]);
  assert.deepEqual(secretGenerations(2), [2, 3, 1]);
  assert.deepEqual(secretGenerations(7), [7, 8, 6]);
  assert.deepEqual(clientGenerations(1), [1]);
  assert.deepEqual(clientGenerations(2), [2, 1]);
  assert.deepEqual(clientGenerations(7), [7, 6]);
});

test("GIVEN a generation WHEN its resources are named THEN the first one has the plain name", () => {
  assert.deepEqual(
    [1, 2, 30].map((generation) => generationName("weather-token", generation)),
    ["weather-token", "weather-token-2", "weather-token-30"],
  );
});

test("GIVEN any step WHEN it is taken THEN exactly one value is made, and at most one forgotten", () => {
  for (const generation of GENERATIONS) {
    for (const generations of [secretGenerations, clientGenerations]) {
      const [before, after] = [generations(generation), generations(generation + 1)];
      assert.equal(added(before, after).length, 1);
      assert.equal(added(after, before).length, generation === 1 ? 0 : 1);
    }
  }
});

test("GIVEN any step WHEN replicas of both sides run THEN they accept the tokens that clients of both sides have", () => {
  for (const generation of GENERATIONS) {
    for (const clients of [generation, generation + 1]) {
      const [token = ""] = held(clients);
      for (const replicas of [generation, generation + 1]) {
        assert.ok(isAccepted(token, replicas), `${clients} at ${replicas}`);
      }
    }
  }
});

test("GIVEN any token WHEN two steps have been taken THEN it is refused", () => {
  for (const generation of GENERATIONS) {
    const [token = ""] = held(generation);
    assert.ok(!isAccepted(token, generation + 2));
  }
});

test("GIVEN a whole secret that somebody has seen WHEN three steps have been taken, also at once THEN nothing in it is accepted", () => {
  for (const generation of GENERATIONS) {
    for (const token of held(generation)) assert.ok(!isAccepted(token, generation + 3));
  }
});

test("GIVEN any step WHEN replicas of both sides run THEN each opens the state that the other has sealed", () => {
  const owner = { caller: "", method: "tools/call", params: {} };
  const sealOf = (generation: number) => {
    const [first = "", ...rest] = held(generation);
    return createStateSeal([first, ...rest]);
  };
  for (const generation of GENERATIONS) {
    const [before, after] = [sealOf(generation), sealOf(generation + 1)];
    assert.deepEqual(after.open(before.seal({ asked: 1 }, owner), owner), { asked: 1 });
    assert.deepEqual(before.open(after.seal({ asked: 2 }, owner), owner), { asked: 2 });
    assert.throws(() => sealOf(generation + 2).open(before.seal({}, owner), owner));
  }
});

test("GIVEN any step WHEN a client for machines is used THEN replicas of its generation and of the next know it, and the one after does not", () => {
  for (const generation of GENERATIONS) {
    assert.ok(clientGenerations(generation).includes(generation));
    assert.ok(clientGenerations(generation + 1).includes(generation));
    assert.ok(!clientGenerations(generation + 2).includes(generation));
  }
});
