import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  chooseZone,
  circuitBreakerThreshold,
  planStep,
  type TaskFacts,
} from "../../local/ecs/plan.ts";

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

describe("GIVEN three zones", () => {
  test("WHEN tasks are placed one after the other THEN they spread evenly", () => {
    const zones = ["a", "b", "c"];
    const placed: string[] = [];
    for (let task = 0; task < 7; task++) placed.push(chooseZone(zones, placed));
    assert.equal(placed.join(""), "abcabca");
  });
});
