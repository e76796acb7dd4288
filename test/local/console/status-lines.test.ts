import assert from "node:assert/strict";
import { test } from "node:test";
import { statusLines } from "../../../local/console/status-lines.ts";
import type { Snapshot } from "../../../local/snapshot/snapshot.ts";

const SNAPSHOT: Snapshot = {
  now: 60_000,
  speed: 1,
  program: "program.ts",
  project: "p",
  stack: "dev",
  region: "us-east-1",
  endpoints: [],
  loadBalancers: [
    {
      name: "mcp",
      nodes: [
        { zone: "a", state: "in service", connections: 1, requestsPerSecond: 9.96 },
        { zone: "b", state: "lost", connections: 0, requestsPerSecond: 0 },
      ],
      rules: [],
    },
  ],
  services: [
    {
      name: "weather",
      targetGroups: [],
      desired: 2,
      running: 2,
      healthy: 1,
      minimum: 2,
      maximum: 20,
      requestsPerSecond: 9.96,
      failuresPerSecond: 0.72,
      p50Milliseconds: 8.4,
      p99Milliseconds: 2500,
      deployments: [
        {
          revision: 2,
          status: "PRIMARY",
          rolloutState: "IN_PROGRESS",
          strategy: "CANARY",
          stage: "BAKE_TIME",
          startedAt: 0,
          desired: 2,
          running: 2,
          healthy: 1,
          failed: 1,
          traffic: 10,
          reason: undefined,
        },
      ],
      tasks: ["a", "b"].map((zone, index) => ({
        id: `${index}bcdef0123`,
        revision: 2,
        zone,
        lastStatus: "RUNNING",
        healthStatus: "HEALTHY",
        targets: [
          { nodeZone: "a", state: "healthy", outstanding: 3 },
          { nodeZone: "b", state: "unhealthy", outstanding: 1 },
        ],
        requestsPerSecond: 4,
        capacityProvider: "FARGATE",
        cpuPercent: undefined,
        memoryMib: undefined,
        startedAt: 0,
      })),
      policies: [
        {
          name: "cpu",
          type: "TargetTrackingScaling",
          text: "keeps the processor at its target",
          value: 12.34,
          target: 70,
          lastActivity: undefined,
        },
      ],
      upstreams: [],
    },
  ],
  alarms: [
    {
      name: "weather-errors",
      state: "ALARM",
      since: 48_000,
      reason: "too many",
      description: "",
      ofScaling: false,
    },
    { name: "x", state: "OK", since: 0, reason: "", description: "", ofScaling: false },
  ],
  lostZones: ["b"],
  drill: undefined,
};

test("GIVEN a run with a zone lost and a canary under way WHEN its state is asked for in the terminal THEN the lines say what the page draws", () => {
  assert.deepEqual(statusLines(SNAPSHOT), [
    "",
    "  mcp            10/s over its nodes: a 10/s, b lost",
    "  weather        1 of 2 (2 to 20) healthy, 10/s, 0.7/s fail, p50 8 ms, p99 2500 ms",
    "                 revision 2 IN_PROGRESS BAKE_TIME: 1 of 2 healthy, 1 failed, 10 % of the traffic",
    "                 keeps the processor at its target: 12.3",
    "                 0bcdef  a  revision 2  RUNNING, healthy for 1 of 2 nodes  4/s, 4 outstanding",
    "                 1bcdef  b  revision 2  no power  4/s, 4 outstanding",
    "  alarms         1 of 2 in ALARM",
    "                 weather-errors for 12 s: too many",
    "",
  ]);
});
