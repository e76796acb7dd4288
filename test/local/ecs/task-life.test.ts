import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AWS_TIMES } from "../../../local/ecs/task-times.ts";
import type { HealthCheck } from "../../../local/graph/container-definition.ts";
import { container } from "../containers.ts";
import { observed } from "./observed-task.ts";

const WAITS = { command: ["sh", "-c", "echo up; exec sleep 1000"] };

function healthCheck(given: Partial<HealthCheck>): HealthCheck {
  return {
    command: ["CMD", "true"],
    interval: 30,
    timeout: 5,
    retries: 3,
    startPeriod: 0,
    ...given,
  };
}

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "task-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

describe("GIVEN a task with a health check", () => {
  test("WHEN the command passes THEN the task is HEALTHY: it ran in the container's folder, with its environment", async (context) => {
    const folder = temporaryFolder(context);
    writeFileSync(join(folder, "expected"), "");
    const command = [
      "CMD-SHELL",
      '[ -e expected ] && [ "$COLOUR" = red ] && [ "$HOST" = 127.9.9.9 ]',
    ];
    const { task, clock, until } = observed(context, {
      containers: [
        container("server", {
          ...WAITS,
          folder,
          environment: { COLOUR: "red" },
          healthCheck: healthCheck({ command }),
        }),
      ],
    });
    task.start();
    assert.deepEqual([task.healthStatus, task.passesHealthChecks], ["UNKNOWN", false]);
    await clock.advance(1000);
    await until("health HEALTHY");
    assert.deepEqual([task.healthStatus, task.passesHealthChecks], ["HEALTHY", true]);
  });

  test("WHEN it fails as often as is allowed THEN the task is UNHEALTHY, goes on, and says why", async (context) => {
    const command = ["CMD-SHELL", "echo no answer; exit 7"];
    const { task, clock, told, until } = observed(
      context,
      {
        containers: [
          container("server", { ...WAITS, healthCheck: healthCheck({ command, retries: 1 }) }),
        ],
      },
      { times: AWS_TIMES },
    );
    task.start();
    await clock.advance(30_000);
    await clock.advance(30_000);
    await until("health UNHEALTHY");
    assert.ok(
      told.includes(
        "the container `server` is UNHEALTHY; failed health checks in a row: 1, the last with exit code 7: no answer",
      ),
    );
    assert.equal(task.processIds.length, 1);
  });

  test("WHEN it names a program that this machine has not THEN it fails", async (context) => {
    const command = ["CMD", "no-such-program"];
    const { task, clock, until } = observed(
      context,
      {
        containers: [
          container("server", { ...WAITS, healthCheck: healthCheck({ command, retries: 1 }) }),
        ],
      },
      { times: { ...AWS_TIMES, startSeconds: {} } },
    );
    task.start();
    await clock.advance(30_000);
    await until("health UNHEALTHY");
  });
});

describe("GIVEN a server that waits for the health of a sidecar", () => {
  const containers = (check: string): Parameters<typeof observed>[1] => ({
    containers: [
      container("server", {
        command: ["sh", "-c", "echo served; exec sleep 1000"],
        dependsOn: [{ containerName: "sidecar", condition: "HEALTHY" }],
      }),
      container("sidecar", {
        ...WAITS,
        essential: false,
        healthCheck: healthCheck({ command: ["CMD", check] }),
      }),
    ],
  });

  test("WHEN the sidecar becomes HEALTHY THEN the server starts, and not before", async (context) => {
    const { task, clock, told, until } = observed(context, containers("true"));
    task.start();
    await until("up");
    assert.equal(task.processIds.length, 1);
    await clock.advance(1000);
    await until("served");
    assert.equal(task.lastStatus, "RUNNING");
    // Its health is not the task's: it is not essential, and the server has no check.
    assert.ok(!told.includes("health HEALTHY"));
  });

  test("WHEN it never does THEN the task gives up after the sidecar's start timeout", async (context) => {
    const { task, clock, until } = observed(context, containers("false"));
    task.start();
    await until("up");
    await clock.advance(180_000);
    assert.equal(
      await until("stopped"),
      "stopped TaskFailedToStart: the container `server` waits for `sidecar`, which has not come so far within its start timeout of 180 seconds",
    );
  });
});

describe("GIVEN a container with a restart policy", () => {
  const restartPolicy = { enabled: true, ignoredExitCodes: [], restartAttemptPeriod: 300 };

  test("WHEN it crashes after the period THEN it starts again, and the task stays RUNNING", async (context) => {
    const { task, clock, told, until } = observed(context, {
      containers: [container("server", { ...WAITS, restartPolicy })],
    });
    task.start();
    await until("up");
    await clock.advance(300_000);
    task.crash();
    await until("up", 2);
    assert.ok(
      told.includes(
        "the container `server` ended with SIGKILL (exit code 137); its restart policy starts it again",
      ),
    );
    assert.equal(task.lastStatus, "RUNNING");
  });

  test("WHEN it crashes within the period THEN the task ends", async (context) => {
    const { task, clock, until } = observed(context, {
      containers: [container("server", { ...WAITS, restartPolicy })],
    });
    task.start();
    await until("up");
    await clock.advance(299_000);
    task.crash();
    assert.equal(
      await until("stopped"),
      "stopped EssentialContainerExited: the container `server` ended with SIGKILL (exit code 137)",
    );
    assert.deepEqual([...task.exitCodes], [["server", 137]]);
  });
});

describe("GIVEN a task on AWS's times", () => {
  const server = container("server", { command: ["sh", "-c", "echo up; exec sleep 1000"] });

  test("WHEN it lives THEN it goes through every status, and a Fargate task starts after 30 seconds", async (context) => {
    const { task, clock, told, until } = observed(
      context,
      { containers: [server] },
      { times: AWS_TIMES },
    );
    assert.equal(task.lastStatus, "PROVISIONING");
    task.start();
    await clock.advance(29_999);
    assert.deepEqual([task.lastStatus, task.processIds], ["PENDING", []]);
    await clock.advance(1);
    await until("up");
    task.deactivate();
    task.stop();
    await until("stopped");
    assert.deepEqual(
      told.filter((text) => text !== "up"),
      [
        "PENDING",
        "ACTIVATING",
        "RUNNING",
        "DEACTIVATING",
        "STOPPING",
        "DEPROVISIONING",
        "STOPPED",
        "stopped ServiceSchedulerInitiated: the container `server` ended with SIGTERM (exit code 143)",
      ],
    );
  });

  test("WHEN it is stopped before it started THEN it never does", async (context) => {
    const { task, clock, told } = observed(context, { containers: [server] }, { times: AWS_TIMES });
    task.start();
    task.stop("SpotInterruption");
    await clock.advance(60_000);
    assert.deepEqual(told, [
      "PENDING",
      "STOPPING",
      "DEPROVISIONING",
      "STOPPED",
      "stopped SpotInterruption: all of its containers have ended",
    ]);
  });

  test("WHEN it ignores SIGTERM THEN SIGKILL ends it after its stop timeout, with 137", async (context) => {
    const deaf = container("server", {
      command: ["sh", "-c", 'trap "" TERM; echo up; while :; do sleep 1000; done'],
      stopTimeoutSeconds: 120,
    });
    const { task, clock, until } = observed(context, { containers: [deaf] });
    task.start();
    await until("up");
    task.stop("UserInitiated");
    await clock.advance(119_999);
    assert.equal(task.lastStatus, "STOPPING");
    await clock.advance(1);
    assert.equal(
      await until("stopped"),
      "stopped UserInitiated: the container `server` ended with SIGKILL (exit code 137)",
    );
  });

  test("WHEN its program does not exist THEN it has failed to start", async (context) => {
    const { task, until } = observed(context, {
      containers: [container("server", { command: ["no-such-program"] })],
    });
    task.start();
    assert.match(
      await until("stopped"),
      /^stopped TaskFailedToStart: the container `server` runs/u,
    );
  });
});
