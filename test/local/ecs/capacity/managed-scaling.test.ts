import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  capacityProviderReservation,
  packedInstances,
  scaleInStep,
  wantedInstances,
} from "../../../../local/ecs/capacity/managed-scaling.ts";
import type { ManagedScaling } from "../../../../local/graph/capacity-providers.ts";

const SCALING: ManagedScaling = {
  status: "ENABLED",
  targetCapacity: 100,
  minimumScalingStepSize: 1,
  maximumScalingStepSize: 10_000,
  instanceWarmupPeriod: 300,
};

describe("GIVEN needed and running instances", () => {
  const reservations = [
    [0, 0, 100],
    [1, 0, 200],
    [2, 3, 66.7],
    [3, 3, 100],
    [4, 2, 200],
  ] as const;
  for (const [needed, running, percent] of reservations) {
    test(`WHEN ${needed} are needed and ${running} run THEN the reservation is ${percent} %`, () => {
      assert.equal(Number(capacityProviderReservation(needed, running).toFixed(1)), percent);
    });
  }

  const wanted: [needed: number, running: number, scaling: Partial<ManagedScaling>, n: number][] = [
    [2, 3, {}, 2],
    [2, 3, { targetCapacity: 50 }, 4],
    [1, 0, {}, 2],
    [7, 0, {}, 2],
    [0, 0, {}, 0],
    [0, 3, {}, 0],
    [9, 3, { maximumScalingStepSize: 2 }, 5],
    [4, 3, { minimumScalingStepSize: 5 }, 8],
    [2, 3, { minimumScalingStepSize: 5 }, 2],
  ];
  for (const [needed, running, scaling, instances] of wanted) {
    test(`WHEN ${needed} are needed, ${running} run and ${JSON.stringify(scaling)} is declared THEN ${instances} are wanted`, () => {
      assert.equal(wantedInstances(needed, running, { ...SCALING, ...scaling }), instances);
    });
  }

  test("WHEN instances go THEN less than half of them in a minute, but one at least", () => {
    assert.deepEqual([1, 2, 3, 10, 11].map(scaleInStep), [1, 1, 1, 4, 5]);
  });
});

describe("GIVEN instances of 4 vCPU, 16,000 MiB and one GPU", () => {
  const size = { cpuUnits: 4096, memoryMib: 16_000, gpus: 1, tasks: 3 };
  const task = { cpuUnits: 1024, memoryMib: 4000, gpus: 0 };
  const cases = [
    ["nothing", [], 0],
    [
      "four that fit by size, of which the fourth has no network interface",
      [task, task, task, task],
      2,
    ],
    [
      "two GPUs",
      [
        { ...task, gpus: 1 },
        { ...task, gpus: 1 },
      ],
      2,
    ],
    ["a great one and small ones", [task, { ...task, memoryMib: 12_000 }, task], 2],
    ["what no instance holds", [{ ...task, gpus: 2 }], 0],
  ] as const;
  for (const [what, tasks, instances] of cases) {
    test(`WHEN they are to hold ${what} THEN ${instances} are needed`, () => {
      assert.equal(packedInstances(tasks, size), instances);
    });
  }
});
