import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Outcome } from "../../local/balancer/forward.ts";
import type { Graph } from "../../local/graph/graph.ts";
import { readProject } from "../../local/graph/project.ts";
import { run, type Run } from "../../local/run.ts";
import { change, setVariable } from "./in-process.ts";

const PROGRAM = join("test", "e2e", "programs", "gateway-rolling.ts");
const DECLARED_URL = "https://paced.example.com/mcp";

/** Two replicas of a gateway at work. */
export interface RollingProgram {
  readonly running: Run;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How each request at the load balancer has ended. */
  readonly outcomes: readonly Outcome[];
  /** The ids of the replicas that have not been told to leave. */
  readonly replicas: () => readonly string[];
  /** Resolves once there are two, all of them healthy and none of those named. */
  readonly haveTakenOver: (before: readonly string[]) => Promise<void>;
}

/** How long a call may take, and how long a replica that leaves keeps those that it has, in seconds. */
const CALL_SECONDS = 10;

/** Waits of minutes shortened to seconds, and the server elsewhere where it is in this test. */
function shortened(graph: Graph, url: string): Graph {
  const quick = change(graph, "aws:lb/targetGroup:TargetGroup", ({ healthCheck }) => ({
    deregistrationDelay: CALL_SECONDS,
    healthCheck: { ...(healthCheck as object), interval: 1, timeout: 1 },
  }));
  const served = change(quick, "aws:ecs/service:Service", () => ({
    alarms: undefined,
    healthCheckGracePeriodSeconds: 2,
  }));
  const here = change(served, "aws:ssm/parameter:Parameter", ({ insecureValue }) => ({
    insecureValue: String(insecureValue).replace(DECLARED_URL, url),
  }));
  return [
    ["CALL_TIMEOUT_SECONDS", CALL_SECONDS],
    ["DRAIN_SECONDS", 1],
  ].reduce((changed, [name, value]) => setVariable(changed, String(name), String(value)), here);
}

const quiet = (): undefined => undefined;

/** Starts them over an upstream; they end with the test. */
export async function startRollingProgram(
  context: TestContext,
  upstreamUrl: string,
): Promise<RollingProgram> {
  const outcomes: Outcome[] = [];
  const happened = new EventEmitter();
  const running = await run({
    project: await readProject(PROGRAM, "test", {}),
    port: 0,
    sampleData: true,
    transform: (graph) => shortened(graph, upstreamUrl),
    events: {
      declared: quiet,
      line: quiet,
      refused: quiet,
      forwarded: (outcome) => {
        outcomes.push(outcome);
      },
      happened: () => {
        happened.emit("happened");
      },
    },
  });
  context.after(() => running.close());
  await running.ready;
  const [endpoint] = running.endpoints;
  const [service] = running.services;
  assert.ok(endpoint && service);
  const staying = () => service.tasks.filter(({ state }) => state !== "leaving");
  const replicas = (): readonly string[] => staying().map(({ task }) => task.id);
  return {
    running,
    url: endpoint.url,
    headers: { Authorization: `Bearer ${endpoint.token ?? ""}` },
    outcomes,
    replicas,
    haveTakenOver: async (before) => {
      const isSo = (): boolean =>
        service.tasks.length === 2 &&
        staying().length === 2 &&
        staying().every(({ task, state }) => state === "healthy" && !before.includes(task.id));
      while (!isSo()) await once(happened, "happened");
    },
  };
}
