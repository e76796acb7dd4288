import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProcessUsage } from "../../../local/ecs/process-usage.ts";
import { UsageMeter } from "../../../local/ecs/usage-meter.ts";
import { VirtualClock } from "../virtual-clock.ts";

interface Observed {
  readonly clock: VirtualClock;
  readonly meter: UsageMeter;
  readonly put: string[];
}

/** @param usage of each process group at a time in seconds. */
function metered(
  usage: (group: number, seconds: number) => ProcessUsage | undefined,
  speed = 1,
): Observed {
  const clock = new VirtualClock();
  const put: string[] = [];
  const meter = new UsageMeter({
    clock,
    speed,
    sink: {
      put: ({ namespace, name, dimensions }, value, unit) =>
        put.push(`${namespace} ${name} ${JSON.stringify(dimensions)} ${value} ${unit ?? ""}`),
    },
    read: (groups) =>
      new Map(
        [...groups].flatMap((group) => {
          const found = usage(group, clock.now() / 1000);
          return found === undefined ? [] : [[group, found]];
        }),
      ),
  });
  return { clock, meter, put };
}

const task = (id: string, ...processIds: number[]): Parameters<UsageMeter["watch"]>[0] => ({
  id,
  processIds,
  resources: { cpuUnits: 256, memoryMib: 512, gpus: 0 },
  clusterName: "cluster",
  serviceName: "tools",
});

describe("GIVEN a task of a quarter of a vCPU and 512 MiB", () => {
  test("WHEN its two processes use a tenth of a second each second THEN it uses 40 %, and ECS tells so each minute", async () => {
    const { clock, meter, put } = metered((group, seconds) => ({
      cpuSeconds: seconds * (group === 1 ? 0.06 : 0.04),
      residentMib: 64,
    }));
    meter.watch(task("a", 1, 2));
    await clock.advance(10_000);
    assert.deepEqual(meter.of("a"), { cpuPercent: undefined, memoryMib: 128 });
    await clock.advance(10_000);
    assert.equal(meter.of("a").cpuPercent?.toFixed(6), "40.000000");
    await clock.advance(40_000);
    assert.deepEqual(put, [
      'AWS/ECS CPUUtilization {"ClusterName":"cluster","ServiceName":"tools"} 40 Percent',
      'AWS/ECS MemoryUtilization {"ClusterName":"cluster","ServiceName":"tools"} 25 Percent',
    ]);
  });

  test("WHEN two tasks run THEN each is a sample of the service's metric", async () => {
    const { clock, meter, put } = metered((group) => ({
      cpuSeconds: 0,
      residentMib: group * 128,
    }));
    meter.watch(task("a", 1));
    meter.watch(task("b", 2));
    await clock.advance(60_000);
    assert.deepEqual(
      put.filter((line) => line.includes("Memory")).map((line) => line.split(" ").at(-2)),
      ["25", "50"],
    );
  });

  test("WHEN a container is restarted THEN its smaller count is no negative usage", async () => {
    const { clock, meter } = metered((_, seconds) => ({
      cpuSeconds: seconds < 20 ? 50 : 0,
      residentMib: 1,
    }));
    meter.watch(task("a", 1));
    await clock.advance(20_000);
    assert.equal(meter.of("a").cpuPercent, 0);
  });

  test("WHEN the system tells nothing, or the task has ended THEN nothing is known, and nothing is told", async () => {
    const { clock, meter, put } = metered(() => undefined);
    meter.watch(task("a", 1));
    await clock.advance(60_000);
    meter.forget("a");
    await clock.advance(60_000);
    assert.deepEqual(meter.of("a"), { cpuPercent: undefined, memoryMib: undefined });
    assert.deepEqual(put, []);
  });
});

describe("GIVEN a clock that goes 60 times as fast as the machine", () => {
  test("WHEN time passes THEN the machine is looked at once a second of its own", async () => {
    let reads = 0;
    const { clock, meter } = metered(() => {
      reads++;
      return { cpuSeconds: 0, residentMib: 0 };
    }, 60);
    meter.watch(task("a", 1));
    await clock.advance(600_000);
    assert.equal(reads, 10);
  });
});
