import type { Endpoint } from "../endpoints.ts";
import { LocalError } from "../graph/graph.ts";
import type { Run } from "../run.ts";
import type { DrillSnapshot } from "../snapshot/snapshot.ts";
import { drillNamed } from "./drills.ts";
import { declaredLimit } from "./declared-limit.ts";
import { Journal } from "./evidence/journal.ts";
import { buildReport } from "./report/build.ts";
import type { DrillReport, Promised, Step } from "./report/report.ts";
import { causesOf, snapshotCounts } from "./report/snapshot-counts.ts";
import { LOOK_MILLISECONDS, openStage } from "./stage.ts";
import { HttpClient, type ClientOptions } from "./traffic/client.ts";
import { findTool } from "./traffic/discovery.ts";
import { startTraffic } from "./traffic/traffic.ts";
import type { WantedTool } from "./traffic/tools.ts";

/** How a drill is run; everything has a default. */
export interface DrillOptions {
  /** Which of the program's services; default: the first one that has an endpoint. */
  readonly service?: string | undefined;
  readonly tool?: WantedTool | undefined;
  /** Calls a second. */
  readonly callsPerSecond?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long a client waits for a connection, on the run's clock; the load balancer's own limit towards its targets, too. */
const CONNECT_MILLISECONDS = 10_000;

/** For how long a client waits for an answer, on the run's clock: as MCP's SDKs do by default. */
const SILENCE_MILLISECONDS = 60_000;

/** Calls take real time, however fast the models go. */
const LEAST_SILENCE_MILLISECONDS = 10_000;

/** What is under way when a drill ends may finish: longer than a client repeats. */
const END_GRACE_MILLISECONDS = 60_000;

/** How often those who watch are told, in real time. */
const TELL_MILLISECONDS = 500;

/**
 * Carries a drill out on a run whose services are healthy.
 *
 * @param progress hears of every step, and of the counts twice a second.
 * @throws {LocalError} where the drill cannot be carried out, or was stopped.
 */
export async function runDrill(
  name: string,
  run: Run,
  options: DrillOptions = {},
  progress: (snapshot: DrillSnapshot) => void = () => undefined,
): Promise<DrillReport> {
  const drill = drillNamed(name);
  const { url, token, service } = endpointFor(run, options.service ?? drill.service?.(run));
  const clientOptions = clientOptionsFor(run.speed);
  const wanted = { ...drill.tool?.(run, service), ...options.tool };
  const tool = await toolAt({ url, token }, clientOptions, wanted);
  const journal = new Journal(declaredLimit(run, service), LOOK_MILLISECONDS * run.speed * 2);
  const callsPerSecond = options.callsPerSecond ?? drill.callsPerSecond;
  const steps: Step[] = [];
  const startedAt = run.clock.now();
  const tell = (state: DrillSnapshot["state"], promises: readonly Promised[] = []): void => {
    const counts = snapshotCounts(causesOf(journal.explained()));
    progress({ name, state, startedAt, steps: [...steps], counts, promises });
  };
  const toRunTime = runTime(run);
  const traffic = await startTraffic(
    { destination: { url, token }, tool, options: clientOptions },
    (attempt) =>
      journal.attempts.push({
        ...attempt,
        startedAt: toRunTime(attempt.startedAt),
        endedAt: toRunTime(attempt.endedAt),
      }),
  );
  const unsubscribe = run.onRequest((record) => {
    journal.records.push({ ...record, endedAt: run.clock.now() });
  });
  const signal = options.signal ?? new AbortController().signal;
  const stage = openStage({
    run,
    serviceName: service,
    url,
    token,
    tool,
    journal,
    traffic,
    callsPerSecond,
    clientOptions,
    signal,
    onStep: (step) => {
      steps.push(step);
      tell("running");
    },
  });
  const telling = setInterval(() => {
    tell("running");
  }, TELL_MILLISECONDS);
  // Who stops a drill does not wait for what is under way.
  signal.addEventListener("abort", () => void traffic.close(), { once: true });
  try {
    traffic.setRate(callsPerSecond);
    const promises = await drill.perform(stage);
    await traffic.end(END_GRACE_MILLISECONDS);
    signal.throwIfAborted();
    const report = buildReport({
      drill,
      journal,
      run,
      url,
      tool,
      callsPerSecond,
      startedAt,
      steps,
      promises,
    });
    tell(report.state, report.promises);
    return report;
  } finally {
    clearInterval(telling);
    unsubscribe();
    stage.close();
    await traffic.close();
  }
}

function endpointFor(run: Run, service: string | undefined): Endpoint {
  const found = run.endpoints.find(
    (endpoint) => service === undefined || endpoint.service === service,
  );
  if (found !== undefined) return found;
  const names = run.endpoints.map((endpoint) => `\`${endpoint.service}\``).join(", ");
  throw new LocalError(
    service === undefined
      ? "The program declares no service with an endpoint, so that there is nothing to call."
      : `\`--service\` is \`${service}\`, which has no endpoint. Give one of ${names}.`,
  );
}

function clientOptionsFor(speed: number): ClientOptions {
  return {
    connectMilliseconds: CONNECT_MILLISECONDS / speed,
    silenceMilliseconds: Math.max(SILENCE_MILLISECONDS / speed, LEAST_SILENCE_MILLISECONDS),
  };
}

async function toolAt(
  destination: { readonly url: string; readonly token: string | undefined },
  options: ClientOptions,
  wanted: WantedTool,
): ReturnType<typeof findTool> {
  const client = new HttpClient(destination, options);
  try {
    return await findTool(client, wanted);
  } finally {
    await client.close();
  }
}

/** Converts milliseconds since 1970 to those of the run's clock. */
function runTime({ clock, speed }: Run): (time: number) => number {
  const real = performance.timeOrigin + performance.now();
  const modelled = clock.now();
  return (time) => modelled + (time - real) * speed;
}
