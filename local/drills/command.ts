import { styleText } from "node:util";
import { LocalError } from "../graph/graph.ts";
import { readProject } from "../graph/project.ts";
import { run, type Run, type RunEvents } from "../run.ts";
import type { DrillSnapshot } from "../snapshot/snapshot.ts";
import { DRILL_USAGE, parseDrillCommandLine, type DrillCommandLine } from "./command-line.ts";
import { drillNamed } from "./drills.ts";
import type { DrillReport } from "./report/report.ts";
import { reportLines, stepLine, type Paint } from "./report/table.ts";
import { runDrill } from "./run-drill.ts";

const HELD = 0;
const BROKEN = 1;
const NOT_CARRIED_OUT = 2;
/** As shells say of what Ctrl-C has ended. */
const INTERRUPTED = 130;

/**
 * `mcp-local drill`.
 *
 * @returns the exit code: 0 where every promise held, 1 where one broke, 2 where the drill could not be carried out.
 */
export async function drillCommand(
  words: readonly string[],
  stdout: NodeJS.WritableStream,
): Promise<number> {
  const abort = new AbortController();
  const stop = (): void => {
    abort.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    const options = parseDrillCommandLine(words);
    if (options === "help") {
      stdout.write(`${DRILL_USAGE}\n`);
      return HELD;
    }
    const report = await carryOut(options, stdout, abort.signal);
    return report.state === "held" ? HELD : BROKEN;
  } catch (error) {
    // A person who stops it does not want to hear that it failed.
    if (abort.signal.aborted) return INTERRUPTED;
    if (!(error instanceof LocalError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return NOT_CARRIED_OUT;
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

async function carryOut(
  options: DrillCommandLine,
  stdout: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<DrillReport> {
  const paint: Paint = (style, text) =>
    styleText(style, text, { stream: stdout, validateStream: true });
  const write = (line: string): void => {
    if (!options.json) stdout.write(`${line}\n`);
  };
  const drill = drillNamed(options.drill);
  const speed = options.speed ?? drill.speed;
  write(
    `${paint("bold", `drill ${drill.name}`)}  ${drill.summary}${speed === 1 ? "" : `; AWS's waits ${speed} times as fast`}`,
  );
  if (drill.prepare !== undefined) write(paint("dim", drill.prepare.text));
  const project = await readProject(options.program, options.stack, options.config);
  const running = await run({
    project,
    port: options.port,
    sampleData: options.sampleData,
    containers: options.containers,
    speed,
    signal,
    events: SILENT,
    ...(drill.sampleDelayMilliseconds === undefined
      ? {}
      : { sampleDelayMilliseconds: drill.sampleDelayMilliseconds }),
    ...(drill.prepare === undefined
      ? {}
      : { transform: (graph) => drill.prepare?.change(graph, speed) ?? graph }),
  });
  try {
    await readyOrStopped(running, signal);
    write("");
    let told = 0;
    const report = await runDrill(
      drill.name,
      running,
      {
        service: options.service,
        tool: { name: options.tool, input: options.input },
        callsPerSecond: options.callsPerSecond,
        signal,
      },
      ({ steps, startedAt }: DrillSnapshot) => {
        for (const step of steps.slice(told)) write(stepLine(step, startedAt, paint));
        told = steps.length;
      },
    );
    for (const line of reportLines(report, paint)) write(line);
    if (options.json) stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    return report;
  } finally {
    await running.close();
  }
}

async function readyOrStopped({ ready }: Run, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      reject(new LocalError("The drill was stopped before its end."));
    });
  });
  stopped.catch(() => undefined);
  await Promise.race([ready, stopped]);
}

/** The drill tells what matters. */
const SILENT: RunEvents = {
  declared: () => undefined,
  happened: () => undefined,
  line: () => undefined,
  forwarded: () => undefined,
  refused: () => undefined,
};
