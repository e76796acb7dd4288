import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { circuitBreakerThreshold } from "../../local/ecs/circuit-breaker.ts";
import { boundsOf, chooseZone, planStep, type TaskFacts } from "../../local/ecs/plan.ts";

/** `n` for the new revision, `o` for the old; then `s`tarting, `h`ealthy, `u`nhealthy, `l`eaving: `oh oh ns`. */
function tasks(text: string): TaskFacts[] {
  const names = { s: "starting", h: "healthy", u: "unhealthy", l: "leaving" } as const;
  return text
    .split(" ")
    .filter(Boolean)
    .map((word, index) => ({
      id: `${word}${index}`,
      current: word.startsWith("n"),
      state: names[word.charAt(1) as keyof typeof names],
    }));
}

function step(desired: number, percents: string, text: string): { start: number; stop: string[] } {
  const [minimumHealthyPercent = 0, maximumPercent = 0] = percents.split("/").map(Number);
  const { start, stop } = planStep({ desired, minimumHealthyPercent, maximumPercent }, tasks(text));
  return { start, stop: [...stop] };
}

describe("GIVEN a service of 2 at 100/200 %", () => {
  const cases: [when: string, tasks: string, start: number, stop: string[]][] = [
    ["nothing runs", "", 2, []],
    ["both start", "ns ns", 0, []],
    ["both are healthy", "nh nh", 0, []],
    ["a new revision comes", "oh oh", 2, []],
    ["new ones start beside the old", "oh oh ns ns", 0, []],
    ["one new one is healthy", "oh oh nh ns", 0, ["oh0"]],
    ["both new ones are healthy", "oh oh nh nh", 0, ["oh0", "oh1"]],
    ["old ones drain", "ol ol nh nh", 0, []],
    ["one of two has died", "nh", 1, []],
    ["one is unhealthy: the replacement comes first", "nh nu", 1, []],
    ["the replacement is starting", "nh nu ns", 0, []],
    ["the replacement is healthy", "nh nu nh", 0, ["nu1"]],
    ["an old one is unhealthy and a new one healthy", "oh ou nh ns", 0, []],
    ["an old one is unhealthy and both new ones are healthy", "oh ou nh nh", 0, ["ou1"]],
    ["a rolled-back one still starts beside all that are wanted", "nh nh os", 0, ["os2"]],
    ["an unhealthy old one is left beside all new ones", "nh nh ou", 0, ["ou2"]],
    ["four exist and one drains: no place for another", "oh ol nu ns", 0, []],
  ];
  for (const [when, given, start, stop] of cases) {
    test(`WHEN ${when} THEN start ${start}, stop ${stop.length === 0 ? "none" : stop.join(" ")}`, () => {
      assert.deepEqual(step(2, "100/200", given), { start, stop });
    });
  }
});

describe("GIVEN AWS's own examples of limits", () => {
  test("WHEN 4 run at 50 % with room for none more THEN 2 old ones stop first", () => {
    assert.deepEqual(step(4, "50/100", "oh oh oh oh"), { start: 0, stop: ["oh0", "oh1"] });
  });
  test("WHEN 2 run at 75/125 % THEN nothing can ever happen", () => {
    assert.deepEqual(step(2, "75/125", "oh oh"), { start: 0, stop: [] });
  });
  test("WHEN 4 run at 100/200 % THEN 4 new ones start first", () => {
    assert.deepEqual(step(4, "100/200", "oh oh oh oh"), { start: 4, stop: [] });
  });
  test("WHEN 5 run at 75/125 % THEN one stops and one starts", () => {
    assert.deepEqual(step(5, "75/125", "oh oh oh oh oh"), { start: 1, stop: ["oh0"] });
  });
  for (const [desired, threshold] of [
    [1, 3],
    [5, 3],
    [6, 3],
    [7, 4],
    [10, 5],
    [25, 13],
    [400, 200],
    [800, 200],
  ] as const) {
    test(`WHEN ${desired} are wanted THEN ${threshold} failures end a deployment`, () => {
      assert.equal(circuitBreakerThreshold(desired), threshold);
    });
  }
});

/** Table 2.1 of aws-behaviour.md: the least number of healthy tasks and the greatest number of tasks. */
const TABLE = {
  "100/200": { 1: "1..2", 2: "2..4", 3: "3..6", 5: "5..10", 10: "10..20" },
  "50/200": { 1: "1..2", 2: "1..4", 3: "2..6", 5: "3..10", 10: "5..20" },
  "50/100": { 1: "1..1 stuck", 2: "1..2", 3: "2..3", 5: "3..5", 10: "5..10" },
  "100/150": { 1: "1..1 stuck", 2: "2..3", 3: "3..4", 5: "5..7", 10: "10..15" },
  "75/125": { 1: "1..1 stuck", 2: "2..2 stuck", 3: "3..3 stuck", 5: "4..6", 10: "8..12" },
  "100/125": { 1: "1..1 stuck", 2: "2..2 stuck", 3: "3..3 stuck", 5: "5..6", 10: "10..12" },
} as const;

for (const [percents, rows] of Object.entries(TABLE)) {
  describe(`GIVEN limits of ${percents} %`, () => {
    const [minimumHealthyPercent = 0, maximumPercent = 0] = percents.split("/").map(Number);
    for (const [count, expected] of Object.entries(rows)) {
      test(`WHEN ${count} are wanted and a deployment begins THEN ${expected}`, () => {
        const limits = { desired: Number(count), minimumHealthyPercent, maximumPercent };
        const { lower, upper } = boundsOf(limits);
        const { stuck } = planStep(limits, tasks("oh ".repeat(Number(count))));
        assert.equal(`${lower}..${upper}${stuck ? " stuck" : ""}`, expected);
      });
    }
  });
}

describe("GIVEN a deployment of 3 at 100/200 % with room", () => {
  const plan = (oldDesired: number, text: string): unknown => {
    const limits = { desired: 3, minimumHealthyPercent: 100, maximumPercent: 200, oldDesired };
    const { start, startOld, stop } = planStep(limits, tasks(text));
    return { start, startOld, stop };
  };
  test("WHEN an old one has died THEN it is replaced with the old revision", () => {
    assert.deepEqual(plan(3, "oh oh ns ns ns"), { start: 0, startOld: 1, stop: [] });
  });
  test("WHEN an old one has died and new ones are missing THEN the old revision comes first", () => {
    assert.deepEqual(plan(3, "oh oh ol ns ns"), { start: 0, startOld: 1, stop: [] });
  });
  test("WHEN a new one has died THEN no old one is started in its place", () => {
    assert.deepEqual(plan(1, "oh nh ns"), { start: 1, startOld: 0, stop: [] });
  });
  test("WHEN an old one is unhealthy and nothing more may exist THEN it is stopped before its replacement starts", () => {
    assert.deepEqual(plan(3, "oh oh ou ns ns ns"), { start: 0, startOld: 0, stop: ["ou2"] });
  });
  test("WHEN the replacement of an old one is healthy THEN the unhealthy one goes", () => {
    assert.deepEqual(plan(3, "oh oh ou oh ns ns"), { start: 0, startOld: 0, stop: ["ou2"] });
  });
  test("WHEN the wanted count grew from 2 THEN both revisions grow", () => {
    assert.deepEqual(plan(3, "oh oh ns ns"), { start: 1, startOld: 1, stop: [] });
  });
});

describe("GIVEN a service of 2 in steady state", () => {
  test("WHEN one is unhealthy and the maximum is 100 % THEN it is stopped first, one at a time", () => {
    assert.deepEqual(step(2, "50/100", "nh nu"), { start: 0, stop: ["nu1"] });
    assert.deepEqual(step(2, "50/100", "nu nu"), { start: 0, stop: ["nu0"] });
    assert.deepEqual(step(2, "50/100", "nu nl"), { start: 0, stop: [] });
    assert.deepEqual(step(2, "50/100", "nh"), { start: 1, stop: [] });
  });
  test("WHEN the replacement is unhealthy, too THEN one of the two goes", () => {
    assert.deepEqual(step(2, "100/200", "nh nu nu"), { start: 1, stop: ["nu1"] });
  });
  test("WHEN 1 is wanted from now on THEN the first in the order goes, whether it serves or starts", () => {
    assert.deepEqual(step(1, "100/200", "nh nh"), { start: 0, stop: ["nh0"] });
    assert.deepEqual(step(1, "100/200", "ns nh"), { start: 0, stop: ["ns0"] });
  });
  test("WHEN none is wanted THEN all go", () => {
    assert.deepEqual(step(0, "100/200", "nh nu"), { start: 0, stop: ["nh0", "nu1"] });
  });
});

describe("GIVEN three zones", () => {
  test("WHEN tasks are placed one after the other THEN they spread evenly", () => {
    const zones = ["a", "b", "c"];
    const placed: string[] = [];
    for (let task = 0; task < 7; task++) placed.push(chooseZone(zones, placed));
    assert.equal(placed.join(""), "abcabca");
  });
});
