import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { providerOfNext, splitTasks } from "../../../../local/ecs/capacity/strategy.ts";

const STRATEGY = [
  { capacityProvider: "FARGATE", base: 1, weight: 1 },
  { capacityProvider: "FARGATE_SPOT", base: 0, weight: 4 },
];

describe("GIVEN FARGATE with base 1 and weight 1, FARGATE_SPOT with weight 4", () => {
  const cases = [
    [0, 0, 0],
    [1, 1, 0],
    [6, 2, 4],
    [10, 3, 7],
    [11, 3, 8],
  ] as const;
  for (const [count, fargate, spot] of cases) {
    test(`WHEN ${count} tasks are wanted THEN ${fargate} run on FARGATE and ${spot} on FARGATE_SPOT`, () => {
      assert.deepEqual(
        [...splitTasks(STRATEGY, count)],
        [
          ["FARGATE", fargate],
          ["FARGATE_SPOT", spot],
        ],
      );
    });
  }

  test("WHEN tasks start one by one THEN the same split comes out", () => {
    const running: string[] = [];
    for (let task = 0; task < 11; task++) {
      running.push(providerOfNext(STRATEGY, running) ?? "none");
    }
    assert.equal(running[0], "FARGATE");
    assert.equal(running.filter((provider) => provider === "FARGATE").length, 3);
    assert.equal(running.filter((provider) => provider === "FARGATE_SPOT").length, 8);
  });

  test("WHEN Spot has taken its tasks back THEN the next ones are on Spot again", () => {
    assert.equal(providerOfNext(STRATEGY, ["FARGATE", "FARGATE"]), "FARGATE_SPOT");
  });
});

describe("GIVEN a provider with weight 0 and a base", () => {
  const strategy = [
    { capacityProvider: "FARGATE", base: 2, weight: 0 },
    { capacityProvider: "FARGATE_SPOT", base: 0, weight: 1 },
  ];

  test("WHEN 5 tasks are wanted THEN it gets its base alone", () => {
    assert.deepEqual(
      [...splitTasks(strategy, 5)],
      [
        ["FARGATE", 2],
        ["FARGATE_SPOT", 3],
      ],
    );
  });

  test("WHEN all weights are 0 THEN nobody takes a task beyond the base", () => {
    const [only] = strategy;
    assert.ok(only !== undefined);
    assert.equal(providerOfNext([only], ["FARGATE"]), "FARGATE");
    assert.equal(providerOfNext([only], ["FARGATE", "FARGATE"]), undefined);
  });
});
