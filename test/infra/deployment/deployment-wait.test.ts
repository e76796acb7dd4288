import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  DeploymentStrategy,
  STRATEGY_DEFAULTS,
} from "../../../infra/deployment/deployment-strategy.ts";
import {
  checkWait,
  eventsCommand,
  failureHook,
  failureMessage,
  steadyStateTimeout,
  type WaitSettings,
} from "../../../infra/deployment/deployment-wait.ts";
import {
  InstanceManagement,
  type InstanceCapacityFacts,
} from "../../../infra/capacity/instance-capacity.ts";
import { assertRefused, deploy, valueOf } from "../mocks.ts";

const SETTINGS: WaitSettings = {
  ...STRATEGY_DEFAULTS,
  deploymentStrategy: DeploymentStrategy.Rolling,
  waitForSteadyState: true,
  steadyStateTimeoutMinutes: undefined,
  startupSeconds: 30,
  longestCallSeconds: 60,
  instanceCapacity: undefined,
};

test("GIVEN a deployment WHEN its time is reckoned THEN instances, starting, draining and baking fit into it, and it is never endless", () => {
  assert.equal(steadyStateTimeout(SETTINGS), 15 + 2);
  assert.equal(steadyStateTimeout({ ...SETTINGS, startupSeconds: 600 }), 15 + 12);
  assert.equal(steadyStateTimeout({ ...SETTINGS, longestCallSeconds: 3600 }), 15 + 61);
  assert.equal(
    steadyStateTimeout({ ...SETTINGS, deploymentStrategy: DeploymentStrategy.Linear }),
    15 + 2 + 64,
  );
  const instanceCapacity: InstanceCapacityFacts = {
    management: InstanceManagement.AutoScalingGroup,
    instanceTypes: ["g6.xlarge"],
    spot: false,
    shareGpu: false,
    networkInterfaceTrunking: false,
  };
  assert.equal(steadyStateTimeout({ ...SETTINGS, instanceCapacity }), 25 + 2);
  assert.equal(
    steadyStateTimeout({ ...SETTINGS, instanceCapacity: pulumi.output(instanceCapacity) }),
    25 + 2,
  );
  // What is known only later counts as the most that it can be.
  assert.equal(steadyStateTimeout({ ...SETTINGS, longestCallSeconds: pulumi.output(60) }), 15 + 61);
  assert.equal(steadyStateTimeout({ ...SETTINGS, steadyStateTimeoutMinutes: 5 }), 5);
});

test("GIVEN a time that nobody waits for WHEN it is checked THEN it is refused with the range", () => {
  checkWait("McpService", SETTINGS);
  for (const steadyStateTimeoutMinutes of [1, 10_080])
    checkWait("McpService", { ...SETTINGS, steadyStateTimeoutMinutes });
  for (const steadyStateTimeoutMinutes of [0, 10_081, 1.5]) {
    assertRefused(() => {
      checkWait("McpService", { ...SETTINGS, steadyStateTimeoutMinutes });
    }, `McpService: \`steadyStateTimeoutMinutes\` is ${steadyStateTimeoutMinutes}; give a whole number of minutes from 1 to 10080.`);
  }
});

test("GIVEN a service WHEN its command is run in a shell THEN it asks ECS for the one service of that name, also before Pulumi knows it", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "events-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  // Stands in for the AWS CLI: writes down how it was called, and names a service.
  await writeFile(
    join(folder, "aws"),
    `#!/bin/sh\n(for word in "$@"; do printf '%s\\n' "$word"; done; echo) >> "${folder}/calls"\necho arn:aws:ecs:us-east-1:123456789012:service/mcp/weather-0a1b2c3\n`,
  );
  await chmod(join(folder, "aws"), 0o755);
  const command = await valueOf(eventsCommand("weather", "us-east-1", pulumi.output("mcp")));
  await promisify(execFile)("sh", ["-c", command], {
    env: { PATH: `${folder}:${process.env["PATH"] ?? ""}` },
  });

  const calls = (await readFile(join(folder, "calls"), "utf8")).trimEnd().split("\n\n");
  assert.deepEqual(
    calls.map((call) => call.split("\n")),
    [
      [
        ...["ecs", "list-services", "--region", "us-east-1", "--cluster", "mcp"],
        ...["--query", "serviceArns[?contains(@, '/weather-')]", "--output", "text"],
      ],
      [
        ...["ecs", "describe-services", "--region", "us-east-1", "--cluster", "mcp"],
        ...["--services", "arn:aws:ecs:us-east-1:123456789012:service/mcp/weather-0a1b2c3"],
        "--query",
        "services[].{deployments: deployments[].[status, rolloutState, rolloutStateReason], events: events[:10].message}",
        ...["--output", "yaml"],
      ],
    ],
  );
});

test("GIVEN a failed deployment WHEN it is told THEN the command stands on a line of its own", () => {
  assert.equal(
    failureMessage("weather", "update", "aws ecs describe-services"),
    "The deployment of weather failed (update). What ECS says about it, and why its tasks stopped, is printed by:\naws ecs describe-services\n" +
      "The reason of a task that never ran is in `aws ecs describe-tasks`; what its container wrote is in the platform's log group.",
  );
});

test("GIVEN Pulumi's mocks, which know no error hooks WHEN a service is declared THEN it goes without", async () => {
  const { result } = await deploy(() =>
    failureHook("weather", new aws.ecs.Cluster("any"), pulumi.output("command")),
  );

  assert.equal(result, undefined);
});
