import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkScaling,
  scalingDefaults,
  type ScalingArguments,
} from "../../../infra/scaling/scaling-args.ts";
import type { McpServiceArgs } from "../../../infra/service-args.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

type Given = ScalingArguments &
  Pick<McpServiceArgs, "environment" | "maxOngoingRequests" | "secrets">;

function checkGiven(args: Given, requestCountAvailable = true): void {
  checkScaling("McpService", args, {
    ...scalingDefaults(args, requestCountAvailable),
    maxOngoingRequests: args.maxOngoingRequests ?? 100,
  });
}

function refused(args: Given, message: string, requestCountAvailable = true): void {
  assertRefused(() => {
    checkGiven(args, requestCountAvailable);
  }, `McpService: ${message}`);
}

test("GIVEN numbers within AWS's ranges WHEN they are checked THEN they pass", () => {
  checkGiven({});
  checkGiven({ minReplicas: 1, maxReplicas: 1 });
  checkGiven({ minReplicas: 5000, maxReplicas: 5000 });
  checkGiven({ scaleOutCooldownSeconds: 0, scaleInCooldownSeconds: 3600 });
  checkGiven({ requestCountPerTarget: 10_000_000 });
  checkGiven({ targetOngoingRequests: 0.1 });
  checkGiven({ targetOngoingRequests: 90 });
  checkGiven({ targetOngoingRequests: 0.9, maxOngoingRequests: 1 });
  checkGiven({ targetOngoingRequests: 11.7, maxOngoingRequests: 13 });
  checkGiven({ targetOngoingRequests: 20, requestCountPerTarget: 500, burstScaling: false });
  for (const cpuTargetPercent of [0, 10, 90]) checkGiven({ cpuTargetPercent });
});

test("GIVEN numbers outside of AWS's ranges WHEN they are checked THEN each is refused with its range", () => {
  const ranges = [
    ["minReplicas", [0, 5001, 1.5], "a whole number from 1 to 5000"],
    ["maxReplicas", [0, 5001], "a whole number from 1 to 5000"],
    [
      "requestCountPerTarget",
      [0, 10_000_001],
      "a whole number of requests a minute from 1 to 10000000",
    ],
    [
      "targetOngoingRequests",
      [0, -1, 0.09, 90_001, Number.NaN],
      "a number of requests from 0.1 to 90000",
    ],
    ["cpuTargetPercent", [9, 91, 70.5], "a whole number of percent from 10 to 90"],
    ["scaleOutCooldownSeconds", [-1, 3601], "a whole number of seconds from 0 to 3600"],
    ["scaleInCooldownSeconds", [-1, 3601], "a whole number of seconds from 0 to 3600"],
  ] as const;
  for (const [argument, values, range] of ranges) {
    for (const value of values)
      refused({ [argument]: value }, `\`${argument}\` is ${value}; give ${range}.`);
  }
});

const OUT_OF_ORDER =
  "`minReplicas` is 4 and `maxReplicas` is 3; give a maximum that is not below the minimum.";

test("GIVEN a maximum below the minimum WHEN it is checked THEN it is refused", () => {
  refused({ minReplicas: 4, maxReplicas: 3 }, OUT_OF_ORDER);
});

test("GIVEN a maximum below the minimum in outputs or promises WHEN it is checked THEN the program fails with the same sentence", async () => {
  const pairs = [
    [pulumi.output(4), 3],
    [4, pulumi.output(3)],
    [Promise.resolve(4), pulumi.output(3)],
  ] as const;
  for (const [minReplicas, maxReplicas] of pairs) {
    assert.deepEqual(
      await rejectionsOf(() => {
        checkGiven({ minReplicas, maxReplicas });
      }),
      [`McpService: ${OUT_OF_ORDER}`],
    );
  }
});

const aboveLimit = (target: number, limit: number, most: number): string =>
  `\`targetOngoingRequests\` is ${target} and \`maxOngoingRequests\` is ${limit}: a replica refuses what is above its limit, so that the average` +
  ` hardly gets above the target, and no replica would be added. Give a target of at most nine tenths of the limit, here ${most}, or a higher limit.`;

// The steps of a burst lie between target and limit: with the two the wrong way round their bounds would be, too, which AWS refuses.
test("GIVEN a target that a replica cannot get above WHEN it is checked THEN it is refused: AWS would accept it, and never add a replica", async () => {
  refused({ targetOngoingRequests: 100 }, aboveLimit(100, 100, 90));
  refused({ targetOngoingRequests: 91 }, aboveLimit(91, 100, 90));
  refused({ targetOngoingRequests: 12, maxOngoingRequests: 13 }, aboveLimit(12, 13, 11.7));
  assert.deepEqual(
    await rejectionsOf(() => {
      checkGiven({ targetOngoingRequests: 100, maxOngoingRequests: pulumi.output(50) });
    }),
    [`McpService: ${aboveLimit(100, 50, 45)}`],
  );
});

test("GIVEN a burst policy without a target WHEN it is checked THEN it is refused", () => {
  refused(
    { burstScaling: true },
    "`burstScaling` is true, but nothing says when a replica has too much; give `targetOngoingRequests` beside it.",
  );
  checkGiven({ burstScaling: false });
});

test("GIVEN a deployment that switches between target groups WHEN requests of one are to be counted THEN it is refused: AWS would count only one", () => {
  refused(
    { requestCountPerTarget: 500 },
    "`requestCountPerTarget` is given, but in blue/green, canary and linear deployments traffic moves between two target groups, and AWS counts" +
      " the requests of one only. Give `targetOngoingRequests` instead, which every replica measures itself.",
    false,
  );
});

test("GIVEN a deployment that switches between target groups WHEN nothing else says how busy a replica may be THEN it is refused", () => {
  const nothing =
    "nothing says how busy a replica may be: in blue/green, canary and linear deployments AWS counts no requests per target. Give" +
    " `targetOngoingRequests`, or a `cpuTargetPercent` for a server that mostly computes.";
  refused({}, nothing, false);
  refused({ cpuTargetPercent: 0 }, nothing, false);
  checkGiven({ targetOngoingRequests: 20 }, false);
  checkGiven({ cpuTargetPercent: 70 }, false);
});
