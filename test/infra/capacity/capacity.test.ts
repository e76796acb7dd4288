import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  capacityProviderStrategies,
  checkCapacity,
  fargateStrategy,
  type CapacityArguments,
} from "../../../infra/capacity/capacity.ts";
import { assertRefused, rejectionsOf, valueOf } from "../mocks.ts";

test("GIVEN no Spot WHEN the strategy is made THEN all replicas run on Fargate", () => {
  assert.deepEqual(fargateStrategy(2, 1, 0), [{ capacityProvider: "FARGATE", weight: 1 }]);
});

test("GIVEN Spot WHEN the strategy is made THEN the base runs on Fargate, and the rest by weight", () => {
  assert.deepEqual(fargateStrategy(2, 1, 4), [
    { capacityProvider: "FARGATE", base: 2, weight: 1 },
    { capacityProvider: "FARGATE_SPOT", weight: 4 },
  ]);
  assert.deepEqual(fargateStrategy(2, 0, 1), [
    { capacityProvider: "FARGATE", base: 2, weight: 0 },
    { capacityProvider: "FARGATE_SPOT", weight: 1 },
  ]);
});

test("GIVEN neither base nor weight for Fargate WHEN the strategy is made THEN all replicas run on Spot", () => {
  assert.deepEqual(fargateStrategy(0, 0, 1), [{ capacityProvider: "FARGATE_SPOT", weight: 1 }]);
});

test("GIVEN any numbers WHEN the strategy is made THEN ECS takes it: one base at most, one weight above 0 at least", () => {
  for (const base of [0, 1, 5000]) {
    for (const weight of [0, 1, 1000]) {
      for (const spotWeight of [0, 1, 1000]) {
        const strategy = fargateStrategy(base, weight, spotWeight);
        assert.ok(strategy.filter((share) => (share.base ?? 0) > 0).length <= 1);
        assert.ok(strategy.some((share) => share.weight > 0));
      }
    }
  }
});

test("GIVEN weights that are outputs WHEN the strategy is made THEN it follows them", async () => {
  const strategies = capacityProviderStrategies({
    fargateBase: pulumi.output(1),
    fargateWeight: Promise.resolve(1),
    fargateSpotWeight: pulumi.output(3),
  });

  assert.deepEqual(await valueOf(strategies), [
    { capacityProvider: "FARGATE", base: 1, weight: 1 },
    { capacityProvider: "FARGATE_SPOT", weight: 3 },
  ]);
});

const checked = (given: CapacityArguments): void => {
  checkCapacity("McpService", given, {
    fargateBase: given.fargateBase ?? 2,
    fargateWeight: given.fargateWeight ?? 1,
    fargateSpotWeight: given.fargateSpotWeight ?? 0,
  });
};

test("GIVEN shares that ECS takes WHEN they are checked THEN they pass", () => {
  for (const given of [
    {},
    { fargateSpotWeight: 0 },
    { fargateSpotWeight: 4 },
    { fargateBase: 0, fargateWeight: 0, fargateSpotWeight: 1000 },
    { fargateBase: 5000, fargateWeight: 1000, fargateSpotWeight: 1 },
  ])
    checked(given);
});

test("GIVEN shares out of range WHEN they are checked THEN each is refused with its range", () => {
  const ranges = [
    ["fargateBase", [-1, 5001, 1.5], 5000],
    ["fargateWeight", [-1, 1001, 0.5], 1000],
    ["fargateSpotWeight", [-1, 1001, 0.5], 1000],
  ] as const;
  for (const [argument, values, most] of ranges) {
    for (const value of values) {
      assertRefused(() => {
        checked({ fargateSpotWeight: 1, [argument]: value });
      }, `McpService: \`${argument}\` is ${value}; give a whole number from 0 to ${most}.`);
    }
  }
});

test("GIVEN a share of Fargate without Spot WHEN it is checked THEN it is refused: it would change nothing", async () => {
  for (const argument of ["fargateBase", "fargateWeight"] as const) {
    assertRefused(
      () => {
        checked({ [argument]: 1 });
      },
      `McpService: \`${argument}\` is given, but \`fargateSpotWeight\` is 0: all replicas run on Fargate, and there is nothing to share. Give` +
        ` \`fargateSpotWeight\` too, or leave \`${argument}\` out.`,
    );
  }
  assert.deepEqual(
    await rejectionsOf(() => {
      checked({ fargateWeight: 1, fargateSpotWeight: pulumi.output(0) });
    }),
    [
      "McpService: `fargateWeight` is given, but `fargateSpotWeight` is 0: all replicas run on Fargate, and there is nothing to share. Give" +
        " `fargateSpotWeight` too, or leave `fargateWeight` out.",
    ],
  );
});
