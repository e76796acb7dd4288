import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, test, type TestContext } from "node:test";
import { call, TOKEN, type Started } from "./running-host.ts";

type Line = Readonly<Record<string, unknown>>;

/** A replica as a process of its own. */
interface Served {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  /** Resolves with the line that has that message. */
  readonly logged: (message: string) => Promise<Line>;
  /** What it has written so far. */
  readonly lines: readonly Line[];
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
}

function spawnServed(context: TestContext, environment: Record<string, string> = {}): Served {
  const child = spawn(process.execPath, [fileURLToPath(new URL("served.ts", import.meta.url))], {
    env: {
      HOST: "127.0.0.1",
      PORT: "0",
      DRAIN_SECONDS: "0",
      AUTH_STATIC_TOKENS: TOKEN,
      ...environment,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => child.kill("SIGKILL"));
  const lines: Line[] = [];
  const reader = createInterface(child.stdout);
  reader.on("line", (text) => lines.push(JSON.parse(text) as Line));
  return {
    process: child,
    logged: async (message) => {
      for (;;) {
        const found = lines.find(({ msg }) => msg === message);
        if (found !== undefined) return found;
        await once(reader, "line");
      }
    },
    lines,
    ended: once(child, "exit") as Promise<[number | null, string | null]>,
  };
}

async function ready({ logged }: Served): Promise<Started> {
  const { port } = await logged("ready");
  return { host: { address: { port } } } as unknown as Started;
}

describe("GIVEN a replica", () => {
  test("WHEN a tool leaves a promise that rejects THEN the log has it, and calls go on", async (context) => {
    const served = spawnServed(context);
    const started = await ready(served);
    assert.equal((await call(started, "floating", {})).status, 200);
    const { level, err } = await served.logged("unhandled rejection");
    assert.deepEqual([level, (err as Error).message], ["error", "nobody awaits this"]);
    assert.equal((await call(started, "floating", {})).status, 200);
    served.process.kill("SIGTERM");
    assert.deepEqual(await served.ended, [0, null]);
  });

  test("WHEN a tool throws where nobody catches THEN its call is still answered, and the replica drains with exit code 1", async (context) => {
    const served = spawnServed(context);
    const started = await ready(served);
    assert.equal((await call(started, "throwing", {})).status, 200);
    const { level, err } = await served.logged("uncaught exception");
    assert.deepEqual([level, (err as Error).message], ["fatal", "nobody catches this"]);
    assert.deepEqual(await served.ended, [1, null]);
    await served.logged("drained");
  });

  test("WHEN it writes metrics THEN standard output has its start and, at its end, what it has refused", async (context) => {
    const served = spawnServed(context, { MCP_METRICS: "emf", OTEL_SERVICE_NAME: "mine" });
    const started = await ready(served);
    const unknown = { Authorization: "Bearer not-the-token-at-all" };
    assert.equal((await call(started, "floating", {}, unknown)).status, 401);
    served.process.kill("SIGTERM");
    await served.logged("drained");
    const written = served.lines.flatMap(({ Service, Starts, Reason, Refusals }) =>
      (Starts ?? Refusals) === undefined ? [] : [{ Service, Starts, Reason, Refusals }],
    );
    assert.deepEqual(written, [
      { Service: "mine", Starts: 1, Reason: undefined, Refusals: undefined },
      { Service: "mine", Starts: undefined, Reason: "invalid_token", Refusals: 1 },
    ]);
  });

  test("WHEN SIGTERM comes before its start is done THEN it ends", async (context) => {
    const served = spawnServed(context, { NEVER_STARTS: "yes" });
    await served.logged("starting");
    served.process.kill("SIGTERM");
    assert.deepEqual(await served.ended, [0, null]);
  });
});

describe("GIVEN a replica whose log nobody reads any more", () => {
  test("WHEN the reader has died THEN calls go on, and SIGTERM ends it", async (context) => {
    const served = spawnServed(context);
    const started = await ready(served);
    served.process.stdout.destroy();
    for (let calls = 0; calls < 3; calls++)
      assert.equal((await call(started, "talkative", {})).status, 200);
    served.process.kill("SIGTERM");
    assert.deepEqual(await served.ended, [0, null]);
  });

  test("WHEN the reader has stopped THEN calls go on, and SIGTERM ends it", async (context) => {
    const served = spawnServed(context);
    const started = await ready(served);
    served.process.stdout.pause();
    for (let calls = 0; calls < 3; calls++)
      assert.equal((await call(started, "talkative", {})).status, 200);
    served.process.kill("SIGTERM");
    assert.deepEqual(await served.ended, [0, null]);
  });
});
