import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { InstancePool } from "../../../../local/ecs/capacity/instance-pool.ts";
import { AWS_TIMES, LOCAL_TIMES, type TaskTimes } from "../../../../local/ecs/task-times.ts";
import type { InstanceCapacity } from "../../../../local/graph/capacity-providers.ts";
import { VirtualClock } from "../../virtual-clock.ts";

const GROUP: InstanceCapacity = {
  name: "gpu",
  management: "AUTO_SCALING_GROUP",
  types: [{ name: "g6.xlarge", size: { cpuUnits: 4096, memoryMib: 14_745, gpus: 1, tasks: 3 } }],
  zones: ["a", "b"],
  minSize: 0,
  maxSize: 3,
  desiredCapacity: undefined,
  managedScaling: {
    status: "ENABLED",
    targetCapacity: 100,
    minimumScalingStepSize: 1,
    maximumScalingStepSize: 10_000,
    instanceWarmupPeriod: 300,
  },
};

interface Observed {
  readonly clock: VirtualClock;
  readonly pool: InstancePool;
  readonly lost: Set<string>;
  /** `<task> in <zone> at <seconds>`, in order. */
  readonly placed: string[];
  readonly ask: (id: string, gpus?: number) => () => void;
}

function pooled(declared: Partial<InstanceCapacity> = {}, times: TaskTimes = AWS_TIMES): Observed {
  const clock = new VirtualClock();
  const lost = new Set<string>();
  const placed: string[] = [];
  const pool = new InstancePool(
    { ...GROUP, ...declared },
    { clock, times, isLost: (zone) => lost.has(zone), happened: () => undefined },
  );
  return {
    clock,
    pool,
    lost,
    placed,
    ask: (id, gpus = 1) =>
      pool.request(
        {
          id,
          service: "tools",
          resources: { cpuUnits: 1024, memoryMib: 2048, gpus },
          zones: ["a", "b"],
          strategies: [],
          distinctInstance: false,
        },
        (zone) => {
          placed.push(`${id} in ${zone} at ${clock.now() / 1000}`);
        },
      ),
  };
}

const zonesOf = ({ pool }: Observed): string[] => pool.instances.map(({ zone }) => zone);

describe("GIVEN an Auto Scaling group of no instances, on AWS's times", () => {
  test("WHEN a task comes THEN it waits for the minute and the start of two instances, one a zone", async () => {
    const observed = pooled();
    observed.ask("1");
    await observed.clock.advance(59_999);
    assert.deepEqual([observed.pool.waiting, zonesOf(observed)], [1, []]);
    await observed.clock.advance(1);
    assert.deepEqual(zonesOf(observed), ["a", "b"]);
    await observed.clock.advance(119_999);
    assert.deepEqual(observed.placed, []);
    await observed.clock.advance(1);
    assert.deepEqual(observed.placed, ["1 in a at 180"]);
  });

  test("WHEN more tasks come than the group may have instances for THEN the rest waits until a task ends", async () => {
    const observed = pooled();
    for (const id of ["1", "2", "3", "4"]) observed.ask(id);
    await observed.clock.advance(600_000);
    assert.equal(observed.pool.instances.length, 3);
    assert.deepEqual(observed.placed, ["1 in a at 180", "2 in b at 180", "3 in a at 240"]);
    observed.pool.release("2");
    assert.equal(observed.placed.at(-1), "4 in b at 600");
  });

  test("WHEN the task is taken back THEN nothing is ordered for it", async () => {
    const observed = pooled();
    observed.ask("1")();
    await observed.clock.advance(600_000);
    assert.deepEqual([zonesOf(observed), observed.placed], [[], []]);
  });

  test("WHEN all tasks have ended THEN the instances go after 15 minutes, less than half of them a minute", async () => {
    const observed = pooled({ maxSize: 10 });
    for (const id of ["1", "2", "3", "4", "5"]) observed.ask(id);
    await observed.clock.advance(600_000);
    assert.equal(observed.pool.instances.length, 5);
    for (const id of ["1", "2", "3", "4", "5"]) observed.pool.release(id);
    const counts: number[] = [];
    for (let minute = 1; minute <= 18; minute++) {
      await observed.clock.advance(60_000);
      counts.push(observed.pool.instances.length);
    }
    assert.deepEqual(counts, [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 3, 2, 1, 0]);
  });

  test("WHEN one of two instances runs nothing THEN only that one goes", async () => {
    const observed = pooled();
    observed.ask("1");
    await observed.clock.advance(1_800_000);
    assert.deepEqual(
      observed.pool.instances.map(({ zone, tasks }) => [zone, tasks.map(({ id }) => id)]),
      [["a", ["1"]]],
    );
  });

  test("WHEN instances still warm up THEN none goes", async () => {
    const { managedScaling } = GROUP;
    assert.ok(managedScaling !== undefined);
    const observed = pooled({ managedScaling: { ...managedScaling, instanceWarmupPeriod: 3600 } });
    observed.ask("1");
    await observed.clock.advance(180_000);
    observed.pool.release("1");
    await observed.clock.advance(3_420_000);
    assert.equal(observed.pool.instances.length, 2);
    await observed.clock.advance(60_000);
    assert.equal(observed.pool.instances.length, 1);
  });

  test("WHEN a zone loses its power THEN new tasks get instances in the other one", async () => {
    const observed = pooled({ maxSize: 1 });
    observed.lost.add("a");
    observed.ask("1");
    await observed.clock.advance(600_000);
    assert.deepEqual(observed.placed, ["1 in b at 180"]);
  });
});

describe("GIVEN a group with instances from the start", () => {
  test("WHEN tasks come THEN they have room at once, spread over the zones", () => {
    const observed = pooled({ minSize: 2 });
    observed.ask("1", 0);
    observed.ask("2", 0);
    observed.ask("3", 0);
    assert.deepEqual(observed.placed, ["1 in a at 0", "2 in b at 0", "3 in a at 0"]);
  });

  test("WHEN managed scaling is off THEN a task without room waits for ever", async () => {
    const observed = pooled({ minSize: 1, managedScaling: undefined });
    observed.ask("1");
    observed.ask("2");
    await observed.clock.advance(3_600_000);
    assert.deepEqual(observed.placed, ["1 in a at 0"]);
  });
});

describe("GIVEN a run that waits for nothing", () => {
  test("WHEN tasks come THEN their instances are there at once", () => {
    const observed = pooled({}, LOCAL_TIMES);
    observed.ask("1");
    observed.ask("2");
    observed.ask("3");
    assert.deepEqual(observed.placed, ["1 in a at 0", "2 in b at 0", "3 in a at 0"]);
    assert.equal(observed.pool.instances.length, 3);
  });
});

describe("GIVEN Managed Instances", () => {
  const managed: Partial<InstanceCapacity> = {
    management: "MANAGED_INSTANCES",
    managedScaling: undefined,
    maxSize: Number.POSITIVE_INFINITY,
    types: [
      { name: "c7i.large", size: { cpuUnits: 2048, memoryMib: 3686, gpus: 0, tasks: 2 } },
      { name: "g6.xlarge", size: { cpuUnits: 4096, memoryMib: 14_745, gpus: 1, tasks: 3 } },
    ],
  };

  test("WHEN a task comes THEN one instance of the first type that holds it comes by itself, and goes when it is idle", async () => {
    const observed = pooled(managed);
    observed.ask("1", 1);
    assert.deepEqual(
      observed.pool.instances.map(({ type }) => type),
      ["g6.xlarge"],
    );
    await observed.clock.advance(120_000);
    assert.deepEqual(observed.placed, ["1 in a at 120"]);
    observed.pool.release("1");
    await observed.clock.advance(300_000);
    assert.deepEqual(observed.pool.instances, []);
  });

  test("WHEN two come THEN each gets one, in another zone", async () => {
    const observed = pooled(managed);
    observed.ask("1", 1);
    observed.ask("2", 1);
    await observed.clock.advance(120_000);
    assert.deepEqual(observed.placed, ["1 in a at 120", "2 in b at 120"]);
  });
});

describe("GIVEN a type that is not known here", () => {
  test("WHEN tasks come THEN each takes an instance of its own", () => {
    const observed = pooled({ types: [{ name: "x9.large", size: undefined }] }, LOCAL_TIMES);
    observed.ask("1");
    observed.ask("2");
    assert.deepEqual(
      observed.pool.instances.map(({ tasks }) => tasks.length),
      [1, 1],
    );
  });
});
