import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { machineClock } from "../../local/clock.ts";
import { Task } from "../../local/ecs/task.ts";
import type { Container } from "../../local/graph/task-definition.ts";
import { container } from "./containers.ts";

/** A program that says that it is up, and on SIGTERM that it goes. */
const serving = (name: string): Partial<Container> => ({
  command: [
    "node",
    "-e",
    `process.on("SIGTERM", () => { console.log("${name} goes"); process.exit(0); }); console.log("${name} up"); setInterval(() => undefined, 1e6);`,
  ],
});

/** A program that says something and ends. */
const ending = (text: string, code: number): Partial<Container> => ({
  command: ["sh", "-c", `echo ${text}; exit ${code}`],
});

interface Observed {
  readonly task: Task;
  readonly told: readonly string[];
  /** Resolves once it has told something that begins so. */
  readonly until: (beginning: string) => Promise<string>;
}

function started(context: TestContext, containers: readonly Container[]): Observed {
  const told: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (text: string): void => {
    told.push(text);
    for (const check of waiting) check();
  };
  const task = new Task(
    "task",
    {
      arn: "arn",
      family: "family",
      launchType: "EC2",
      resources: { cpuUnits: 256, memoryMib: 512, gpus: 0 },
      containers,
      optimizer: undefined,
      differences: [],
    },
    {
      clock: machineClock,
      reaper: { watch: () => undefined, forget: () => undefined, close: () => undefined },
      address: { host: "127.0.0.1", port: (declared) => declared, release: () => undefined },
      region: "us-east-1",
      metadataAddress: "http://127.0.0.1/v4/task",
    },
    {
      running: () => {
        tell("running");
      },
      stopped: (reason) => {
        tell(`stopped: ${reason}`);
      },
      happened: tell,
      line: (_container, text) => {
        tell(text);
      },
    },
  );
  context.after(() => {
    task.kill();
  });
  task.start();
  return {
    task,
    told,
    until: (beginning) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = told.find((text) => text.startsWith(beginning));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
  };
}

describe("GIVEN a task of several containers", () => {
  test("WHEN a sidecar that is not essential fails THEN the task says so and goes on", async (context) => {
    const { task, until } = started(context, [
      container("server", serving("server")),
      container("sidecar", { essential: false, ...ending("oops", 3) }),
    ]);
    assert.equal(
      await until("the container `sidecar`"),
      "the container `sidecar` ended with exit code 3; it is not essential",
    );
    await until("server up");
    assert.equal(task.processIds.length, 1);
  });

  test("WHEN an essential sidecar ends THEN so does the task, and it is named as the reason", async (context) => {
    const { until } = started(context, [
      container("server", serving("server")),
      container("sidecar", ending("oops", 0)),
    ]);
    assert.equal(await until("stopped"), "stopped: the container `sidecar` ended with exit code 0");
  });

  test("WHEN it stops THEN the server ends before the sidecar that it waited for", async (context) => {
    const { task, told, until } = started(context, [
      container("server", {
        ...serving("server"),
        dependsOn: [{ containerName: "sidecar", condition: "HEALTHY" }],
      }),
      container("sidecar", { essential: false, ...serving("sidecar") }),
    ]);
    await Promise.all([until("server up"), until("sidecar up")]);
    task.stop();
    await until("stopped");
    assert.deepEqual(
      told.filter((text) => text.endsWith("goes")),
      ["server goes", "sidecar goes"],
    );
  });

  test("WHEN one prepares something THEN the server starts after its success, and the task runs only then", async (context) => {
    const { told, until } = started(context, [
      container("server", {
        ...serving("server"),
        dependsOn: [{ containerName: "prepare", condition: "SUCCESS" }],
      }),
      container("prepare", { essential: false, ...ending("prepared", 0) }),
    ]);
    await until("server up");
    assert.deepEqual(
      told.filter((text) => text !== "running"),
      ["prepared", "server up"],
    );
    assert.ok(told.indexOf("running") > told.indexOf("prepared"));
  });

  test("WHEN what prepares something fails THEN the server never starts, and the task ends with the reason", async (context) => {
    const { told, until } = started(context, [
      container("server", {
        ...serving("server"),
        dependsOn: [{ containerName: "prepare", condition: "SUCCESS" }],
      }),
      container("prepare", { essential: false, ...ending("no", 1) }),
    ]);
    assert.equal(
      await until("stopped"),
      "stopped: the container `server` waits for the success of `prepare`, which has failed",
    );
    assert.ok(!told.includes("server up"));
  });

  test("WHEN a container starts THEN its environment says where it would run on AWS", async (context) => {
    const { until } = started(context, [
      container("server", { command: ["sh", "-c", "echo env $AWS_EXECUTION_ENV $AWS_REGION"] }),
    ]);
    assert.equal(await until("env"), "env AWS_ECS_EC2 us-east-1");
  });
});
