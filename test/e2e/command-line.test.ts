import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, watch } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test, type TestContext } from "node:test";
import { USAGE } from "../../local/command-line.ts";
import { errorOfConnecting, runCommand, startStack, type Command } from "./stack.ts";

const FIXTURES = join("test", "e2e", "fixtures");
const FAILED = { code: 1, signal: null };

/** Runs a command that must fail by itself, with nothing but this on its standard error, and leave nothing behind. */
async function assertRefused(words: readonly string[], sentence: string): Promise<Command> {
  const command = runCommand(words);
  assert.deepEqual(await command.exit(), FAILED, command.output());
  assert.equal(command.stderr(), `${sentence}\n`);
  await command.allGone();
  return command;
}

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pulumi-mcp-service-e2e-"));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

describe("GIVEN words that make no run", { concurrency: 2, timeout: 240_000 }, () => {
  test("WHEN an option is unknown THEN it is named, and all options are told", async () => {
    const command = runCommand(["--sample"]);
    assert.deepEqual(await command.exit(), FAILED);
    assert.match(command.stderr(), /^Unknown option '--sample'/u);
    assert.ok(command.stderr().endsWith(`\n\n${USAGE}\n`));
    assert.equal(command.stdout(), "");
  });

  test("WHEN help is asked for THEN it is all that is told", async () => {
    const command = runCommand(["--help", "--port", "1"]);
    assert.deepEqual(await command.exit(), { code: 0, signal: null });
    assert.equal(command.stdout(), `${USAGE}\n`);
    assert.equal(command.stderr(), "");
  });

  const refused: [what: string, words: readonly string[], sentence: string][] = [
    [
      "the port is none",
      ["--port", "65536"],
      "`--port` is `65536`; give a number from 0 to 65535, where 0 takes any free port.",
    ],
    [
      "a configuration value has no key",
      ["--config", "3"],
      "`--config` is `3`; give a key and a value, such as `--config minReplicas=3`.",
    ],
    [
      "two programs are given",
      ["one", "two"],
      "One program is run at a time, but `one`, `two` were given.",
    ],
    [
      "there is no such program",
      ["nowhere/program.ts"],
      "There is no `nowhere/program.ts`. Give a Pulumi program, or a folder that holds a `Pulumi.yaml`.",
    ],
    [
      "the program has no project",
      ["/"],
      "There is no `Pulumi.yaml` beside `/` or above it. Run this in the folder of a Pulumi project, or give its path.",
    ],
  ];
  for (const [what, words, sentence] of refused) {
    test(`WHEN ${what} THEN one sentence says so`, async () => {
      const command = await assertRefused(words, sentence);
      assert.equal(command.stdout(), "");
    });
  }
});

describe("GIVEN a program that cannot run", { concurrency: 2, timeout: 240_000 }, () => {
  const program = (name: string): string => join(FIXTURES, name);

  test("WHEN it declares no service THEN one sentence says what to declare", async () => {
    await assertRefused(
      [program("no-service"), "--port", "0"],
      `The program \`${join(process.cwd(), program("no-service"), "program.ts")}\` declares no ECS service, so there is nothing to run.` +
        " Declare an `McpService` in it.",
    );
  });

  test("WHEN its container has no command THEN one sentence says how to give it", async () => {
    await assertRefused(
      [program("no-command"), "--port", "0"],
      "The container `server` of `silent` declares no command, and without its image nothing here knows one." +
        ' Give the whole command as `command`, such as `["node", "server.js"]`.',
    );
  });

  test("WHEN an argument of it is wrong THEN its own error is told", async () => {
    await assertRefused(
      ["--port", "0", "--config", "minReplicas=0"],
      `The program \`${join(process.cwd(), "infra", "program.ts")}\` cannot be evaluated: McpService: \`minReplicas\` is 0;` +
        " give a whole number from 1 to 5000.",
    );
  });

  test("WHEN its container ends at once THEN it gives up after three, with the container's last words", async (context) => {
    const readyFile = join(await temporaryFolder(context), "ready.json");
    const command = runCommand([program("crashing"), "--port", "0", "--ready-file", readyFile]);
    const [, url = ""] = await command.told(/load balancer +\S+ +(http:\S+)/u);
    assert.deepEqual(await command.exit(), FAILED, command.output());
    assert.ok(
      command
        .output()
        .includes(
          "The deployment of the service `crashing` failed after 3 failures: the container `server` ended with exit code 3\nNo luck today.\n",
        ),
      command.output(),
    );
    assert.equal(command.output().match(/starting at/gu)?.length, 4);
    await assert.rejects(stat(readyFile), { code: "ENOENT" });
    await command.allGone(`${url}/mcp`);
    assert.equal(await errorOfConnecting(url), "ECONNREFUSED");
  });
});

describe("GIVEN a port that is taken", { timeout: 240_000 }, () => {
  test("WHEN a stack is to be served there THEN one sentence says so, and nothing has been started", async (context) => {
    const readyFile = join(await temporaryFolder(context), "ready.json");
    const holder = createServer();
    context.after(() => holder.close());
    await once(holder.listen(0, "127.0.0.1"), "listening");
    const { port } = holder.address() as AddressInfo;

    const command = await assertRefused(
      ["--sample-data", "--port", String(port), "--ready-file", readyFile],
      `Port ${port} of 127.0.0.1 is taken by another process. Stop that one, or choose another port with \`--port\` (0 takes any free one).`,
    );
    assert.doesNotMatch(command.stdout(), /starting at/u);
    await command.allGone(`http://127.0.0.1:${port}/mcp`);
    await assert.rejects(stat(readyFile), { code: "ENOENT" });
  });
});

describe("GIVEN a stack that serves", { concurrency: 2, timeout: 240_000 }, () => {
  test("WHEN it has started THEN both replicas run, and the ready file says what the terminal says", async () => {
    const stack = await startStack();
    assert.equal(stack.replicas().length, 2);
    assert.deepEqual(stack.services, { weather: { url: stack.url, token: stack.token } });
    assert.match(stack.url, /^http:\/\/127\.0\.0\.1:\d+\/mcp$/u);
    assert.match(stack.token, /^[\w-]+\.[\w-]+\.[\w-]+$/u);
    await stack.command.told(/^The weather is sample data/mu);
    const told = stack.command.stdout();
    assert.ok(told.includes(`  URL    ${stack.url}\n`));
    assert.ok(told.includes(`  token  ${stack.token}\n`));
    assert.ok(told.includes("  service        weather      2 replicas over 3 zones\n"));
    // What replicas write is only told with `--logs`.
    assert.doesNotMatch(told, /"msg"/u);
    assert.equal(stack.command.stderr(), "");
    await stack.stop();
  });

  test("WHEN another one starts beside it THEN both serve", async () => {
    const stacks = await Promise.allSettled([startStack(), startStack()]);
    const started = stacks.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    try {
      for (const each of stacks) if (each.status === "rejected") throw each.reason;
      assert.equal(new Set(started.map(({ url }) => url)).size, 2);
      assert.equal(new Set(started.map(({ token }) => token)).size, 2);
      assert.deepEqual(
        started.map((stack) => stack.replicas().length),
        [2, 2],
      );
    } finally {
      for (const stack of started) await stack.stop();
    }
  });

  test("WHEN SIGINT comes twice THEN it ends as after one", async () => {
    const stack = await startStack();
    stack.command.child.kill("SIGINT");
    await stack.command.told(/^Stopping …$/mu);
    // `stop` sends the second one, and sees that all is gone.
    await stack.stop();
    assert.equal(stack.command.stdout().match(/Stopping …/gu)?.length, 1);
  });

  test("WHEN SIGTERM comes THEN it ends as after SIGINT", async () => {
    const stack = await startStack();
    stack.command.child.kill("SIGTERM");
    assert.deepEqual(await stack.command.exit(), { code: 0, signal: null });
    await stack.command.allGone(stack.url);
    assert.equal(await errorOfConnecting(stack.url), "ECONNREFUSED");
  });

  test("WHEN it is killed THEN no replica is left behind", async () => {
    const stack = await startStack();
    assert.equal(stack.replicas().length, 2);
    stack.command.child.kill("SIGKILL");
    assert.deepEqual(await stack.command.exit(), { code: null, signal: "SIGKILL" });
    await stack.command.allGone(stack.url);
    assert.equal(await errorOfConnecting(stack.url), "ECONNREFUSED");
  });
});

describe("GIVEN a stack that is still starting", { concurrency: 2, timeout: 240_000 }, () => {
  async function interruptAt(moment: RegExp): Promise<void> {
    const command = runCommand(["--sample-data", "--port", "0"]);
    await command.told(moment);
    command.child.kill("SIGINT");
    const { code, signal } = await command.exit();
    assert.ok(code === 0 || signal === "SIGINT", command.output());
    const [url] = /http:\S+/u.exec(command.output()) ?? [];
    await command.allGone(url === undefined ? undefined : `${url}/mcp`);
  }

  test("WHEN SIGINT comes while its program is evaluated THEN nothing is left behind", async () => {
    await interruptAt(/evaluating/u);
  });

  test("WHEN SIGINT comes while its replicas start THEN nothing is left behind", async () => {
    for (let attempt = 0; attempt < 3; attempt++) await interruptAt(/starting at/u);
  });
});

describe("GIVEN a place for the ready file", { concurrency: 2, timeout: 240_000 }, () => {
  describe("WHEN its folder does not exist", () => {
    let command: Command;
    before(async () => {
      const readyFile = join(tmpdir(), "pulumi-mcp-service-e2e-none", "ready.json");
      command = runCommand(["--sample-data", "--port", "0", "--ready-file", readyFile]);
      await command.exit();
    });

    test("THEN nothing is started", async () => {
      assert.deepEqual(await command.exit(), FAILED, command.output());
      assert.doesNotMatch(command.output(), /evaluating|starting at/u);
    });

    test("THEN a sentence says so", () => {
      assert.match(
        command.output(),
        /^`--ready-file` is `.*ready\.json`, whose folder does not exist\. Create `.*`, or give another path\.$/mu,
      );
      assert.doesNotMatch(command.output(), /^ {4}at /mu);
    });
  });

  test("WHEN an earlier run has left one THEN it is gone before the first replica starts", async (context) => {
    const readyFile = join(await temporaryFolder(context), "ready.json");
    await writeFile(readyFile, '{"url":"http://127.0.0.1:1/mcp","token":"of the earlier run"}\n');
    const command = runCommand(["--sample-data", "--port", "0", "--ready-file", readyFile]);
    await command.told(/starting at/u);
    const content = await readFile(readyFile, "utf8").catch(() => "");
    await command.told(/^Ready after/mu);
    command.child.kill("SIGINT");
    await command.exit();
    assert.ok(!content.includes("of the earlier run"));
  });

  test("WHEN it is written THEN it appears as a whole", async (context) => {
    const folder = await temporaryFolder(context);
    const readyFile = join(folder, "ready.json");
    const seen: string[] = [];
    const watcher = watch(folder, () => {
      if (existsSync(readyFile)) seen.push(readFileSync(readyFile, "utf8"));
    });
    context.after(() => {
      watcher.close();
    });
    const command = runCommand(["--sample-data", "--port", "0", "--ready-file", readyFile]);
    await command.told(/^Ready after/mu);
    const whole = await readFile(readyFile, "utf8");
    command.child.kill("SIGINT");
    await command.exit();
    assert.deepEqual(Object.keys(JSON.parse(whole) as object), ["url", "token", "services"]);
    assert.deepEqual([...new Set(seen)], [whole]);
  });
});
