import type { Run } from "../../run.ts";
import type { Drill } from "../drill.ts";
import { count, type Explained } from "../evidence/counts.ts";
import type { Journal } from "../evidence/journal.ts";
import { quantile } from "../evidence/quantile.ts";
import type { CalledTool } from "../traffic/tools.ts";
import { commonPromises, plannedChangeFailsNothing, promised } from "./promises.ts";
import { causesOf } from "./snapshot-counts.ts";
import type { DrillReport, Latency, Phase, Promised, Step, Unexplained } from "./report.ts";

/** What is known when a drill has ended. */
export interface Ended {
  readonly drill: Drill;
  readonly journal: Journal;
  readonly run: Pick<Run, "clock" | "speed">;
  readonly url: string;
  readonly tool: CalledTool;
  readonly callsPerSecond: number;
  readonly startedAt: number;
  readonly steps: readonly Step[];
  /** The drill's own. */
  readonly promises: readonly Promised[];
}

/** Enough to see a pattern. */
const MOST_UNEXPLAINED = 10;

export function buildReport(ended: Ended): DrillReport {
  const { drill, journal, run, tool } = ended;
  const explained = journal.explained();
  const clients = { plain: count(explained, "plain"), retrying: count(explained, "retrying") };
  const promises = [
    promised("Calls were made and answered", clients.plain.causes.answered > 0, "none"),
    ...(drill.planned ? [plannedChangeFailsNothing(clients)] : []),
    ...commonPromises(clients, tool.repeatable),
    ...ended.promises,
  ];
  const { firstFault, lastSentToBroken, wholeAt } = journal;
  return {
    name: drill.name,
    state: promises.every(({ held }) => held) ? "held" : "broken",
    speed: run.speed,
    startedAt: ended.startedAt,
    endedAt: run.clock.now(),
    url: ended.url,
    tool,
    callsPerSecond: ended.callsPerSecond,
    steps: ended.steps,
    faults: journal.faults,
    clients,
    causes: causesOf(explained),
    detectionMilliseconds: since(firstFault, lastSentToBroken),
    recoveryMilliseconds: since(firstFault, wholeAt),
    latency: {
      before: latencyOf(explained, journal, "before", run.speed),
      during: latencyOf(explained, journal, "during", run.speed),
      after: latencyOf(explained, journal, "after", run.speed),
    },
    unexplained: unexplained(explained),
    promises,
    notModelled: drill.notModelled,
  };
}

function since(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}

/** Requests take real time, however fast the models go. */
function latencyOf(
  explained: readonly Explained[],
  journal: Journal,
  phase: Phase,
  speed: number,
): Latency {
  const durations = explained
    .filter(
      ({ attempt, cause }) => cause === "answered" && journal.phaseAt(attempt.startedAt) === phase,
    )
    .map(({ attempt }) => (attempt.endedAt - attempt.startedAt) / speed);
  return {
    calls: durations.length,
    p50Milliseconds: quantile(durations, 0.5),
    p99Milliseconds: quantile(durations, 0.99),
  };
}

function unexplained(explained: readonly Explained[]): Unexplained[] {
  return explained
    .filter(({ cause }) => cause === "failed though it could have been served")
    .slice(0, MOST_UNEXPLAINED)
    .map(({ attempt, record }) => ({
      at: attempt.startedAt,
      traceId: attempt.traceId,
      status: attempt.status,
      problem: attempt.problem,
      outcome: record?.outcome,
      target: record?.target,
      nodeZone: record?.nodeZone,
    }));
}
