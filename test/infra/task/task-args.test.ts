import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkTaskArguments,
  executeCommandVolumes,
  writtenVolumes,
  type TaskArguments,
} from "../../../infra/task/task-args.ts";
import type { TelemetryArguments } from "../../../infra/observability/telemetry-args.ts";
import { assertRefused } from "../mocks.ts";

const AGENT = `agent@sha256:${"0".repeat(64)}`;

function checked(
  args: TaskArguments & TelemetryArguments,
  port = 8080,
  instancesArgument?: string,
): void {
  checkTaskArguments("McpService", args, {
    port,
    cpu: 0.25,
    memory: 512,
    maxOngoingRequests: 100,
    instancesArgument,
    fargateSpotWeight: 0,
    instanceCapacity: undefined,
  });
}

test("GIVEN what a replica may have beside its server WHEN it is checked THEN it passes", () => {
  checked({});
  checked({
    sidecars: [
      {
        name: "cache",
        image: "redis@sha256:ab",
        cpu: 0.2,
        ports: [6379],
        mountPoints: [{ volume: "data", containerPath: "/data" }],
      },
    ],
    volumes: [{ name: "data", containerPath: "/data" }],
    targetOptimizerImage: AGENT,
    ephemeralStorageGib: 21,
  });
  checked({ ephemeralStorageGib: 200 });
  checked({}, 8080, "capacity");
  // Without the agent its ports are free, and without the collector its own.
  checked({}, 9080);
  checked({ traceSamplePercent: 0 }, 4318);
});

test("GIVEN disks that Fargate does not have, or none of their own WHEN they are checked THEN they are refused", () => {
  for (const ephemeralStorageGib of [20, 201, 21.5]) {
    assertRefused(() => {
      checked({ ephemeralStorageGib });
    }, `McpService: \`ephemeralStorageGib\` is ${ephemeralStorageGib}; give a whole number of GiB from 21 to 200.`);
  }
  assertRefused(() => {
    checked({ ephemeralStorageGib: 30 }, 8080, "capacity");
  }, "McpService: `ephemeralStorageGib` is given beside `capacity`: a replica has a disk of its own on Fargate alone. Leave it out, and set `volumeSizeGib` of" + " the capacity.");
});

test("GIVEN a server or a sidecar on a port of the agent WHEN it is checked THEN it is refused", () => {
  for (const port of [9080, 9081]) {
    assertRefused(() => {
      checked({ targetOptimizerImage: AGENT }, port);
    }, `McpService: \`port\` is ${port}, on which the target control agent listens: the containers of a replica share one network. Give another port.`);
    assertRefused(
      () => {
        checked({
          targetOptimizerImage: AGENT,
          sidecars: [{ name: "cache", image: "redis", ports: [port] }],
        });
      },
      `McpService: \`sidecars.cache.ports\` has ${port}, on which the target control agent listens already: the containers of a replica share one network. Give` +
        " one of them another port.",
    );
  }
});

test("GIVEN a server or a sidecar on a port of the collector WHEN it is checked THEN it is refused", () => {
  for (const port of [4317, 4318, 13_133]) {
    assertRefused(() => {
      checked({}, port);
    }, `McpService: \`port\` is ${port}, on which the collector listens: the containers of a replica share one network. Give another port.`);
    assertRefused(
      () => {
        checked({ sidecars: [{ name: "own", image: "own", ports: [port] }] });
      },
      `McpService: \`sidecars.own.ports\` has ${port}, on which the collector listens already: the containers of a replica share one network. Give one of them` +
        " another port.",
    );
  }
});

test("GIVEN a sidecar with the collector's name WHEN it is checked THEN it is refused beside the collector alone", () => {
  const sidecars = [{ name: "collector", image: "otel", ports: [4318] }];
  checked({ sidecars, traceSamplePercent: 0 });
  assertRefused(() => {
    checked({ sidecars });
  }, "McpService: a sidecar has the name `collector`, which another container of the replica has. Give each one of its own.");
});

test("GIVEN sidecars that leave the server nothing beside the collector WHEN they are checked THEN they are refused, and pass without it", () => {
  const sidecars = [{ name: "cache", image: "redis", memory: 400 }];
  checked({ sidecars, traceSamplePercent: 0 });
  assertRefused(() => {
    checked({ sidecars });
  }, "McpService: `sidecars` take 400 MiB and `memory` is 512, of which the collector has 128: that leaves the server none. Give a larger `memory`, or the sidecars" + " less, or set `traceSamplePercent` to 0.");
});

test("GIVEN a sidecar with the agent's name WHEN it is checked THEN it is refused beside the agent alone", () => {
  const sidecars = [{ name: "target-control-agent", image: "redis" }];
  checked({ sidecars });
  assertRefused(() => {
    checked({ sidecars, targetOptimizerImage: AGENT });
  }, "McpService: a sidecar has the name `target-control-agent`, which another container of the replica has. Give each one of its own.");
});

test("GIVEN containers with a read-only root WHEN sessions are allowed THEN each has volumes of its own for its agent", () => {
  assert.deepEqual(
    executeCommandVolumes({
      sidecars: [
        { name: "closed", image: "a" },
        { name: "open", image: "a", readonlyRootFilesystem: false },
      ],
      targetOptimizerImage: AGENT,
    }).map(({ name }) => name),
    [
      "ssm-agent-logs",
      "ssm-agent-state",
      "ssm-agent-logs-closed",
      "ssm-agent-state-closed",
      "ssm-agent-logs-target-control-agent",
      "ssm-agent-state-target-control-agent",
      "ssm-agent-logs-collector",
      "ssm-agent-state-collector",
    ],
  );
});

test("GIVEN volumes that the server only reads WHEN a sidecar writes to one THEN that one is written, and no other", () => {
  const written = writtenVolumes({
    volumes: [
      { name: "data", containerPath: "/data" },
      { name: "models", containerPath: "/models", readOnly: true },
      { name: "fixed", containerPath: "/fixed", readOnly: true },
    ],
    sidecars: [
      {
        name: "loader",
        image: "loader",
        mountPoints: [
          { volume: "models", containerPath: "/models" },
          { volume: "fixed", containerPath: "/fixed", readOnly: true },
        ],
      },
    ],
  });

  assert.deepEqual([...written].sort(), ["data", "models"]);
});
