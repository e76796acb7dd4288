import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { ConfigurationError } from "../../../../service/runtime/configuration-error.ts";
import { callTool, FIXTURES, isAlive, startFixture } from "./harness.ts";

/** Resolves when a process has ended that is no child of this one: the kernel tells nobody else. */
async function gone(id: number): Promise<void> {
  while (isAlive(id)) await new Promise((resolve) => setImmediate(resolve));
}

describe("GIVEN processes that are to end (point 9)", { timeout: 300_000 }, () => {
  test("WHEN the server stops THEN its processes are gone, and what they have started, too", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_PROCESSES: "1" });
    const ids = [await callTool(server, "process"), await callTool(server, "grandchild")];
    assert.deepEqual(ids.map(Number).map(isAlive), [true, true]);
    await server.stop();
    await Promise.all(ids.map(Number).map(gone));
    await assert.rejects(callTool(server, "echo"), { status: 503 });
  });

  test("WHEN a process is deaf to the end of its input and to SIGTERM THEN it is killed", async (context) => {
    const server = await startFixture(context, ["legacy.ts", "--stay"], {
      STDIO_STOP_SECONDS: "0",
    });
    const id = Number(await callTool(server, "process"));
    await server.stop();
    assert.equal(isAlive(id), false);
  });

  test("WHEN one is killed from outside THEN what it has started does not stay", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_PROCESSES: "1" });
    const grandchild = Number(await callTool(server, "grandchild"));
    process.kill(Number(await callTool(server, "process")), "SIGKILL");
    await gone(grandchild);
  });

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    test(`WHEN the wrapper gets ${signal} THEN its processes end, ${signal === "SIGTERM" ? "even those that are deaf" : "by the end of their input"}`, async (context) => {
      const flags = signal === "SIGTERM" ? ["--stay"] : [];
      const wrapper = spawn(
        process.execPath,
        [join(FIXTURES, "wrapper.ts"), join(FIXTURES, "legacy.ts"), ...flags],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      context.after(() => wrapper.kill("SIGKILL"));
      const [line] = (await once(createInterface(wrapper.stdout), "line")) as [string];
      const ids = JSON.parse(line) as number[];
      assert.equal(ids.length, 2);
      assert.ok(ids.every(isAlive));
      wrapper.kill(signal);
      await once(wrapper, "exit");
      await Promise.all(ids.map(gone));
    });
  }
});

describe("GIVEN a command that cannot be run", () => {
  test("WHEN there is no such program THEN the start fails at once, with a sentence", async (context) => {
    await assert.rejects(
      startFixture(context, ["no-such-program-anywhere"]),
      (error) =>
        error instanceof ConfigurationError &&
        error.message.startsWith(
          "The command of the stdio server cannot be run: spawn no-such-program-anywhere ENOENT. Give a program that the image has",
        ),
    );
  });

  test("WHEN it ends each time THEN the start fails after five", async (context) => {
    await assert.rejects(
      startFixture(context, [process.execPath, "--eval", "process.exit(7)"]),
      /ended five times before it could be asked/u,
    );
  });

  test("WHEN it ends where others answer that they do not know `server/discover` THEN it is served all the same (point 1)", async (context) => {
    const server = await startFixture(context, ["legacy.ts", "--fatal-probe"], {});
    assert.equal(await callTool(server, "multibyte"), "zażółć 🙂");
  });
});
