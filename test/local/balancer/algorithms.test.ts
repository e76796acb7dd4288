import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  leastOutstandingRequests,
  roundRobin,
  weightedRandom,
  type Candidate,
  type Credits,
} from "../../../local/balancer/algorithms.ts";

function candidate(id: string, changes: Partial<Candidate> = {}): Candidate {
  return { id, outstanding: 0, weight: 1, ...changes };
}

function inTurn(candidates: readonly Candidate[], turns: number, before: Credits = new Map()) {
  let credits = before;
  const ids: string[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const step = roundRobin(candidates, credits);
    credits = step.credits;
    ids.push(step.chosen?.id ?? "none");
  }
  return { ids, credits };
}

describe("GIVEN round robin", () => {
  test("WHEN all have full shares THEN they take turns, whatever they are busy with", () => {
    const { ids } = inTurn([candidate("a", { outstanding: 9 }), candidate("b"), candidate("c")], 6);
    assert.deepEqual(ids, ["a", "b", "c", "a", "b", "c"]);
  });

  test("WHEN a new target is at 25 % of its slow start beside 3 old ones THEN it gets 0.25 of 3.25, spread over the others' turns", () => {
    const { ids } = inTurn(
      [candidate("a"), candidate("b"), candidate("c"), candidate("new", { weight: 0.25 })],
      13,
    );
    const counts = ["a", "b", "c", "new"].map((id) => ids.filter((other) => other === id).length);
    assert.deepEqual(counts, [4, 4, 4, 1]);
  });

  test("WHEN a target has no share yet THEN it gets nothing while another has one", () => {
    assert.deepEqual(inTurn([candidate("a"), candidate("new", { weight: 0 })], 3).ids, [
      "a",
      "a",
      "a",
    ]);
  });

  test("WHEN a target leaves and comes back THEN it gets its turn, and nothing for the time between", () => {
    const [a, b] = [candidate("a"), candidate("b")];
    const { credits } = inTurn([a], 5, inTurn([a, b], 1).credits);
    assert.deepEqual(inTurn([a, b], 4, credits).ids, ["b", "a", "b", "a"]);
  });

  test("WHEN there is none THEN none is chosen", () => {
    assert.deepEqual(inTurn([], 1).ids, ["none"]);
  });
});

describe("GIVEN least outstanding requests", () => {
  const choose = (candidates: readonly Candidate[]): (string | undefined)[] =>
    [0, 1, 2, 3].map((turn) => leastOutstandingRequests(candidates, turn)?.id);

  test("WHEN one has the fewest THEN it gets every request", () => {
    assert.deepEqual(
      choose([
        candidate("a", { outstanding: 1 }),
        candidate("b"),
        candidate("c", { outstanding: 2 }),
      ]),
      ["b", "b", "b", "b"],
    );
  });

  test("WHEN several have the fewest THEN they take turns", () => {
    assert.deepEqual(choose([candidate("a", { outstanding: 1 }), candidate("b"), candidate("c")]), [
      "b",
      "c",
      "b",
      "c",
    ]);
  });

  test("WHEN there is none THEN none is chosen", () => {
    assert.deepEqual(choose([]), [undefined, undefined, undefined, undefined]);
  });
});

describe("GIVEN weighted random", () => {
  const choose = (random: number, ...weights: number[]): string | undefined =>
    weightedRandom(
      weights.map((weight, index) => candidate(String(index), { weight })),
      random,
    )?.id;

  for (const [random, weights, expected] of [
    [0, [1, 1], "0"],
    [0.49, [1, 1], "0"],
    [0.5, [1, 1], "1"],
    [0.999, [1, 1], "1"],
    [0.33, [10, 20], "0"],
    [0.34, [10, 20], "1"],
    [0, [0, 1], "1"],
    [0, [], undefined],
  ] as const) {
    test(`WHEN ${random} is drawn from the weights ${weights.join(", ") || "of nobody"} THEN it is ${expected ?? "nobody"}`, () => {
      assert.equal(choose(random, ...weights), expected);
    });
  }
});
