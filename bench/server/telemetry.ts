import { join } from "node:path";
import { spread } from "../statistics.ts";
import {
  at,
  endAll,
  start,
  startRuntime,
  type Bench,
  type Check,
  type Contender,
} from "./bench.ts";
import { addCall } from "./call.ts";
import { warmUp } from "./contenders.ts";
import { Figures, median, noFailures, withShare } from "./figures.ts";

const CONNECTIONS = 8;
const WARM_SECONDS = 3;
/** What waits is sent this often, in seconds, so that a measurement has its share of that work in it. */
const EXPORT_SECONDS = 0.5;
/** Until everything that a measurement has left is sent, and a little longer. */
const SETTLE_SECONDS = 0.6;
/** So that what is sent is no more often, for each span, than it is where there are thousands of calls between two exports. */
const LEAST_SECONDS = 0.8;

/** What telemetry costs: nothing is sent, 5 percent of the calls are traced, all of them are, and 5 percent beside metrics in the log. */
export async function measureTelemetry(bench: Bench): Promise<readonly Check[]> {
  const sink = await startSink(bench);
  const off = await startRuntime(bench, "no telemetry");
  const some = await startRuntime(bench, "5 % traced", telemetryEnvironment(sink, 0.05));
  const all = await startRuntime(bench, "all traced", telemetryEnvironment(sink, 1));
  const measured = await startRuntime(bench, "5 % traced, metrics", {
    ...telemetryEnvironment(sink, 0.05),
    MCP_METRICS: "emf",
  });
  const contenders = [off, some, all, measured];
  for (const contender of contenders) await warmUp(bench, contender, WARM_SECONDS);
  const figures = new Figures();
  for (let round = 0; round < bench.rounds; round++)
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed())
      figures.add(
        contender.name,
        await bench.generator.send({
          ...at(contender),
          call: addCall("modern", bench.token),
          pace: { connections: CONNECTIONS, seconds: Math.max(LEAST_SECONDS, bench.seconds) },
          settleSeconds: SETTLE_SECONDS,
        }),
      );
  const sent = Number(await (await fetch(sink.process.origin)).text());
  await endAll([...contenders, sink]);
  console.log(
    `\nCPU per call with OpenTelemetry over OTLP, ${CONNECTIONS} connections, and how many times that without`,
  );
  for (const { name } of contenders) {
    const ratios = figures.share(off.name, name);
    console.log(
      `${name.padEnd(20)} ${withShare(figures.cpu(name), name === off.name ? undefined : ratios)}`,
    );
  }
  const ratios = figures.share(off.name, some.name);
  return [
    {
      what: `× the CPU without telemetry, 5 % of calls traced, ${spread(ratios)}`,
      figure: median(ratios),
      most: 1.1,
    },
    { what: "MiB of traces arrived", figure: sent / 1024 / 1024, least: 0.01 },
    noFailures("telemetry", figures),
  ];
}

/** What takes traces, in a process of its own. */
export async function startSink(bench: Bench): Promise<Contender> {
  const running = await start(bench, "sink", {
    command: process.execPath,
    words: [join(import.meta.dirname, "otlp-sink.ts")],
  });
  return { name: "sink", process: running, eras: [], isPeer: true };
}

/** The variables that the component sets where traces are on (infra/observability/trace-variables.ts), but for how often spans are sent. */
export function telemetryEnvironment(sink: Contender, share: number): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.process.origin,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_SERVICE_NAME: "bench",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: String(share),
    OTEL_BSP_SCHEDULE_DELAY: String(EXPORT_SECONDS * 1000),
  };
}
