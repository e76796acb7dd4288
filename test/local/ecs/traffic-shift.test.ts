import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ShiftStep } from "../../../local/ecs/shift-stages.ts";
import { TrafficShift } from "../../../local/ecs/traffic-shift.ts";
import { VirtualClock } from "../virtual-clock.ts";

function following(steps: readonly ShiftStep[]): {
  readonly clock: VirtualClock;
  readonly shift: TrafficShift;
  readonly told: string[];
  readonly so: Set<string>;
} {
  const clock = new VirtualClock();
  const told: string[] = [];
  const so = new Set<string>();
  const tell = (text: string): void => {
    told.push(`${clock.now() / 60_000} ${text}`);
  };
  const shift: TrafficShift = new TrafficShift(steps, clock, {
    entered: tell,
    shifted: (traffic, percent) => {
      tell(`${traffic} ${percent} %`);
    },
    isSo: (condition) => so.has(condition),
    elapsed: () => {
      shift.look();
    },
    done: () => {
      tell("done");
    },
    timedOut: (stage) => {
      tell(`${stage} timed out`);
    },
  });
  shift.look();
  return { clock, shift, told, so };
}

const STEPS: ShiftStep[] = [
  { stage: "SCALE_UP", until: "green healthy" },
  { stage: "PRODUCTION_TRAFFIC_SHIFT", production: 5, milliseconds: 600_000 },
  { stage: "PRODUCTION_TRAFFIC_SHIFT", production: 100, milliseconds: 0 },
  { stage: "BAKE_TIME", milliseconds: 300_000 },
];

describe("GIVEN the steps of a deployment that shifts traffic", () => {
  test("WHEN what a step waits for comes about THEN the next ones follow, each for its time", async () => {
    const { clock, shift, told, so } = following(STEPS);
    await clock.advance(60_000);
    so.add("green healthy");
    shift.look();
    await clock.advance(3_600_000);
    assert.deepEqual(told, [
      "0 SCALE_UP",
      "1 PRODUCTION_TRAFFIC_SHIFT",
      "1 production 5 %",
      "11 production 100 %",
      "11 BAKE_TIME",
      "16 done",
    ]);
  });
  test("WHEN a stage lasts 24 hours THEN it has timed out, and nothing follows", async () => {
    const { clock, shift, told, so } = following(STEPS);
    await clock.advance(24 * 3_600_000);
    so.add("green healthy");
    shift.look();
    await clock.advance(3_600_000);
    assert.deepEqual(told, ["0 SCALE_UP", "1440 SCALE_UP timed out"]);
  });
  test("WHEN it is closed THEN nothing follows", async () => {
    const { clock, shift, told, so } = following(STEPS);
    shift.close();
    so.add("green healthy");
    shift.look();
    await clock.advance(25 * 3_600_000);
    assert.deepEqual(told, ["0 SCALE_UP"]);
  });
});
