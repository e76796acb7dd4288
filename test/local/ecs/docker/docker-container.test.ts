import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { DockerContainer } from "../../../../local/ecs/docker/docker-container.ts";
import type { Container } from "../../../../local/graph/task-definition.ts";
import { container } from "../../containers.ts";
import { VirtualClock } from "../../virtual-clock.ts";
import { standIn, type StandIn } from "./stand-in.ts";

const LABEL = "mcp-local.run=x";

interface Observed {
  readonly started: DockerContainer;
  readonly clock: VirtualClock;
  readonly lines: readonly string[];
  readonly client: StandIn;
  readonly folder: string;
  readonly line: (text: string) => Promise<void>;
  readonly ended: Promise<{ readonly reason: string; readonly exitCode: number | undefined }>;
}

async function observed(
  context: TestContext,
  given: Partial<Container>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Observed> {
  const client = await standIn(context);
  const folder = await mkdtemp(join(tmpdir(), "docker-run-"));
  context.after(() => rm(folder, { recursive: true }));
  const clock = new VirtualClock();
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const ended = Promise.withResolvers<Awaited<Observed["ended"]>>();
  const started = new DockerContainer(
    container("server", { image: "image", ...given }),
    environment,
    {
      clock,
      reaper: { watch: () => undefined, forget: () => undefined, close: () => undefined },
      address: { host: "127.9.9.9", port: (declared) => declared, release: () => undefined },
    },
    {
      line: (text) => {
        lines.push(text);
        for (const check of waiting) check();
      },
      ended: (reason, exitCode) => {
        ended.resolve({ reason, exitCode });
      },
    },
    { run: { folder, label: LABEL, processors: 2 }, name: "x-server-1" },
  );
  const line = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (lines.includes(text)) resolve();
      };
      waiting.add(check);
      check();
    });
  return { started, clock, lines, client, folder, line, ended: ended.promise };
}

const node = (code: string): string[] => [process.execPath, "-e", code];

const STAYS = "setInterval(() => 0, 1000); console.log('up');";

describe("GIVEN a container of a Docker engine", () => {
  test("WHEN it ends THEN its lines and its exit code are told, and no secret was ever an argument", async (context) => {
    const environment = { PORT: "8080", TOKEN: "very secret", KEY: "-----\nsecret\n-----" };
    const command = node("console.log('out'); console.error('err'); process.exitCode = 7;");
    const { ended, lines, client, folder } = await observed(context, { command }, environment);

    assert.deepEqual(await ended, {
      reason: "the container `server` ended with exit code 7",
      exitCode: 7,
    });
    assert.deepEqual([...lines].sort(), ["err", "out"]);
    const [created, attached, ...others] = await client.asked();
    assert.deepEqual(created, {
      words: [
        "create",
        "--rm",
        ...["--name", "x-server-1"],
        ...["--label", LABEL],
        ...["--pull", "never"],
        ...["--network", "host"],
        ...["--log-driver", "none"],
        "--no-healthcheck",
        ...["--env-file", join(folder, "x-server-1.env")],
        ...["--env", "KEY"],
        "image",
        ...command,
      ],
      environmentFile: "PORT=8080\nTOKEN=very secret\n",
      mode: "600",
      passed: [environment.KEY],
    });
    assert.deepEqual(attached, { words: ["start", "--attach", "x-server-1"] });
    assert.deepEqual(others, []);
    assert.deepEqual(await readdir(folder), []);
  });

  test("WHEN it is stopped THEN it gets SIGTERM and ends by itself", async (context) => {
    const command = node(`process.on("SIGTERM", () => process.exit(4)); ${STAYS}`);
    const { started, ended, client, line, clock } = await observed(context, { command });
    await line("up");

    started.stop();
    started.stop();

    assert.equal((await ended).exitCode, 4);
    await clock.advance(31_000);
    assert.deepEqual((await client.asked()).slice(2), [
      { words: ["stop", "-t", "-1", "x-server-1"] },
    ]);
  });

  test("WHEN it does not hear SIGTERM THEN SIGKILL ends it after its stop timeout", async (context) => {
    const command = node(`process.on("SIGTERM", () => console.log("no")); ${STAYS}`);
    const { started, ended, client, line, clock } = await observed(context, {
      command,
      stopTimeoutSeconds: 12,
    });
    await line("up");

    started.stop();
    await line("no");
    await clock.advance(11_999);
    // Whatever had been asked by now would have come before this.
    for (const word of ["one", "two"]) await started.check(["CMD", word]).result;
    assert.deepEqual(
      (await client.asked()).map(({ words }) => words[0]),
      ["create", "start", "stop", "exec", "exec"],
    );
    await clock.advance(1);

    assert.deepEqual(await ended, {
      reason: "the container `server` ended with exit code 137",
      exitCode: 137,
    });
    assert.deepEqual((await client.asked()).slice(5), [
      { words: ["rm", "--force", "--volumes", "x-server-1"] },
    ]);
  });

  test("WHEN it is killed before it is created THEN it never starts", async (context) => {
    const { started, ended, client } = await observed(context, { command: node(STAYS) });

    started.kill();

    assert.deepEqual(await ended, {
      reason: "the container `server` was stopped before it had started",
      exitCode: undefined,
    });
    assert.equal(
      (await client.asked()).some(({ words }) => words[0] === "start"),
      false,
    );
  });

  test("WHEN the engine cannot create it THEN its words are told", async (context) => {
    const { ended } = await observed(context, { image: "absent" });
    assert.deepEqual(await ended, {
      reason:
        "the container `server` could not be created: Error response from daemon: No such image",
      exitCode: undefined,
    });
  });

  test("WHEN its program does not exist THEN it was never started", async (context) => {
    const { ended } = await observed(context, { command: ["nosuch"] });
    assert.deepEqual(await ended, {
      reason:
        "the container `server` could not be started: Error response from daemon: exec: nosuch: executable file not found in $PATH",
      exitCode: undefined,
    });
  });

  test("WHEN its health is checked THEN the command runs in it, and asks the address of its task", async (context) => {
    const { started, line, client, ended } = await observed(context, { command: node(STAYS) });
    await line("up");

    assert.deepEqual(await started.check(["CMD", "curl", "http://127.0.0.1:80/"]).result, {
      passed: true,
      reason: "exit code 0: checked",
    });
    assert.deepEqual(await started.check(["CMD-SHELL", "bad"]).result, {
      passed: false,
      reason: "exit code 3: checked",
    });

    assert.deepEqual((await client.asked()).slice(2), [
      { words: ["exec", "x-server-1", "curl", "http://127.9.9.9:80/"] },
      { words: ["exec", "x-server-1", "/bin/sh", "-c", "bad"] },
    ]);
    started.kill();
    await ended;
  });
});
