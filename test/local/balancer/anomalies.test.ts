import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { anomalousTargets, mitigatedWeights } from "../../../local/balancer/anomalies.ts";

function anomalous(...counts: [requests: number, errors: number][]): string[] {
  return [
    ...anomalousTargets(
      counts.map(([requests, errors], index) => ({ id: "abcdef".charAt(index), requests, errors })),
    ),
  ];
}

describe("GIVEN what healthy targets answered", () => {
  test("WHEN one of three fails and the others do not THEN it is anomalous", () => {
    assert.deepEqual(anomalous([10, 10], [10, 0], [10, 0]), ["a"]);
  });

  test("WHEN there are two targets THEN there is no detection", () => {
    assert.deepEqual(anomalous([10, 10], [10, 0]), []);
  });

  test("WHEN all fail alike THEN none is", () => {
    assert.deepEqual(anomalous([10, 9], [10, 9], [10, 9]), []);
  });

  test("WHEN one has had next to no requests THEN nothing is said of it", () => {
    assert.deepEqual(anomalous([4, 4], [10, 0], [10, 0]), []);
  });

  test("WHEN the others have had none THEN there is nothing to compare with", () => {
    assert.deepEqual(anomalous([10, 10], [0, 0], [0, 0]), []);
  });
});

describe("GIVEN mitigation", () => {
  const step = (weights: Record<string, number>, ...ids: string[]): Record<string, number> =>
    Object.fromEntries(mitigatedWeights(new Map(Object.entries(weights)), new Set(ids)));

  test("WHEN a target stays anomalous THEN its weight is halved at each interval, down to the minimum", () => {
    let weights: Record<string, number> = { a: 1, b: 1, c: 1 };
    const seen = Array.from({ length: 8 }, () => (weights = step(weights, "a"))["a"]);
    assert.deepEqual(seen, [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 64, 1 / 64]);
    assert.deepEqual([weights["b"], weights["c"]], [1, 1]);
  });

  test("WHEN it recovers THEN its weight grows step by step to parity", () => {
    let weights: Record<string, number> = { a: 1 / 4, b: 1, c: 1 };
    const seen = Array.from({ length: 3 }, () => (weights = step(weights))["a"]);
    assert.deepEqual(seen, [1 / 2, 1, 1]);
  });

  test("WHEN more than half are anomalous THEN half of them are held down, those that are already first", () => {
    assert.deepEqual(step({ a: 1, b: 1, c: 1 / 2, d: 1 }, "a", "b", "c"), {
      a: 1 / 2,
      b: 1,
      c: 1 / 4,
      d: 1,
    });
  });
});
