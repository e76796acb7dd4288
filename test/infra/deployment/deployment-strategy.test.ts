import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bakingMinutes,
  checkStrategy,
  deploymentConfiguration,
  DeploymentStrategy,
  shiftsTraffic,
  STRATEGY_DEFAULTS,
  type StrategySettings,
} from "../../../infra/deployment/deployment-strategy.ts";
import { assertRefused } from "../mocks.ts";

const { Rolling, BlueGreen, Canary, Linear } = DeploymentStrategy;

function settings(
  deploymentStrategy: DeploymentStrategy,
  given: Partial<StrategySettings> = {},
): StrategySettings {
  return { deploymentStrategy, ...STRATEGY_DEFAULTS, ...given };
}

test("GIVEN a strategy WHEN it becomes the service's input THEN it says exactly what AWS takes with it", () => {
  assert.deepEqual(deploymentConfiguration(settings(Rolling)), { strategy: "ROLLING" });
  assert.deepEqual(deploymentConfiguration(settings(BlueGreen)), {
    strategy: "BLUE_GREEN",
    bakeTimeInMinutes: "10",
  });
  assert.deepEqual(deploymentConfiguration(settings(Canary, { bakeMinutes: 0 })), {
    strategy: "CANARY",
    bakeTimeInMinutes: "0",
    canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: "10" },
  });
  assert.deepEqual(deploymentConfiguration(settings(Linear, { stepPercent: 33.3 })), {
    strategy: "LINEAR",
    bakeTimeInMinutes: "10",
    linearConfiguration: { stepPercent: 33.3, stepBakeTimeInMinutes: "6" },
  });
});

test("GIVEN a strategy WHEN its baking is summed THEN every shift and the last bake are in it", () => {
  assert.equal(bakingMinutes(settings(Rolling)), 0);
  assert.equal(bakingMinutes(settings(BlueGreen)), 10);
  assert.equal(bakingMinutes(settings(Canary)), 20);
  assert.equal(bakingMinutes(settings(Linear)), 64);
  // 30, 60, 90, 100.
  assert.equal(bakingMinutes(settings(Linear, { stepPercent: 30 })), 28);
  assert.equal(bakingMinutes(settings(Linear, { stepPercent: 100 })), 10);
});

test("GIVEN the strategies WHEN they are asked THEN all but rolling shift traffic between two target groups", () => {
  assert.deepEqual(Object.values(DeploymentStrategy).filter(shiftsTraffic), [
    "BLUE_GREEN",
    "CANARY",
    "LINEAR",
  ]);
});

const checked = (strategy: DeploymentStrategy, given: Partial<StrategySettings> = {}): void => {
  checkStrategy("McpService", given, settings(strategy, given));
};

test("GIVEN numbers that ECS takes WHEN they are checked THEN they pass", () => {
  checked(Rolling);
  checked(BlueGreen, { bakeMinutes: 0 });
  checked(BlueGreen, { bakeMinutes: 1440 });
  for (const canaryPercent of [0.1, 0.3, 5, 99.9, 100]) checked(Canary, { canaryPercent });
  checked(Canary, { canaryBakeMinutes: 0, bakeMinutes: 5 });
  for (const stepPercent of [3, 3.1, 33.3, 100]) checked(Linear, { stepPercent });
  checked(Linear, { stepBakeMinutes: 1440, bakeMinutes: 5 });
});

test("GIVEN numbers that ECS does not take WHEN they are checked THEN each is refused with its range", () => {
  for (const [strategy, argument] of [
    [BlueGreen, "bakeMinutes"],
    [Canary, "canaryBakeMinutes"],
    [Linear, "stepBakeMinutes"],
  ] as const) {
    for (const value of [-1, 1441, 0.5, NaN]) {
      assertRefused(() => {
        checked(strategy, { [argument]: value });
      }, `McpService: \`${argument}\` is ${value}; give a whole number of minutes from 0 to 1440.`);
    }
  }
  for (const canaryPercent of [0, 0.05, 5.25, 100.1, NaN]) {
    assertRefused(() => {
      checked(Canary, { canaryPercent });
    }, `McpService: \`canaryPercent\` is ${canaryPercent}; give a percentage from 0.1 to 100 in steps of 0.1.`);
  }
  for (const stepPercent of [0, 2.9, 33.33, 101]) {
    assertRefused(() => {
      checked(Linear, { stepPercent });
    }, `McpService: \`stepPercent\` is ${stepPercent}; give a percentage from 3 to 100 in steps of 0.1.`);
  }
});

test("GIVEN numbers of another strategy WHEN they are checked THEN they are refused: ECS would never look at them", () => {
  assertRefused(() => {
    checked(Rolling, { bakeMinutes: 5 });
  }, "McpService: `bakeMinutes` is given, but `deploymentStrategy` is `ROLLING`, which does not look at it. Leave it out, or set `deploymentStrategy` to" + " `BLUE_GREEN`, `CANARY`, `LINEAR`.");
  assertRefused(() => {
    checked(Linear, { canaryPercent: 5 });
  }, "McpService: `canaryPercent` is given, but `deploymentStrategy` is `LINEAR`, which does not look at it. Leave it out, or set `deploymentStrategy` to" + " `CANARY`.");
  assertRefused(() => {
    checked(Canary, { stepBakeMinutes: 5 });
  }, "McpService: `stepBakeMinutes` is given, but `deploymentStrategy` is `CANARY`, which does not look at it. Leave it out, or set `deploymentStrategy` to" + " `LINEAR`.");
});
