import { readFileSync } from "node:fs";
import { at, endAll, startRuntime, type Bench, type Check } from "./bench.ts";
import { addCall } from "./call.ts";
import { Figures, noFailures } from "./figures.ts";
import { startSink, telemetryEnvironment } from "./telemetry.ts";

const CALLS = 20_000;
const CONNECTIONS = 32;
const MOST_MEBIBYTES = 160;

/** What a replica with the container's flags holds after many calls; collectors of garbage run when they want to. */
export async function measureMemory(bench: Bench): Promise<readonly Check[]> {
  const sink = await startSink(bench);
  const contenders = [
    await startRuntime(bench, "runtime"),
    await startRuntime(bench, "runtime, 5 % traced", telemetryEnvironment(sink, 0.05)),
  ] as const;
  const figures = new Figures();
  console.log(`\nMemory of the process (RSS) after ${CALLS} calls, in MiB`);
  const held: number[] = [];
  for (const contender of contenders) {
    const { pid } = contender.process;
    const idle = memoryOf(pid, "VmRSS");
    for (const era of contender.eras)
      figures.add(
        contender.name,
        await bench.generator.send({
          ...at(contender),
          call: addCall(era, bench.token),
          pace: { connections: CONNECTIONS, calls: CALLS / contender.eras.length },
        }),
      );
    const after = memoryOf(pid, "VmRSS");
    held.push(after);
    console.log(
      `${contender.name.padEnd(24)} ${after.toFixed(0)} (idle ${idle.toFixed(0)}, peak ${memoryOf(pid, "VmHWM").toFixed(0)})`,
    );
  }
  await endAll([...contenders, sink]);
  const [plain, observed] = held;
  return [
    { what: "MiB after load", figure: plain ?? Number.NaN, most: MOST_MEBIBYTES },
    {
      what: "MiB after load, 5 % of calls traced",
      figure: observed ?? Number.NaN,
      most: MOST_MEBIBYTES,
    },
    noFailures("memory", figures),
  ];
}

/** @param field of `/proc/<pid>/status` (proc(5)). @returns mebibytes. */
export function memoryOf(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(String.raw`^${field}:\s+(\d+) kB`, "mu").exec(status)?.[1]) / 1024;
}
