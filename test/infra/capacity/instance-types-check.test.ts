import { test } from "node:test";
import {
  InstanceManagement,
  type InstanceCapacity,
} from "../../../infra/capacity/instance-capacity.ts";
import { checkInstanceTypes } from "../../../infra/capacity/instance-types-check.ts";
import { assertRefused } from "../mocks.ts";

const management = InstanceManagement.ManagedInstances;

const checked = (
  instanceTypes: string[],
  capacity: Omit<InstanceCapacity, "instanceTypes"> = {},
): void => {
  checkInstanceTypes("McpPlatform", "instanceCapacity.pool", { instanceTypes, ...capacity });
};

const refused = (
  instanceTypes: string[],
  message: string,
  capacity: Omit<InstanceCapacity, "instanceTypes"> = {},
): void => {
  assertRefused(() => {
    checked(instanceTypes, capacity);
  }, `McpPlatform: \`instanceCapacity.pool.instanceTypes\` ${message}`);
};

test("GIVEN types that a replica may run on alike WHEN they are checked THEN they pass", () => {
  for (const instanceTypes of [
    ["m7g.large"],
    ["m7i-flex.large", "m7i.large", "m7a.large"],
    ["m7g.medium"],
    ["u-6tb1.metal"],
    ["g6.xlarge"],
    // As many vCPUs, as many GPUs of the same model.
    ["g6.4xlarge", "gr6.4xlarge"],
    ["g6f.large"],
    ["g6f.4xlarge", "gr6f.4xlarge"],
    ["p6-b200.48xlarge"],
    ["p5e.48xlarge", "p5en.48xlarge"],
  ])
    checked(instanceTypes);
  checked(["g6.4xlarge", "gr6.4xlarge"], { shareGpu: true });
  checked(["g5g.xlarge"], { imageId: "ami-0123456789abcdef0" });
  for (const instanceTypes of [
    ["m7g.large", "m7g.4xlarge", "c7g.large"],
    ["g6.xlarge", "g6.12xlarge"],
    ["g6f.large", "g6f.xlarge"],
    ["g5g.xlarge"],
    ["t4g.small", "t4g.medium"],
    ["i3en.large"],
    ["g4dn.metal"],
  ])
    checked(instanceTypes, { management });
});

test("GIVEN no types, or what is none WHEN they are checked THEN they are refused with an example", () => {
  refused([], "is empty; give a type, such as `m7g.large`, or `g6.xlarge` with a GPU.");
  for (const instanceType of ["m7g", "m7g.", "M7g.large", "m7g.*", "m7g large", ".large"])
    refused(
      [instanceType],
      `has \`${instanceType}\`; give a family and a size, such as \`m7g.large\`.`,
    );
  refused(["m7g.large", "m7g.large"], "has `m7g.large` twice; give each type once.");
});

test("GIVEN a GPU type of which nothing is known WHEN it is checked THEN it is refused with those that are known", () => {
  refused(
    ["gr6.xlarge"],
    "has `gr6.xlarge`, which no driver is known for, nor how many GPUs it has; known are `gr6.4xlarge`, `gr6.8xlarge`. Take one of these.",
  );
  refused(
    ["g4ad.xlarge"],
    "has `g4ad.xlarge`, which no driver is known for, nor how many GPUs it has; known are `g4dn`, `g5`, `g5g`, `g6`, `g6e`, `g6f`, `g7e`, `gr6`, `gr6f`," +
      " `p4d`, `p4de`, `p5`, `p5e`, `p5en`, `p6-b200`, `p6-b300`. Take one of these.",
  );
});

test("GIVEN types that are not alike WHEN they are checked THEN they are refused under either management", () => {
  const apart = "and the others to a capacity of their own.";
  for (const capacity of [{}, { management }]) {
    refused(
      ["m7g.large", "m7i.large"],
      `mixes processors, and an image is built for one: \`m7g.large\` is ARM64, \`m7i.large\` is X86_64. Give types of one, ${apart}`,
      capacity,
    );
    for (const instanceTypes of [
      ["g6.xlarge", "m7i.xlarge"],
      ["m7i.xlarge", "g6.xlarge"],
    ])
      refused(
        instanceTypes,
        `mixes types with and without GPUs, \`g6.xlarge\` and \`m7i.xlarge\`. Give the ones, ${apart}`,
        capacity,
      );
    refused(
      ["g6.xlarge", "g5.xlarge"],
      "mixes GPUs, which ECS does not tell apart: `g6.xlarge` has NVIDIA L4, `g5.xlarge` has NVIDIA A10G. Give types of one model," +
        ` ${apart}`,
      capacity,
    );
    refused(
      ["p4d.24xlarge", "p4de.24xlarge"],
      "mixes GPUs, which ECS does not tell apart: `p4d.24xlarge` has NVIDIA A100 40 GB, `p4de.24xlarge` has NVIDIA A100 80 GB. Give types of one model," +
        ` ${apart}`,
      capacity,
    );
    for (const [left, right, leftPart, rightPart] of [
      ["g6.xlarge", "g6f.xlarge", 1, 0.125],
      ["g6f.large", "g6f.2xlarge", 0.125, 0.25],
    ] as const)
      refused(
        [left, right],
        `mixes parts of a GPU, and a replica asks for one certain part: \`${left}\` has ${leftPart}, \`${right}\` has ${rightPart}. Give types with equal` +
          ` parts, ${apart}`,
        capacity,
      );
  }
});

test("GIVEN types of different sizes WHEN they are for a group THEN they are refused: ECS counts by the smallest", () => {
  for (const [left, right] of [
    ["m7g.large", "m7g.xlarge"],
    ["g6.xlarge", "g6.2xlarge"],
    ["g6f.large", "g6f.xlarge"],
    ["g6.12xlarge", "g6.24xlarge"],
  ] as const)
    refused(
      [left, right],
      `has types of different sizes, \`${left}\` and \`${right}\`: ECS counts the instances that it needs of an Auto Scaling group by the smallest. Give types` +
        ' of one size, and the others to a capacity of their own, or set `management: "managed-instances"`.',
    );
});

test("GIVEN Graviton with GPUs WHEN it is for a group THEN it is refused: AWS has no such AMI", () => {
  refused(
    ["g5g.xlarge"],
    "has `g5g.xlarge`, but there is no ECS AMI with GPU drivers for ARM64. Give an `imageId` of your own, take `g4dn` or `g6`, or set" +
      ' `management: "managed-instances"`.',
  );
});

test("GIVEN types without exactly one GPU WHEN they are to share it THEN each is refused with its way out", () => {
  for (const [instanceType, rest] of [
    ["m7i.large", "it has none. Take one such as `g6.xlarge`, or leave `shareGpu` out."],
    [
      "g6.12xlarge",
      "it has 4, and every replica would see all of them. Take one such as `g6.xlarge`, or leave `shareGpu` out.",
    ],
    [
      "g6f.2xlarge",
      "it has 0.25 of one, which AWS has parted already. Leave `shareGpu` out, and give the service `gpu: 0.25`.",
    ],
  ] as const)
    refused(
      [instanceType],
      `has \`${instanceType}\` beside \`shareGpu\`, which takes types with exactly one GPU: ${rest}`,
      { shareGpu: true },
    );
});

test("GIVEN types that ECS Managed Instances have not WHEN they are checked THEN they are refused, and a group takes them", () => {
  for (const instanceType of ["m4.large", "c4.large", "t2.small", "i3.large", "p5e.48xlarge"]) {
    refused(
      [instanceType],
      `has \`${instanceType}\`, a family that ECS Managed Instances do not offer. Take a newer one, or set \`management: "auto-scaling-group"\`.`,
      { management },
    );
    checked([instanceType]);
  }
  for (const [instanceType, larger] of [
    ["t4g.nano", "t4g.large"],
    ["t3.micro", "t3.large"],
    ["m7g.medium", "m7g.large"],
  ] as const) {
    refused(
      [instanceType],
      `has \`${instanceType}\`, but ECS Managed Instances start none that is \`nano\` or \`micro\` or has one vCPU. Take \`${larger}\`, or set` +
        ' `management: "auto-scaling-group"`.',
      { management },
    );
    checked([instanceType]);
  }
});
