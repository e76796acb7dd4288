import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkTimes,
  deregistrationDelay,
  healthCheckGracePeriod,
  startPeriod,
  stopLimit,
  stopTimeout,
} from "../../../infra/deployment/deployment-times.ts";
import {
  InstanceManagement,
  type InstanceCapacityFacts,
} from "../../../infra/capacity/instance-capacity.ts";
import { assertRefused, rejectionsOf, valueOf } from "../mocks.ts";

const ON_DEMAND: InstanceCapacityFacts = {
  management: InstanceManagement.AutoScalingGroup,
  instanceTypes: ["c7i.large"],
  spot: false,
  shareGpu: false,
  networkInterfaceTrunking: false,
};
const SPOT: InstanceCapacityFacts = { ...ON_DEMAND, spot: true };

test("GIVEN drain time and longest call WHEN the stop timeout is reckoned THEN it covers both, up to the limit", () => {
  assert.equal(stopTimeout(10, 60, 120), 75);
  assert.equal(stopTimeout(0, 1, 120), 6);
  assert.equal(stopTimeout(55, 60, 120), 120);
  assert.equal(stopTimeout(56, 60, 120), 120);
  assert.equal(stopTimeout(110, 3600, 86_400), 3715);
});

test("GIVEN what replicas run on WHEN the limit is asked THEN it is Fargate's, that of Spot's notice, or a day", async () => {
  const limit = (
    fargateSpotWeight: pulumi.Input<number>,
    instanceCapacity?: pulumi.Input<InstanceCapacityFacts>,
  ): Promise<number> => valueOf(stopLimit({ fargateSpotWeight, instanceCapacity }));

  assert.equal(await limit(0), 120);
  assert.equal(await limit(pulumi.output(1)), 110);
  assert.equal(await limit(0, ON_DEMAND), 86_400);
  assert.equal(await limit(0, pulumi.output(SPOT)), 110);
});

test("GIVEN a longest call WHEN the deregistration delay is reckoned THEN its answer still gets through, as far as AWS lets it", () => {
  assert.equal(deregistrationDelay(1), 6);
  assert.equal(deregistrationDelay(60), 65);
  assert.equal(deregistrationDelay(3595), 3600);
  assert.equal(deregistrationDelay(3600), 3600);
});

test("GIVEN a server's start WHEN grace and start period are reckoned THEN failed checks count only after it, within AWS's limits", () => {
  assert.equal(healthCheckGracePeriod(30), 60);
  assert.equal(healthCheckGracePeriod(3600), 3630);
  assert.equal(startPeriod(30), 60);
  assert.equal(startPeriod(270), 300);
  assert.equal(startPeriod(3600), 300);
});

const checked = (
  drainSeconds: pulumi.Input<number>,
  longestCallSeconds: pulumi.Input<number>,
  fargateSpotWeight: pulumi.Input<number>,
  instanceCapacity?: pulumi.Input<InstanceCapacityFacts>,
): void => {
  checkTimes("McpService", {
    drainSeconds,
    longestCallSeconds,
    fargateSpotWeight,
    instanceCapacity,
  });
};

test("GIVEN times that fit together WHEN they are checked THEN they pass", () => {
  checked(0, 3600, 0);
  checked(110, 3600, 0);
  checked(10, 60, 4);
  checked(5, 100, 1);
  checked(0, 3600, 0, ON_DEMAND);
  checked(5, 100, 0, SPOT);
});

test("GIVEN Spot instances WHEN calls or the drain time do not fit the notice THEN they are refused as on Fargate Spot", async () => {
  const cut =
    "McpService: `longestCallSeconds` is 96 and `drainSeconds` is 10: with 5 seconds to close, a replica needs 111 seconds to end, and Spot leaves it" +
    " 110. Give the two a sum of at most 105 seconds, or run on instances that are not Spot (`spot` of the capacity).";
  assertRefused(() => {
    checked(10, 96, 0, SPOT);
  }, cut);
  assertRefused(() => {
    checked(4, 60, 0, SPOT);
  }, "McpService: `drainSeconds` is 4 on Spot, where SIGTERM comes before the load balancer stops sending; give 5 seconds or more, or run on instances" + " that are not Spot (`spot` of the capacity).");
  assert.deepEqual(
    await rejectionsOf(() => {
      checked(10, pulumi.output(96), 0, pulumi.output(SPOT));
    }),
    [cut],
  );
});

test("GIVEN calls that Spot would cut WHEN they are checked THEN they are refused, with what Spot leaves", async () => {
  const message =
    "McpService: `longestCallSeconds` is 96 and `drainSeconds` is 10: with 5 seconds to close, a replica needs 111 seconds to end, and Spot" +
    " leaves it 110. Give the two a sum of at most 105 seconds, or leave `fargateSpotWeight` out.";
  assertRefused(() => {
    checked(10, 96, 1);
  }, message);
  assert.deepEqual(
    await rejectionsOf(() => {
      checked(10, pulumi.output(96), 1);
    }),
    [message],
  );
});

test("GIVEN a replica on Spot that closes at once WHEN it is checked THEN it is refused: the load balancer still sends to it", () => {
  assertRefused(() => {
    checked(4, 60, 1);
  }, "McpService: `drainSeconds` is 4 on Spot, where SIGTERM comes before the load balancer stops sending; give 5 seconds or more, or leave" + " `fargateSpotWeight` out.");
});
