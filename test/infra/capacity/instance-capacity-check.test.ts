import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkInstanceCapacities,
  checkInstanceCapacity,
  DEFAULT_MAX_INSTANCES,
} from "../../../infra/capacity/instance-capacity-check.ts";
import {
  InstanceManagement,
  type InstanceCapacity,
} from "../../../infra/capacity/instance-capacity.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

const CPU: InstanceCapacity = { instanceTypes: ["m7g.large"] };
const MANAGED: InstanceCapacity = { ...CPU, management: InstanceManagement.ManagedInstances };

const checked = (capacity: InstanceCapacity): void => {
  checkInstanceCapacities("McpPlatform", { pool: capacity });
};

const refused = (capacity: InstanceCapacity, message: string): void => {
  assertRefused(() => {
    checked(capacity);
  }, `McpPlatform: \`instanceCapacity.pool.${message}`);
};

test("GIVEN capacities that AWS takes, or none WHEN they are checked THEN they pass", () => {
  checkInstanceCapacities("McpPlatform", undefined);
  checkInstanceCapacities("McpPlatform", {});
  checkInstanceCapacities("McpPlatform", { "a-name-of-16-ok": CPU, g: CPU });
  for (const capacity of [
    {
      ...CPU,
      minInstances: 0,
      maxInstances: 1,
      targetCapacityPercent: 1,
      volumeSizeGib: 30,
      spot: true,
      networkInterfaceTrunking: true,
      enableSessionManager: true,
    },
    {
      ...CPU,
      minInstances: 5000,
      maxInstances: 5000,
      targetCapacityPercent: 100,
      volumeSizeGib: 16_384,
    },
    { ...CPU, imageId: "ami-0123456789abcdef0" },
    { ...CPU, imageId: "ami-01234567" },
    { ...CPU, imageId: "resolve:ssm:/images/ours" },
    { ...MANAGED, volumeSizeGib: 100, spot: true },
    // What changes nothing is no contradiction.
    {
      ...MANAGED,
      shareGpu: false,
      networkInterfaceTrunking: false,
      enableSessionManager: false,
    },
  ])
    checked(capacity);
});

test("GIVEN names that roles could not have WHEN they are checked THEN they are refused", () => {
  for (const name of ["GPU", "", "1st", "a--b", "a-", "a_b", "a-name-of-17-char"]) {
    assertRefused(
      () => {
        checkInstanceCapacities("McpPlatform", { [name]: CPU });
      },
      `McpPlatform: \`instanceCapacity\` has the name \`${name}\`; give names of at most 16 lower-case letters, digits and single hyphens, beginning with a` +
        " letter, since roles and instances are named after it.",
    );
  }
  // The longest of all: a platform's name, this one, the suffix of the role and Pulumi's.
  assert.equal(`${"p".repeat(24)}-${"c".repeat(16)}-infrastructure-1234567`.length, 64);
});

test("GIVEN a name that is Fargate's WHEN it is checked THEN it is refused", () => {
  for (const name of ["fargate", "fargate-spot"]) {
    assertRefused(() => {
      checkInstanceCapacities("McpPlatform", { [name]: CPU });
    }, `McpPlatform: \`instanceCapacity\` has the name \`${name}\`, but Fargate has no instances, and a service runs on it without being told. Choose another name.`);
  }
});

test("GIVEN a capacity of a service's own WHEN it is checked THEN a refusal names the argument that it stands in", () => {
  assertRefused(() => {
    checkInstanceCapacity("McpService", "instances", { ...CPU, minInstances: -1 });
  }, "McpService: `instances.minInstances` is -1; give a whole number from 0 to 5000.");
});

test("GIVEN a management that is none WHEN it is checked THEN it is refused", () => {
  refused(
    { ...CPU, management: "own" as InstanceManagement },
    "management` is `own`; give one of `auto-scaling-group`, `managed-instances`.",
  );
});

test("GIVEN numbers out of range WHEN they are checked THEN each is refused with its range", () => {
  for (const [argument, values, range] of [
    ["minInstances", [-1, 5001, 1.5], "a whole number from 0 to 5000"],
    ["maxInstances", [0, 5001, 1.5], "a whole number from 1 to 5000"],
    ["targetCapacityPercent", [0, 101, 99.5], "a whole number of percent from 1 to 100"],
    ["volumeSizeGib", [29, 16_385, 30.5], "a whole number of GiB from 30 to 16384"],
  ] as const) {
    for (const value of values)
      refused({ ...CPU, [argument]: value }, `${argument}\` is ${value}; give ${range}.`);
  }
});

test("GIVEN more instances at least than at most WHEN they are checked THEN they are refused, also late and beside the default", async () => {
  const sentence = (least: number, most: number): string =>
    `minInstances\` is ${least}, more than \`maxInstances\`, which is ${most}. Lower the one or raise the other.`;
  refused({ ...CPU, minInstances: 3, maxInstances: 2 }, sentence(3, 2));
  refused({ ...CPU, minInstances: 11 }, sentence(11, DEFAULT_MAX_INSTANCES));
  assert.deepEqual(
    await rejectionsOf(() => {
      checked({ ...CPU, minInstances: pulumi.output(3), maxInstances: 2 });
    }),
    [`McpPlatform: \`instanceCapacity.pool.${sentence(3, 2)}`],
  );
});

test("GIVEN an image that is none WHEN it is checked THEN it is refused, also late", async () => {
  const sentence =
    "imageId` is `al2023`; give the id of an AMI, such as `ami-0123456789abcdef0`, or `resolve:ssm:` and the name of a parameter that holds one.";
  refused({ ...CPU, imageId: "al2023" }, sentence);
  assert.deepEqual(
    await rejectionsOf(() => {
      checked({ ...CPU, imageId: pulumi.output("al2023") });
    }),
    [`McpPlatform: \`instanceCapacity.pool.${sentence}`],
  );
});

test("GIVEN what only groups have WHEN Managed Instances are given it THEN each is refused with its reason", () => {
  for (const [argument, value, reason] of [
    ["minInstances", 1, "ECS starts an instance for replicas, and for nothing else"],
    [
      "maxInstances",
      1,
      "ECS starts as many instances as the replicas need, and `maxReplicas` bounds these",
    ],
    ["targetCapacityPercent", 90, "ECS starts an instance for replicas, and holds none free"],
    ["shareGpu", true, "they give each GPU to one replica"],
    ["networkInterfaceTrunking", true, "they have it whatever the account's setting is"],
    ["imageId", "ami-0123456789abcdef0", "ECS chooses and renews the AMI"],
    ["enableSessionManager", true, "nobody can open a shell on them"],
  ] as const) {
    refused(
      { ...MANAGED, [argument]: value },
      `${argument}\` is given beside \`management: "managed-instances"\`, but ${reason}. Leave it out, or set \`management: "auto-scaling-group"\`.`,
    );
  }
});
