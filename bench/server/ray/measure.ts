import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { BenchProcess } from "../../processes.ts";
import { spread } from "../../statistics.ts";
import { CONTAINER_FLAGS, containerEnvironment, start, type Bench, type Check } from "../bench.ts";
import { PROGRAMS } from "../bundle.ts";
import { forecastCall, type Era } from "../call.ts";
import { Figures, noFailures } from "../figures.ts";
import { memoryOf } from "../memory.ts";
import {
  cpuBetween,
  cpuTimes,
  killAll,
  processesOf,
  unlessEnded,
  type ServerProcesses,
} from "../processes-of.ts";
import { RAY_PYTHON, installRay, isRayInstalled, rayVersions } from "./install.ts";

const CONNECTIONS = 8;
const SECONDS = 2;
const ROUNDS = 3;
const WARM_SECONDS = 4;
const IDLE_SECONDS = 3;
const START_SECONDS = 120;
const TASKSET = "/usr/bin/taskset";
const PROCESSORS = "0,1";

/** How the server on Ray Serve asks the weather API. Making a client reads the system's certificates, which takes longer than all the rest. */
const CLIENTS = {
  each: "an HTTP client for each request, as in the guide",
  one: "one HTTP client",
} as const;

/** A server with all of its processes. */
interface Side {
  readonly name: string;
  readonly era: Era;
  readonly origin: string;
  readonly processes: ServerProcesses;
  readonly token: string;
}

/** The weather server beside one on Ray Serve, on two processors each, at the same stand-in for the weather API. There is no aim: it is reported. */
export async function measureRay(bench: Bench, install: boolean): Promise<readonly Check[]> {
  if (install && !isRayInstalled()) {
    try {
      await installRay();
    } catch (error) {
      console.log(`\nRay Serve cannot be installed: ${String(error)}`);
    }
  }
  if (!isRayInstalled()) {
    console.log("\nRay Serve is not measured: it is not installed (`--install`, 420 MiB).");
    return [];
  }
  const api = await startApi(bench);
  const weather = await startOurs(bench, api.origin);
  const ours: Side = {
    name: "weather server, this package",
    era: "modern",
    origin: weather.origin,
    processes: [weather.pid],
    token: bench.token,
  };
  await send(bench, ours, WARM_SECONDS);
  const figures = new Figures();
  console.log(
    `\nForecasts, two requests each to a stand-in for the weather API, ${CONNECTIONS} connections, two processors each, ${ROUNDS} rounds of ${SECONDS} s; ${await rayVersions()}`,
  );
  for (const clients of ["each", "one"] as const) {
    const marker = ["PULUMI_MCP_BENCH", randomUUID()] as const;
    // Ray starts and ends processes as it goes.
    const processes = { variable: marker.join("=") };
    try {
      const ray = await startRay(bench, api.origin, clients, marker);
      await compare(bench, figures, ours, {
        name: `Ray Serve, ${CLIENTS[clients]}`,
        era: "legacy",
        origin: ray.origin,
        processes,
        token: "",
      });
    } catch (error) {
      console.log(`Ray Serve, ${CLIENTS[clients]}, is not measured: ${String(error)}`);
    } finally {
      // Its daemons are nobody's children, and outlive what started them.
      killAll(processesOf(processes));
    }
  }
  return [noFailures("the weather servers", figures)];
}

/** Takes turns, and prints both. */
async function compare(bench: Bench, figures: Figures, ours: Side, ray: Side): Promise<void> {
  const sides = [ours, ray];
  const key = (side: Side): string => `${side.name} beside ${ray.name}`;
  await send(bench, ray, WARM_SECONDS);
  const idle = new Map<Side, number>();
  for (const side of sides) {
    const before = cpuTimes(side.processes);
    await delay(IDLE_SECONDS * 1000);
    idle.set(side, cpuBetween(before, cpuTimes(side.processes)) / IDLE_SECONDS / 1000);
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const side of round % 2 === 0 ? sides : sides.toReversed())
      figures.add(key(side), await send(bench, side, SECONDS));
  for (const side of sides) {
    const reports = figures.of(key(side));
    const processes = processesOf(side.processes);
    const held = processes.reduce(
      (sum, pid) => sum + (unlessEnded(() => memoryOf(pid, "VmRSS")) ?? 0),
      0,
    );
    console.log(
      `${side.name.padEnd(60)} CPU per call ${spread(figures.cpu(key(side)), 0)} µs; ${spread(figures.rate(key(side)), 0)} calls/s;` +
        ` p50 ${spread(reports.map((each) => each.median))} ms; p99 ${spread(reports.map((each) => each.tail))} ms;` +
        ` ${processes.length} processes, ${held.toFixed(0)} MiB, idle ${(idle.get(side) ?? 0).toFixed(1)} ms of CPU a second`,
    );
  }
  console.log(
    `  times the CPU per call of this package's: ${spread(figures.share(key(ours), key(ray)), 1)}`,
  );
}

function send(bench: Bench, side: Side, seconds: number) {
  const call = forecastCall(side.era);
  return bench.generator.send({
    port: Number(new URL(side.origin).port),
    processes: side.processes,
    call: { ...call, headers: { ...call.headers, Authorization: `Bearer ${side.token}` } },
    pace: { connections: CONNECTIONS, seconds },
  });
}

/** On the first two processors alone, where there are more and the system can say so. */
function pinned(command: string, words: readonly string[]) {
  return existsSync(TASKSET)
    ? { command: TASKSET, words: ["-c", PROCESSORS, command, ...words] }
    : { command, words };
}

function startApi(bench: Bench): Promise<BenchProcess> {
  return start(bench, "weather-api", {
    command: process.execPath,
    words: [join(import.meta.dirname, "..", "weather-api.ts")],
  });
}

function startOurs(bench: Bench, api: string): Promise<BenchProcess> {
  return start(bench, "weather", {
    ...pinned(process.execPath, [...CONTAINER_FLAGS, PROGRAMS.container, "weather"]),
    environment: { ...containerEnvironment(bench), WEATHER_API_URL: api },
    readyPath: "/readyz",
  });
}

async function startRay(
  bench: Bench,
  api: string,
  clients: keyof typeof CLIENTS,
  [name, value]: readonly [string, string],
): Promise<BenchProcess> {
  const running = await start(bench, `ray-${clients}`, {
    ...pinned(RAY_PYTHON, [join(import.meta.dirname, "weather.py"), api, clients]),
    environment: { [name]: value, RAY_USAGE_STATS_ENABLED: "0" },
    readyPath: "/-/healthz",
    startSeconds: START_SECONDS,
  });
  // Its proxy answers, and its replicas come later.
  const started = performance.now();
  while ((await fetch(`${running.origin}/openapi.json`)).status !== 200) {
    if (performance.now() - started > START_SECONDS * 1000)
      throw new Error("The replicas of Ray Serve are not ready in time.");
    await delay(200);
  }
  return running;
}
