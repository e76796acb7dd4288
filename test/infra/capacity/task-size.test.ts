import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkInstanceCpu,
  checkInstanceMemory,
  checkSharedSize,
  cpuUnits,
  defaultTaskSize,
  taskSize,
} from "../../../infra/capacity/task-size.ts";
import { instanceFacts } from "../instance-facts.ts";
import { assertRefused, valueOf } from "../mocks.ts";

const CPU = instanceFacts("c7i.large");
const GPU = instanceFacts("g6.xlarge");
const SHARED = { ...GPU, shareGpu: true, networkInterfaceTrunking: true };

test("GIVEN vCPU WHEN ECS is told THEN they are whole units, never more than given", () => {
  assert.equal(cpuUnits(0.25), 256);
  assert.equal(cpuUnits(4), 4096);
  assert.equal(cpuUnits(0.3), 307);
});

test("GIVEN no size WHEN a replica has GPUs THEN it gets its share of the smallest instance, of the memory nine tenths", () => {
  assert.deepEqual(defaultTaskSize(CPU, 0), { cpu: 0.25, memory: 512 });
  assert.deepEqual(defaultTaskSize(GPU, 1), { cpu: 4, memory: 14_745 });
  assert.deepEqual(defaultTaskSize(instanceFacts("g6.12xlarge"), 1), { cpu: 12, memory: 44_236 });
  assert.deepEqual(defaultTaskSize(instanceFacts("g6.12xlarge"), 3), { cpu: 36, memory: 132_710 });
  assert.deepEqual(defaultTaskSize(instanceFacts("g6f.large"), 0.125), { cpu: 2, memory: 7372 });
  assert.deepEqual(defaultTaskSize(instanceFacts("g6e.xlarge", "g6.xlarge"), 1), {
    cpu: 4,
    memory: 14_745,
  });
});

test("GIVEN a shared GPU WHEN the default is made THEN exactly as many replicas fit an instance as share its GPU", () => {
  const units = 4 * 1024;
  for (const [gpu, replicas] of [
    [1, 1],
    [0.5, 2],
    [1 / 3, 3],
    [0.33, 3],
    [0.25, 4],
    [0.2, 5],
    [1 / 7, 7],
    [0.125, 8],
  ] as const) {
    const size = defaultTaskSize(SHARED, gpu);
    assert.equal(Math.floor(units / cpuUnits(size.cpu)), replicas);
    assert.ok(size.memory * replicas <= 0.9 * 16_384);
  }
  assert.deepEqual(defaultTaskSize(SHARED, 0.25), { cpu: 1, memory: 3686 });
});

test("GIVEN a size WHEN it is settled THEN what is given stands, plain, and the rest follows from capacity and GPUs", async () => {
  assert.deepEqual(taskSize({}, undefined), { cpu: 0.25, memory: 512 });
  assert.deepEqual(taskSize({ cpu: 1, memory: 2048 }, undefined), { cpu: 1, memory: 2048 });
  assert.deepEqual(taskSize({ cpu: 2, memory: 4096, gpu: 1 }, pulumi.output(GPU)), {
    cpu: 2,
    memory: 4096,
  });
  const late = taskSize({ memory: 4096, gpu: pulumi.output(1) }, pulumi.output(GPU));
  assert.deepEqual([await valueOf(pulumi.output(late.cpu)), late.memory], [4, 4096]);
});

test("GIVEN sizes that instances have WHEN they are checked THEN they pass", () => {
  for (const cpu of [0.125, 0.3, 192]) checkInstanceCpu("McpService", cpu, CPU);
  for (const cpu of [0.125, 4]) checkInstanceCpu("McpService", cpu, GPU);
  for (const memory of [128, 33_554_432]) checkInstanceMemory("McpService", memory, CPU);
  for (const memory of [128, 15_000]) checkInstanceMemory("McpService", memory, GPU);
  checkSharedSize("McpService", 1, 1_000_000, GPU);
  checkSharedSize("McpService", 0.25, 3686, SHARED);
});

test("GIVEN sizes that ECS does not take WHEN they are checked THEN they are refused with its ranges", () => {
  for (const cpu of [0, 0.1, 193, Number.NaN]) {
    assertRefused(() => {
      checkInstanceCpu("McpService", cpu, CPU);
    }, `McpService: \`cpu\` is ${cpu}; on instances give 0.125 to 192 vCPU.`);
  }
  for (const memory of [127, 512.5, 33_554_433]) {
    assertRefused(() => {
      checkInstanceMemory("McpService", memory, CPU);
    }, `McpService: \`memory\` is ${memory}; on instances give a whole number of MiB from 128 to 33554432.`);
  }
});

test("GIVEN sizes that no instance has WHEN they are checked THEN they are refused: the replica would wait for ever", () => {
  assertRefused(() => {
    checkInstanceCpu("McpService", 4.5, GPU);
  }, "McpService: `cpu` is 4.5, but the instances (`g6.xlarge`) have 4 vCPU at most. Give no more than that, or take larger instances.");
  assertRefused(() => {
    checkInstanceMemory("McpService", 16_384, GPU);
  }, "McpService: `memory` is 16384 MiB, but the instances (`g6.xlarge`) have 16384 MiB at most, of which kernel and agent need some. Give about 14745," + " or take larger instances.");
});

test("GIVEN `cpu` beside a shared GPU WHEN it is checked THEN it is refused: it is what keeps others out", () => {
  assertRefused(() => {
    checkInstanceCpu("McpService", 1, SHARED);
  }, "McpService: `cpu` is 1, but on a shared GPU it follows from `gpu`, so that exactly as many replicas fit an instance as share its GPU. Leave it" + " out.");
});

test("GIVEN replicas on a shared GPU that are too large for their share, or too small for ECS WHEN they are checked THEN they are refused", () => {
  assertRefused(() => {
    checkSharedSize("McpService", 0.25, 4096, SHARED);
  }, "McpService: `memory` is 4096 MiB and `gpu` is 0.25: of 4 replicas that are to share a GPU, fewer would fit an instance. Give 3686 or less, a" + " larger fraction, or instances with more memory.");
  assertRefused(() => {
    checkSharedSize("McpService", 0.025, undefined, SHARED);
  }, "McpService: `gpu` is 0.025, which leaves a replica 0.099609375 vCPU and 368 MiB; ECS needs 0.125 and 128. Give a larger fraction, or take larger" + " instances.");
});
