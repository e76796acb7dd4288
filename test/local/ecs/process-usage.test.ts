import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseStat, readProcessUsage } from "../../../local/ecs/process-usage.ts";

describe("GIVEN what Linux tells of a process", () => {
  test("WHEN its name has spaces and parentheses THEN its group and its times are found, those of its children that have ended among them", () => {
    const stat =
      "4711 (a (b) c) S 1 4710 4710 0 -1 4194560 1 2 3 4 150 50 25 75 20 0 7 0 123 456 789";
    assert.deepEqual(parseStat(stat), { group: 4710, cpuSeconds: 3 });
  });

  test("WHEN a group is read THEN what its processes use is there, and no other group", (context) => {
    if (process.platform !== "linux") {
      context.skip("only Linux tells");
      return;
    }
    const { group } = parseStat(readFileSync("/proc/self/stat", "utf8"));
    const usage = readProcessUsage(new Set([group]));
    assert.deepEqual([...(usage?.keys() ?? [])], [group]);
    assert.ok((usage?.get(group)?.cpuSeconds ?? 0) > 0);
    assert.ok((usage?.get(group)?.residentMib ?? 0) > 10);
  });
});
