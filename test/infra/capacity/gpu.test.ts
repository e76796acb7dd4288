import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkGpu,
  checkGpuMissing,
  GpuAllocation,
  gpuAllocation,
  replicasPerGpu,
} from "../../../infra/capacity/gpu.ts";
import { instanceFacts } from "../instance-facts.ts";
import { assertRefused } from "../mocks.ts";

const CPU = instanceFacts("c7i.large");
const WHOLE = instanceFacts("g6.12xlarge");
const FRACTION = instanceFacts("g6f.large");
const SHARED = { ...instanceFacts("g6.xlarge"), shareGpu: true };
const TRUNKED = { ...SHARED, networkInterfaceTrunking: true };

test("GIVEN instances WHEN it is asked how replicas get at their GPUs THEN types and sharing decide", () => {
  assert.equal(gpuAllocation(CPU), GpuAllocation.None);
  assert.equal(gpuAllocation(WHOLE), GpuAllocation.Whole);
  assert.equal(gpuAllocation(FRACTION), GpuAllocation.Fraction);
  assert.equal(gpuAllocation(SHARED), GpuAllocation.Shared);
});

test("GIVEN a fraction WHEN replicas are counted THEN a third may be written short", () => {
  for (const [gpu, replicas] of [
    [1, 1],
    [0.5, 2],
    [1 / 3, 3],
    [0.33, 3],
    [0.333, 3],
    [0.25, 4],
    [0.125, 8],
  ] as const)
    assert.equal(replicasPerGpu(gpu), replicas);
});

test("GIVEN GPUs as the instances have them WHEN they are checked THEN they pass", () => {
  for (const gpu of [1, 2, 3, 4]) checkGpu("McpService", gpu, WHOLE);
  checkGpu("McpService", 0.125, FRACTION);
  checkGpu("McpService", 0.5, instanceFacts("gr6f.4xlarge"));
  for (const gpu of [1, 0.5, 1 / 3, 0.33]) checkGpu("McpService", gpu, SHARED);
  for (const gpu of [0.25, 0.167, 0.1]) checkGpu("McpService", gpu, TRUNKED);
  checkGpuMissing("McpService", CPU);
});

const refused = (gpu: number, facts: typeof CPU, message: string): void => {
  assertRefused(() => {
    checkGpu("McpService", gpu, facts);
  }, `McpService: \`gpu\` is ${gpu}, ${message}`);
};

test("GIVEN no `gpu` WHEN the instances have some THEN it is refused, with what one would give there", () => {
  const missing = (facts: typeof CPU, types: string, example: number): void => {
    assertRefused(
      () => {
        checkGpuMissing("McpService", facts);
      },
      `McpService: \`gpu\` is missing: the instances (${types}) have GPUs, and the service would pay for them without using them. Give what a replica` +
        ` needs, such as \`gpu: ${example}\`, or run it on a capacity without GPUs.`,
    );
  };
  missing(instanceFacts("g6.xlarge", "g5.xlarge"), "`g6.xlarge`, `g5.xlarge`", 1);
  missing(FRACTION, "`g6f.large`", 0.125);
  missing(SHARED, "`g6.xlarge`", 0.5);
});

test("GIVEN `gpu` WHEN the instances have none THEN it is refused, with some that have", () => {
  refused(
    1,
    CPU,
    "but the instances (`c7i.large`) have no GPU. Leave it out, or run the service on instances that have one, such as `g6.xlarge`.",
  );
});

test("GIVEN a fraction WHEN ECS gives GPUs out as a whole THEN it is refused, with the two ways to have a fraction", () => {
  for (const gpu of [0.5, 1.5]) {
    refused(
      gpu,
      WHOLE,
      "but ECS gives out each GPU of the instances (`g6.12xlarge`) as a whole. Give a whole number; or set `shareGpu` of the capacity, and replicas" +
        " share a GPU without isolation; or take instances with a part of a GPU, such as `g6f.xlarge` with 0.125.",
    );
  }
});

test("GIVEN more GPUs than the smallest instance has, or fewer than one WHEN they are checked THEN they are refused with its number", () => {
  for (const gpu of [5, 0, -1]) {
    refused(
      gpu,
      WHOLE,
      "but the instances (`g6.12xlarge`) have 4 each. Give a whole number from 1 to 4.",
    );
  }
  refused(
    2,
    instanceFacts("g6.12xlarge", "g6.xlarge"),
    "but the instances (`g6.12xlarge`, `g6.xlarge`) have 1 each. Give 1.",
  );
});

test("GIVEN another part than the instances have WHEN it is checked THEN it is refused with theirs", () => {
  for (const gpu of [0.25, 1, 0]) {
    refused(
      gpu,
      FRACTION,
      "but the instances (`g6f.large`) have 0.125 of a GPU, which ECS gives to one replica. Give `gpu: 0.125`.",
    );
  }
});

test("GIVEN a shared GPU WHEN it is not divided evenly THEN it is refused with fractions that are", () => {
  for (const gpu of [0.3, 0.7, 0.4, 0, -0.5, 2]) {
    refused(
      gpu,
      TRUNKED,
      "but a shared GPU is divided evenly. Give 1 divided by the number of replicas that share it: 0.5, 0.333, 0.25 and so on.",
    );
  }
});

test("GIVEN more replicas on an instance than it has network interfaces WHEN they are checked THEN they are refused: their GPUs would stay unused", () => {
  refused(
    0.25,
    SHARED,
    "so that 4 replicas would run on a `g6.xlarge`; each takes a network interface, and it has 3 beside its own. Give 0.333 or more, or set" +
      " `networkInterfaceTrunking` of the capacity.",
  );
  refused(
    1,
    instanceFacts("p5.48xlarge"),
    "so that 8 replicas would run on a `p5.48xlarge`; each takes a network interface, and it has 1 beside its own. Give 8 or more, or set" +
      " `networkInterfaceTrunking` of the capacity.",
  );
  checkGpu("McpService", 8, instanceFacts("p5.48xlarge"));
  checkGpu("McpService", 1, { ...instanceFacts("p5.48xlarge"), networkInterfaceTrunking: true });
});
