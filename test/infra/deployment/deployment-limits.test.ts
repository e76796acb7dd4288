import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  canStep,
  checkLimits,
  type LimitSettings,
} from "../../../infra/deployment/deployment-limits.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

const SETTINGS: LimitSettings = {
  minReplicas: 2,
  schedules: [],
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  availabilityZoneRebalancing: true,
};

const checked = (given: Partial<LimitSettings>): void => {
  checkLimits("McpService", { ...SETTINGS, ...given });
};

/** AWS's own table of limits (ECS guide, "Rolling update"): replicas, least and most percent, and whether anything can move. */
const TABLE: readonly (readonly [replicas: number, least: number, most: number, moves: boolean])[] =
  [
    [1, 100, 200, true],
    [1, 50, 100, false],
    [1, 100, 150, false],
    [2, 50, 100, true],
    [2, 75, 125, false],
    [2, 100, 150, true],
    [3, 75, 125, false],
    [3, 100, 125, false],
    [4, 100, 125, true],
    [4, 75, 100, true],
    [5, 75, 125, true],
  ];

test("GIVEN AWS's table of limits WHEN a step is looked for THEN it is found exactly where AWS finds one", () => {
  for (const [replicas, least, most, moves] of TABLE)
    assert.equal(canStep(replicas, least, most), moves, `${replicas} at ${least}/${most}`);
});

test("GIVEN a step with few replicas WHEN there are more THEN there is one, too", () => {
  for (let least = 1; least <= 100; least += 7) {
    for (let most = 100; most <= 200; most += 5) {
      for (let replicas = 1; replicas < 60; replicas += 1) {
        if (canStep(replicas, least, most)) assert.ok(canStep(replicas + 1, least, most));
      }
    }
  }
});

test("GIVEN limits with room WHEN they are checked THEN they pass", () => {
  checked({});
  checked({ minReplicas: 4, minimumHealthyPercent: 100, maximumPercent: 125 });
  checked({ minimumHealthyPercent: 50, maximumPercent: 100, availabilityZoneRebalancing: false });
});

test("GIVEN limits with which nothing can move WHEN they are checked THEN they are refused: the deployment would never end", async () => {
  const message =
    "McpService: `minimumHealthyPercent` is 100 and `maximumPercent` is 125: of 3 replicas (`minReplicas`) ECS could neither stop one nor start one" +
    " more, and no deployment would ever end. Give a `maximumPercent` of at least 134.";
  assertRefused(() => {
    checked({ minReplicas: 3, maximumPercent: 125 });
  }, message);
  assert.ok(canStep(3, 100, 134) && !canStep(3, 100, 133));
  assert.deepEqual(
    await rejectionsOf(() => {
      checked({ minReplicas: pulumi.output(3), maximumPercent: 125 });
    }),
    [message],
  );
});

test("GIVEN a schedule with fewer replicas WHEN the limits leave it no room THEN they are refused, too; one of 0 deploys nothing", () => {
  const schedule = (minReplicas: number) => ({
    name: "night",
    cron: "0 22 * * ? *",
    minReplicas,
    maxReplicas: 4,
  });
  assertRefused(() => {
    checked({ minReplicas: 4, maximumPercent: 125, schedules: [schedule(1)] });
  }, "McpService: `minimumHealthyPercent` is 100 and `maximumPercent` is 125: of 1 replicas (`minReplicas`) ECS could neither stop one nor start one" + " more, and no deployment would ever end. Give a `maximumPercent` of at least 200.");
  checked({ minReplicas: 4, maximumPercent: 125, schedules: [schedule(0)] });
});

test("GIVEN rebalancing without room WHEN it is checked THEN it is refused: AWS would refuse it", () => {
  assertRefused(() => {
    checked({ minimumHealthyPercent: 50, maximumPercent: 100 });
  }, "McpService: `maximumPercent` is 100, which leaves no room to start a replica in another zone before one is stopped. Give more than 100, or set" + " `availabilityZoneRebalancing` to false.");
});

test("GIVEN percentages out of range WHEN they are checked THEN each is refused with its range", () => {
  for (const value of [0, 101, 50.5]) {
    assertRefused(() => {
      checked({ minimumHealthyPercent: value });
    }, `McpService: \`minimumHealthyPercent\` is ${value}; give a whole number of percent from 1 to 100.`);
  }
  for (const value of [99, 201, 150.5]) {
    assertRefused(() => {
      checked({ maximumPercent: value });
    }, `McpService: \`maximumPercent\` is ${value}; give a whole number of percent from 100 to 200.`);
  }
});
