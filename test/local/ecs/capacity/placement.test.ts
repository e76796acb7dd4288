import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  placeTask,
  type PlacementCandidate,
  type PlacementRequest,
} from "../../../../local/ecs/capacity/placement.ts";

const SIZE = { cpuUnits: 4096, memoryMib: 14_746, gpus: 1, tasks: 3 };
const SMALL = { cpuUnits: 1024, memoryMib: 2048, gpus: 0 };
const REQUEST: PlacementRequest = {
  service: "tools",
  resources: SMALL,
  zones: ["a", "b"],
  strategies: [],
  distinctInstance: false,
};

function instance(id: string, zone: string, ...services: string[]): PlacementCandidate {
  const tasks = services.map((service, index) => ({
    id: `${id}-${index}`,
    service,
    resources: SMALL,
  }));
  return { id, zone, size: SIZE, tasks };
}

describe("GIVEN instances in two zones", () => {
  const cases: [
    what: string,
    request: Partial<PlacementRequest>,
    instances: PlacementCandidate[],
    chosen: string | undefined,
  ][] = [
    [
      "nothing is declared: the zone with the fewest tasks of the service, though it has more of others",
      {},
      [instance("1", "a", "tools"), instance("2", "b", "other", "other")],
      "2",
    ],
    [
      "nothing is declared: in the zone the instance with the fewest tasks of the service",
      {},
      [instance("1", "a", "tools"), instance("2", "a"), instance("3", "b", "tools", "tools")],
      "2",
    ],
    ["the zone's instances are full", {}, [instance("1", "a", "x", "x", "x")], undefined],
    ["no subnet is in the zone", { zones: ["b"] }, [instance("1", "a")], undefined],
    [
      "memory is packed: the instance with the least left",
      { strategies: [{ type: "binpack", field: "memory" }] },
      [instance("1", "a"), instance("2", "b", "tools")],
      "2",
    ],
    [
      "zones are spread and then memory is packed",
      {
        strategies: [
          { type: "spread", field: "attribute:ecs.availability-zone" },
          { type: "binpack", field: "memory" },
        ],
      },
      [instance("1", "a", "tools"), instance("2", "b"), instance("3", "b", "other")],
      "3",
    ],
    [
      "each task needs an instance of its own",
      { distinctInstance: true },
      [instance("1", "a", "tools"), instance("2", "b", "tools")],
      undefined,
    ],
    [
      "a GPU is needed and given out already",
      { resources: { ...SMALL, gpus: 1 } },
      [
        {
          ...instance("1", "a"),
          tasks: [{ id: "1", service: "other", resources: { ...SMALL, gpus: 1 } }],
        },
      ],
      undefined,
    ],
    [
      "a part of a GPU is needed and there",
      { resources: { ...SMALL, gpus: 0.125 } },
      [{ ...instance("1", "a"), size: { ...SIZE, gpus: 0.125 } }],
      "1",
    ],
    [
      "the processor is given out already",
      { resources: { ...SMALL, cpuUnits: 3073 } },
      [instance("1", "a", "other")],
      undefined,
    ],
  ];
  for (const [what, request, instances, chosen] of cases) {
    test(`WHEN ${what} THEN the task goes ${chosen === undefined ? "nowhere" : `to instance ${chosen}`}`, () => {
      assert.equal(placeTask({ ...REQUEST, ...request }, instances)?.id, chosen);
    });
  }
});
