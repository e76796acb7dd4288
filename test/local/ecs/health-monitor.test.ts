import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HealthMonitor, type HealthMonitorOptions } from "../../../local/ecs/health-monitor.ts";
import type { HealthCheck } from "../../../local/graph/container-definition.ts";
import { settled, VirtualClock } from "../virtual-clock.ts";

const DEFAULTS: HealthCheck = {
  command: ["CMD", "check"],
  interval: 30,
  timeout: 5,
  retries: 3,
  startPeriod: 0,
};

interface Observed {
  readonly clock: VirtualClock;
  readonly monitor: HealthMonitor;
  /** Seconds at which a check began. */
  readonly asked: number[];
  /** Seconds at which a check was ended for its time. */
  readonly ended: number[];
  readonly told: [seconds: number, status: string, reason: string][];
}

/** @param answer whether the check passes; undefined hangs. */
function monitored(
  check: Partial<HealthCheck>,
  answer: (seconds: number) => boolean | undefined,
  options: Partial<HealthMonitorOptions> = {},
): Observed {
  const clock = new VirtualClock();
  const [asked, ended]: number[][] = [[], []];
  const told: Observed["told"] = [];
  const seconds = (): number => clock.now() / 1000;
  const monitor = new HealthMonitor(
    { ...DEFAULTS, ...check },
    { clock, speed: 1, eager: false, ...options },
    () => {
      asked?.push(seconds());
      const passed = answer(seconds());
      return {
        result:
          passed === undefined
            ? new Promise(() => undefined)
            : Promise.resolve({ passed, reason: passed ? "exit code 0" : "exit code 1" }),
        end: () => ended?.push(seconds()),
      };
    },
    (status, reason) => {
      told.push([seconds(), status, reason]);
    },
  );
  return { clock, monitor, asked: asked ?? [], ended: ended ?? [], told };
}

describe("GIVEN a health check with AWS's defaults", () => {
  test("WHEN it hangs THEN the container is UNHEALTHY after 105 seconds, the worst case", async () => {
    const { clock, asked, ended, told } = monitored({}, () => undefined);
    await clock.advance(104_999);
    assert.deepEqual(told, []);
    await clock.advance(1);
    assert.deepEqual(told, [[105, "UNHEALTHY", "no answer within 5 seconds"]]);
    assert.deepEqual(asked, [30, 65, 100]);
    assert.deepEqual(ended, [35, 70, 105]);
  });

  test("WHEN it fails at once THEN the container is UNHEALTHY after three intervals", async () => {
    const { clock, told } = monitored({}, () => false);
    await clock.advance(120_000);
    assert.deepEqual(told, [[90, "UNHEALTHY", "exit code 1"]]);
  });

  test("WHEN it passes THEN the container is HEALTHY after the first interval, and not before", async () => {
    const { clock, monitor, asked } = monitored({}, () => true);
    await clock.advance(29_999);
    assert.equal(monitor.status, "UNKNOWN");
    await clock.advance(1);
    assert.equal(monitor.status, "HEALTHY");
    await clock.advance(60_000);
    assert.deepEqual(asked, [30, 60, 90]);
  });

  test("WHEN it is stopped during a check THEN the check is ended, and nothing is told", async () => {
    const { clock, monitor, asked, ended, told } = monitored({}, () => undefined);
    await clock.advance(31_000);
    monitor.stop();
    await clock.advance(200_000);
    assert.deepEqual([asked, ended, told], [[30], [31], []]);
  });
});

describe("GIVEN a start period of 100 seconds", () => {
  test("WHEN checks hang from the start THEN those that begin within it do not count", async () => {
    const { clock, asked, told } = monitored({ startPeriod: 100 }, () => undefined);
    await clock.advance(200_000);
    assert.deepEqual(asked.slice(0, 5), [30, 65, 100, 135, 170]);
    assert.deepEqual(told, [[175, "UNHEALTHY", "no answer within 5 seconds"]]);
  });
});

describe("GIVEN eager checks", () => {
  test("WHEN the program takes 3 seconds to start THEN it is HEALTHY then, and asked each interval from there", async () => {
    const { clock, asked, told } = monitored({}, (seconds) => seconds >= 3, { eager: true });
    await clock.advance(40_000);
    assert.deepEqual(asked, [1, 2, 3, 33]);
    assert.deepEqual(told, [[3, "HEALTHY", "exit code 0"]]);
  });

  test("WHEN it never works THEN it is UNHEALTHY no sooner than on AWS", async () => {
    const { clock, told } = monitored({}, () => false, { eager: true });
    await clock.advance(120_000);
    assert.deepEqual(told, [[90, "UNHEALTHY", "exit code 1"]]);
  });
});

describe("GIVEN a clock that goes 60 times as fast as the machine", () => {
  test("WHEN a command takes one second of the machine THEN its time is not up", async () => {
    const clock = new VirtualClock();
    const monitor = new HealthMonitor(
      DEFAULTS,
      { clock, speed: 60, eager: false },
      () => ({
        result: new Promise((resolve) =>
          clock.after(60_000, () => {
            resolve({ passed: true, reason: "" });
          }),
        ),
        end: () => undefined,
      }),
      () => undefined,
    );
    await clock.advance(90_000);
    await settled();
    assert.equal(monitor.status, "HEALTHY");
    monitor.stop();
  });
});
