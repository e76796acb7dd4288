import type { styleText } from "node:util";
import type { Cause } from "../evidence/classification.ts";
import type { ClientCounts } from "../evidence/counts.ts";
import { PHASES, type DrillReport, type Step } from "./report.ts";

/** Writes in colour, or leaves text as it is. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

const LABEL_WIDTH = 42;
const COLUMN_WIDTH = 10;

/** The causes in the order in which a reader asks for them. */
const CAUSES: readonly Cause[] = [
  "lost in flight",
  "sent to a dead target",
  "shed",
  "shed beside a replica with room",
  "failed though it could have been served",
];

/** A step as it happens; times are those of AWS since the drill began. */
export function stepLine({ at, text }: Step, startedAt: number, paint: Paint): string {
  return `  ${paint("dim", duration(at - startedAt).padStart(9))}  ${text}`;
}

/** The report as a person reads it. */
export function reportLines(report: DrillReport, paint: Paint): string[] {
  const { plain, retrying } = report.clients;
  const row = (label: string, cells: readonly string[]): string =>
    `  ${label.padEnd(LABEL_WIDTH)}${cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join("")}`;
  const counts = (label: string, of: (client: ClientCounts) => number): string =>
    row(
      label,
      [plain, retrying].map((client) => String(of(client))),
    );
  return [
    "",
    paint("dim", row("", ["plain", "retrying"])),
    counts("calls", ({ calls }) => calls),
    counts("requests", ({ attempts }) => attempts),
    ...CAUSES.map((cause) => counts(`  ${cause}`, ({ causes }) => causes[cause])),
    counts("calls that failed in the end", ({ failed }) => failed),
    "",
    paint("dim", row("", PHASES)),
    ...([0.5, 0.99] as const).map((share) =>
      row(
        `answered within, p${share * 100}`,
        PHASES.map((phase) => {
          const { p50Milliseconds, p99Milliseconds } = report.latency[phase];
          return latency(share === 0.5 ? p50Milliseconds : p99Milliseconds);
        }),
      ),
    ),
    ...timing(report, row),
    "",
    ...report.promises.map(({ text, held, seen }) =>
      held
        ? `  ${paint("green", "held  ")}  ${text}`
        : `  ${paint("red", "broken")}  ${text}${seen === undefined ? "" : `: ${seen}`}`,
    ),
    ...unexplainedLines(report),
    "",
    ...notes(report).map((note) => paint("dim", `  ${note}`)),
  ];
}

function timing(
  { faults, detectionMilliseconds, recoveryMilliseconds }: DrillReport,
  row: (label: string, cells: readonly string[]) => string,
): string[] {
  if (faults.length === 0) return [];
  return [
    "",
    row("last request sent to what was broken", [
      detectionMilliseconds === undefined ? "none" : duration(detectionMilliseconds),
    ]),
    row("as many healthy replicas as wanted after", [
      recoveryMilliseconds === undefined ? "never" : duration(recoveryMilliseconds),
    ]),
  ];
}

function unexplainedLines({ unexplained, startedAt }: DrillReport): string[] {
  if (unexplained.length === 0) return [];
  return [
    "",
    "  Requests that could have been served:",
    ...unexplained.map(
      ({ at, traceId, status, problem, outcome, target }) =>
        `    ${duration(at - startedAt).padStart(7)}  ${status === 0 ? "–" : status}  ${outcome ?? "not in the load balancer's log"}` +
        `  ${target?.slice(0, 6) ?? "no target"}  ${problem ?? ""}  ${traceId}`,
    ),
  ];
}

function notes({ tool, callsPerSecond, speed, notModelled }: DrillReport): string[] {
  return [
    `${callsPerSecond} calls a second of \`${tool.name}\` with ${JSON.stringify(tool.input)}, half by a client that gives up at once, half by one that repeats${tool.repeatable ? "" : " (but for this tool only where nothing was sent)"}.`,
    ...(speed === 1
      ? []
      : [
          `AWS's waits went by ${speed} times as fast; times above are AWS's, durations of calls and numbers of them are real.`,
        ]),
    ...notModelled.map((note) => `On AWS ${note}.`),
  ];
}

function latency(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "–";
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${milliseconds.toFixed(0)} ms`;
}

/** `3.2 s`, `4 min 5 s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
