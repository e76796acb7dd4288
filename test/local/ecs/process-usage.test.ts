import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseStat, readProcessUsage } from "../../../local/ecs/process-usage.ts";

function* stats(): Generator<[number, ReturnType<typeof parseStat>]> {
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/u.test(name)) {
      yield [Number(name), parseStat(readFileSync(`/proc/${name}/stat`, "utf8"))];
    }
  }
}

describe("GIVEN what Linux tells of a process", () => {
  test("WHEN its name has spaces and parentheses THEN its group and its times are found, those of its children that have ended among them", () => {
    const stat =
      "4711 (a (b) c) S 1 4710 4710 0 -1 4194560 1 2 3 4 150 50 25 75 20 0 7 0 123 456 789";
    assert.deepEqual(parseStat(stat), { parent: 1, group: 4710, cpuSeconds: 3 });
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

  test("WHEN a process of a group starts one in a group of its own THEN that one counts with it", async (context) => {
    if (process.platform !== "linux") {
      context.skip("only Linux tells");
      return;
    }
    // The outer one tells when the inner one has taken its memory.
    const inner = `const held = Buffer.alloc(64 * 1024 * 1024, 1); console.log(held.length); setInterval(() => held, 1000);`;
    const outer = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}], { detached: true, stdio: ["pipe", "inherit", "inherit"] });`;
    const child = spawn(process.execPath, ["-e", outer], { detached: true });
    const { pid = 0 } = child;
    context.after(() => {
      for (const [id, stat] of stats()) if (stat.parent === pid) process.kill(id, "SIGKILL");
      process.kill(pid, "SIGKILL");
    });
    await once(child.stdout, "data");

    const usage = readProcessUsage(new Set([pid]));

    // Two processes of Node, and what one of them holds.
    assert.ok((usage?.get(pid)?.residentMib ?? 0) > 64 + 2 * 30);
  });
});
