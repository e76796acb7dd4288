import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { machineClock } from "../../../local/clock.ts";
import { ContainerProcess } from "../../../local/ecs/container-process.ts";
import { killMarked } from "../../../local/ecs/marked-processes.ts";
import { startReaper } from "../../../local/ecs/reaper.ts";
import { container } from "../containers.ts";

/** A program that goes on for ever, whatever happens to who has started it, and tells its id once. */
const STUBBORN = `for (const name of ["SIGTERM", "SIGHUP"]) process.on(name, () => undefined);
  process.stdin.on("end", () => undefined).resume();
  console.log(process.pid); setInterval(() => undefined, 1000);`;

/** Starts a stubborn one in a group of its own, as the wrapper of stdio servers does, and tells its id. */
const STARTER = `const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}],
    { detached: true, stdio: ["pipe", "pipe", "inherit"], env: { PATH: process.env.PATH } });
  child.stdout.on("data", (text) => process.stdout.write(text)); setInterval(() => undefined, 1000);`;

function marked(context: TestContext, mark: string): ChildProcess {
  const child = spawn(process.execPath, ["-e", STUBBORN], {
    detached: true,
    env: { PATH: `${process.env["PATH"] ?? ""}:${mark}` },
  });
  context.after(() => child.kill("SIGKILL"));
  return child;
}

/** Resolves when there is no such process any more, or nothing but what is left to be collected of it. */
async function gone(id: number): Promise<void> {
  for (;;) {
    try {
      process.kill(id, 0);
      const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => "");
      if (/\) Z /u.test(stat)) return;
    } catch {
      return;
    }
    await new Promise(setImmediate);
  }
}

describe("GIVEN a process with a mark in its environment", () => {
  test("WHEN the marked ones are ended THEN it has ended, and one with another mark has not", async (context) => {
    const mark = `/dev/null/${randomUUID()}`;
    const wanted = marked(context, `${mark}/a`);
    const other = marked(context, `/dev/null/${randomUUID()}`);
    await Promise.all([once(wanted.stdout ?? wanted, "data"), once(other.stdout ?? other, "data")]);
    const ended = once(wanted, "exit");

    await killMarked(mark);

    assert.deepEqual(await ended, [null, "SIGKILL"]);
    assert.deepEqual([other.exitCode, other.signalCode], [null, null]);
  });
});

describe("GIVEN a container that has started a process in a group of its own", () => {
  test("WHEN the container is killed THEN that process has gone, too, as with the end of a container's first process", async (context) => {
    const reaper = startReaper();
    context.after(() => {
      reaper.close();
    });
    const lines: string[] = [];
    let told: (() => void) | undefined;
    const first = new Promise<void>((resolve) => (told = resolve));
    const ended = new Promise<string>((resolve) => {
      const running = new ContainerProcess(
        container("server", { command: [process.execPath, "-e", STARTER], folder: tmpdir() }),
        {},
        {
          clock: machineClock,
          reaper,
          address: { host: "127.0.0.1", port: (port) => port, release: () => undefined },
        },
        {
          line: (text) => {
            lines.push(text);
            told?.();
          },
          ended: resolve,
        },
      );
      void first.then(() => {
        running.kill();
      });
    });

    await ended;

    await gone(Number(lines[0]));
  });

  test("WHEN the run itself is killed THEN the reaper ends that process", async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "mcp-reaper-"));
    context.after(() => rm(folder, { recursive: true }));
    const root = join(import.meta.dirname, "..", "..", "..", "local", "ecs");
    const script = join(folder, "run.mjs");
    await writeFile(
      script,
      `import { startReaper } from ${JSON.stringify(join(root, "reaper.ts"))};
       import { startProcess } from ${JSON.stringify(join(root, "process.ts"))};
       const reaper = startReaper();
       const child = startProcess({ command: [process.execPath, "-e", ${JSON.stringify(STARTER)}], folder: ${JSON.stringify(folder)},
         environment: {}, mark: reaper.mark + "/1" }, reaper);
       child.stdout.on("data", (text) => process.stdout.write(text, () => process.kill(process.pid, "SIGKILL")));`,
    );

    const { stdout } = spawnSync(process.execPath, [script], { encoding: "utf8" });

    await gone(Number(stdout));
  });
});
