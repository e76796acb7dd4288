import type { ServiceSnapshot, Snapshot, TaskSnapshot } from "../../../local/snapshot/snapshot.ts";

const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"] as const;

/** Four services over three zones with 12 replicas and two of a new revision: one zone lost, an alarm that rings, a canary under way. */
export function scriptedSnapshot(now = 247_000): Snapshot {
  return {
    now,
    speed: 1,
    program: "infra/program.ts",
    project: "mcp-servers",
    stack: "production",
    region: "us-east-1",
    endpoints: ["weather", "translator", "classifier", "documents"].map((service) => ({
      service,
      url: `http://127.0.0.1:8080/${service}/mcp`,
      authorized: service !== "weather",
    })),
    loadBalancers: [
      {
        name: "mcp",
        nodes: [
          { zone: ZONES[0], state: "in service", connections: 34, requestsPerSecond: 61.2 },
          { zone: ZONES[1], state: "in service", connections: 31, requestsPerSecond: 58.9 },
          { zone: ZONES[2], state: "lost", connections: 0, requestsPerSecond: 0 },
        ],
        rules: [1, 2, 3, 4].map((priority) => ({
          name: `rule ${priority}`,
          priority,
          conditions: "path /mcp",
          action: "forward",
          targets: [],
        })),
      },
    ],
    services: [
      service("weather", 84.3, 0, [14, 61], tasks("weather", [4, 4, 4], 28)),
      {
        ...service(
          "translator",
          31.2,
          0.4,
          [212, 940],
          [
            ...tasks("translator", [7, 7, 7], 9.4),
            task("tr8a40", 8, ZONES[0], 1.6, "healthy"),
            { ...task("tr8b51", 8, ZONES[1], 1.4, "initial"), lastStatus: "ACTIVATING" },
          ],
        ),
        deployments: [
          {
            revision: 8,
            status: "PRIMARY",
            rolloutState: "IN_PROGRESS",
            strategy: "CANARY",
            stage: "TEST_TRAFFIC_SHIFT",
            startedAt: now - 74_000,
            desired: 3,
            running: 2,
            healthy: 1,
            failed: 1,
            traffic: 10,
            reason: "One task failed its health checks.",
          },
          {
            revision: 7,
            status: "ACTIVE",
            rolloutState: "COMPLETED",
            strategy: "CANARY",
            stage: undefined,
            startedAt: now - 240_000,
            desired: 3,
            running: 3,
            healthy: 2,
            failed: 0,
            traffic: 90,
            reason: undefined,
          },
        ],
      },
      service("classifier", 4.6, 0, [38, 120], tasks("classifier", [2, 2, 2], 1.5)),
      service("documents", 0, 0, undefined, tasks("documents", [1, 1, 1], 0)),
    ],
    alarms: [
      {
        name: "translator-target-5xx",
        state: "ALARM",
        since: now - 42_000,
        reason:
          "Threshold Crossed: 2 out of the last 3 datapoints were greater than the threshold (1.0).",
        description: "The replicas of translator answer with errors.",
        ofScaling: false,
      },
      {
        name: "weather-response-time",
        state: "OK",
        since: now - 230_000,
        reason: "Threshold Crossed: 1 datapoint was not greater than the threshold (2.0).",
        description: "Half of the answers of weather take longer than two seconds.",
        ofScaling: false,
      },
      {
        name: "documents-replicas-missing",
        state: "INSUFFICIENT_DATA",
        since: now - 240_000,
        reason: "Insufficient Data: 3 datapoints were unknown.",
        description: "Fewer replicas of documents are healthy than wanted.",
        ofScaling: false,
      },
      {
        name: "TargetTracking-service/mcp/weather-AlarmHigh-0f3c",
        state: "OK",
        since: now - 200_000,
        reason: "Threshold Crossed: no datapoint was greater than the threshold (8.0).",
        description: "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy.",
        ofScaling: true,
      },
    ],
    lostZones: [ZONES[2]],
    drill: undefined,
  };
}

function tasks(name: string, revisions: readonly number[], each: number): TaskSnapshot[] {
  return revisions.map((revision, index) =>
    task(
      `${name.slice(0, 2)}${index}c${revision}f91e77`,
      revision,
      ZONES[index % 3] ?? ZONES[0],
      index === 2 ? 0 : each * 1.5,
      index === 2 ? "unhealthy" : "healthy",
    ),
  );
}

function task(
  id: string,
  revision: number,
  zone: string,
  requestsPerSecond: number,
  state: string,
): TaskSnapshot {
  return {
    id,
    revision,
    zone,
    lastStatus: "RUNNING",
    healthStatus: "HEALTHY",
    targets: ZONES.slice(0, 2).map((nodeZone) => ({
      nodeZone,
      state,
      outstanding: Math.round(requestsPerSecond / 9),
    })),
    requestsPerSecond,
    capacityProvider: "FARGATE",
    cpuPercent: Math.min(96, requestsPerSecond * 2),
    memoryMib: 148,
    startedAt: 12_000,
  };
}

function service(
  name: string,
  requestsPerSecond: number,
  failuresPerSecond: number,
  times: readonly [number, number] | undefined,
  of: readonly TaskSnapshot[],
): ServiceSnapshot {
  return {
    name,
    targetGroups: [`arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/1`],
    desired: 3,
    running: of.length,
    healthy: 2,
    minimum: 3,
    maximum: 12,
    requestsPerSecond,
    failuresPerSecond,
    p50Milliseconds: times?.[0],
    p99Milliseconds: times?.[1],
    deployments: [],
    tasks: of,
    policies: [
      {
        name: `${name}-concurrency`,
        type: "TargetTrackingScaling",
        text: "Ongoing requests a replica",
        value: requestsPerSecond === 0 ? undefined : requestsPerSecond / 12,
        target: 8,
        lastActivity: undefined,
      },
    ],
    upstreams: [],
  };
}
