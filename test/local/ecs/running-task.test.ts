import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ClusterCapacity } from "../../../local/ecs/capacity/cluster-capacity.ts";
import { launch, type RunningTask } from "../../../local/ecs/running-task.ts";
import type { ServiceSurroundings } from "../../../local/ecs/surroundings.ts";
import { AWS_TIMES } from "../../../local/ecs/task-times.ts";
import type { Graph, GraphResource } from "../../../local/graph/graph.ts";
import { LostZones } from "../../../local/lost-zones.ts";
import { container } from "../containers.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { revision } from "./fake-service.ts";

const SERVICE = "arn:aws:ecs:us-east-1:000000000000:service/cluster/service";

function resource(type: string, id: string, inputs: object, outputs: object = {}): GraphResource {
  return {
    urn: id,
    type,
    name: id,
    parent: "",
    inputs: { ...inputs },
    outputs: { ...outputs },
    id,
    dependencies: [],
    ignoreChanges: [],
  };
}

/** A service on a group of one instance in zone c, which holds two tasks. */
const ON_INSTANCES: Graph = {
  project: "project",
  stack: "dev",
  region: "us-east-1",
  outputs: {},
  resources: [
    resource("aws:ecs/service:Service", SERVICE, {
      cluster: "cluster",
      capacityProviderStrategies: [{ capacityProvider: "group", weight: 1 }],
    }),
    resource(
      "aws:ecs/capacityProvider:CapacityProvider",
      "provider",
      { autoScalingGroupProvider: { autoScalingGroupArn: "arn:group" } },
      { name: "group" },
    ),
    resource(
      "aws:autoscaling/group:Group",
      "group",
      {
        minSize: 1,
        maxSize: 1,
        availabilityZones: ["c"],
        mixedInstancesPolicy: {
          launchTemplate: { overrides: [{ instanceType: "c7i.large" }] },
        },
      },
      { arn: "arn:group" },
    ),
  ],
};

interface Observed {
  readonly lostZones: LostZones;
  readonly taken: string[];
  readonly launched: (zone?: string) => RunningTask;
}

function observed(graph?: Graph): Observed {
  const clock = new VirtualClock();
  const lostZones = new LostZones();
  const taken: string[] = [];
  const others: RunningTask[] = [];
  const isLost = (zone: string): boolean => lostZones.isLost(zone);
  const happened = (): void => undefined;
  const surroundings: ServiceSurroundings = {
    clock,
    lostZones,
    times: AWS_TIMES,
    ...(graph && {
      capacity: new ClusterCapacity(graph, { clock, times: AWS_TIMES, isLost, happened }),
    }),
    reaper: { watch: () => undefined, forget: () => undefined, close: () => undefined },
    addresses: {
      hasOwnAddresses: true,
      take: (zone) => {
        const host = `zone ${zone} task ${taken.length}`;
        taken.push(host);
        return {
          host,
          port: (declared) => declared,
          release: () => taken.splice(taken.indexOf(host), 1),
        };
      },
      close: () => undefined,
    },
    metadata: {
      address: (id, { zone }) => `http://metadata/${id}/${zone}`,
      forget: () => undefined,
      close: () => Promise.resolve(),
    },
    region: "us-east-1",
    targetGroup: () => undefined,
    shiftTraffic: () => undefined,
    alarmState: () => undefined,
    events: {
      happened,
      line: () => undefined,
      steady: () => undefined,
      stalled: () => undefined,
    },
  };
  const declared = revision({}, [container("server", { command: ["true"] })]);
  return {
    lostZones,
    taken,
    launched: (zone) => {
      const task = launch(
        {
          ...declared,
          task: { ...declared.task, resources: { cpuUnits: 1024, memoryMib: 512, gpus: 0 } },
        },
        others,
        surroundings,
        { running: () => undefined, stopped: () => undefined },
        zone,
      );
      others.push(task);
      return task;
    },
  };
}

describe("GIVEN a service over the zones a, b and c, without instances", () => {
  test("WHEN tasks are launched THEN each goes to the zone with the fewest, or to the one that is wanted", () => {
    const { launched } = observed();
    assert.deepEqual(
      [launched(), launched(), launched("a"), launched(), launched()].map(({ zone }) => zone),
      ["a", "b", "a", "c", "b"],
    );
  });

  test("WHEN a zone has lost its power THEN none goes there, unless all have", () => {
    const { launched, lostZones } = observed();
    lostZones.lose("a");
    assert.deepEqual([launched().zone, launched().zone], ["b", "c"]);
    lostZones.lose("b");
    lostZones.lose("c");
    assert.equal(launched().zone, "a");
  });

  test("WHEN it has no strategy THEN its provider is the launch type of its task", () => {
    assert.equal(observed().launched().capacityProvider, "FARGATE");
  });
});

describe("GIVEN a service on one instance in zone c that holds two tasks", () => {
  test("WHEN three are launched THEN two are placed there, and the third waits until one has ended", () => {
    const { launched, taken } = observed(ON_INSTANCES);
    const [first, second, third] = [launched(), launched(), launched()];
    for (const { task } of [first, second, third]) task.start();
    assert.deepEqual(
      [first, second, third].map(({ zone, task }) => [zone, task.lastStatus]),
      [
        ["c", "PENDING"],
        ["c", "PENDING"],
        ["c", "PROVISIONING"],
      ],
    );
    assert.equal(first.capacityProvider, "group");
    // The addresses in the zones where they are not are free again.
    assert.ok(taken.every((host) => host.startsWith("zone 2")));
    first.task.stop();
    assert.equal(third.task.lastStatus, "PENDING");
    for (const { task } of [second, third]) task.kill();
  });

  test("WHEN one is stopped while it waits THEN it takes no room", () => {
    const { launched } = observed(ON_INSTANCES);
    const [first, second, third, fourth] = [launched(), launched(), launched(), launched()];
    for (const { task } of [first, second, third, fourth]) task.start();
    third.task.stop();
    first.task.stop();
    assert.deepEqual(
      [third, fourth].map(({ task }) => task.lastStatus),
      ["STOPPED", "PENDING"],
    );
    for (const { task } of [second, fourth]) task.kill();
  });
});
