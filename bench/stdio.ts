/**
 * What the stdio server costs: `npm run bench:stdio [-- --rounds 7] [-- --seconds 1]`. The same child, made with the MCP SDK, is asked over its pipes by this
 * process, and over HTTP through the stdio server; beside both, a bare HTTP server of Node that says what it is told, and the least that a wrapper can be. In
 * turn, in one run. What a wrapper adds is its round trip less that of the bare hop and that of the child.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { EchoLoad, EchoReport } from "./gateway/generator.ts";
import { cpuMicroseconds, freePort, startProgram, type BenchProcess } from "./processes.ts";
import { tellVerdict } from "./server/beside.ts";
import { quantile, spread } from "./statistics.ts";
import { childrenOf } from "./stdio/children.ts";
import { startDirectChild } from "./stdio/direct.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "1" },
  },
});
const ROUNDS = Number(options.rounds);
const SECONDS = Number(options.seconds);
const BYTES = 200;
/** As many as make both children work all the time. */
const MANY = 32;
/** V8 compiles for that long. */
const WARM_CALLS = 40_000;
const WARM_SECONDS = 2;
const MOST_ADDED_MILLISECONDS = 0.2;

const folder = await mkdtemp(join(tmpdir(), "bench-stdio-"));
const CHILD = [process.execPath, join(import.meta.dirname, "stdio", "child.ts")] as const;

async function startWrapper(processes: number): Promise<BenchProcess> {
  const port = await freePort();
  return startProgram({
    command: process.execPath,
    words: [join(import.meta.dirname, "..", "service", "main.ts"), "stdio", "--", ...CHILD],
    port,
    environment: {
      HOST: "127.0.0.1",
      PORT: String(port),
      AUTH_MODE: "none",
      NODE_ENV: "production",
      DRAIN_SECONDS: "0",
      STDIO_PROCESSES: String(processes),
    },
    logFile: join(folder, `stdio-${processes}.log`),
    readyPath: "/readyz",
  });
}

async function startEcho(): Promise<BenchProcess> {
  const port = await freePort();
  return startProgram({
    command: process.execPath,
    words: [join(import.meta.dirname, "stdio", "echo.ts"), String(port)],
    port,
    logFile: join(folder, "echo.log"),
  });
}

async function startPassing(): Promise<BenchProcess> {
  const port = await freePort();
  return startProgram({
    command: process.execPath,
    words: [join(import.meta.dirname, "stdio", "passing.ts"), String(port), ...CHILD],
    port,
    logFile: join(folder, "passing.log"),
  });
}

const direct = startDirectChild(...([CHILD[0], CHILD.slice(1)] as const));
const echo = await startEcho();
const passing = await startPassing();
const one = await startWrapper(1);
const two = await startWrapper(2);
const generator = fork(join(import.meta.dirname, "gateway", "generator.ts"));
let failed = 0;

async function send(to: BenchProcess, connections: number, seconds = SECONDS): Promise<EchoReport> {
  const call = { era: "modern", tool: "echo", bytes: BYTES } as const;
  const load = { origin: to.origin, path: "/mcp", call, seconds, pace: { connections } };
  generator.send(load satisfies EchoLoad);
  const [report] = (await once(generator, "message")) as [EchoReport];
  if (report.failed > 0) console.log(`${report.failed} calls failed: ${String(report.failure)}`);
  failed += report.failed;
  return report;
}

/** @returns the median in milliseconds, the CPU of the process and that of its children per call in µs, and calls a second. */
async function measure(to: BenchProcess, connections: number) {
  const children = childrenOf(to.pid);
  const ofChildren = (): number => children.reduce((sum, pid) => sum + cpuMicroseconds(pid), 0);
  const before = { own: to.cpuMicroseconds(), children: ofChildren() };
  const started = performance.now();
  const { latencies } = await send(to, connections);
  const seconds = (performance.now() - started) / 1000;
  return {
    median: quantile(latencies, 0.5),
    tail: quantile(latencies, 0.99),
    cpu: (to.cpuMicroseconds() - before.own) / latencies.length,
    childCpu: (ofChildren() - before.children) / latencies.length,
    rate: latencies.length / seconds,
  };
}

// The first thousands of requests of a process are slow: code is compiled.
await direct.measure(BYTES, WARM_SECONDS);
for (const each of [echo, passing, one, two]) {
  for (let calls = 0; calls < WARM_CALLS && failed === 0;)
    calls += (await send(each, MANY, WARM_SECONDS)).latencies.length;
}

const figures = new Map<string, number[]>();
const note = (name: string, value: number): void => {
  figures.set(name, [...(figures.get(name) ?? []), value]);
};
for (let round = 0; round < ROUNDS; round++) {
  const hop = await measure(echo, 1);
  const child = await direct.measure(BYTES, SECONDS);
  const least = await measure(passing, 1);
  const wrapper = await measure(one, 1);
  const medians = { hop: hop.median, child: quantile(child, 0.5), wrapper: wrapper.median };
  note("bare HTTP hop, p50 in ms", medians.hop);
  note("direct child, p50 in ms", medians.child);
  note("stdio server, p50 in ms", medians.wrapper);
  note("added, p50 in ms", medians.wrapper - medians.hop - medians.child);
  note("added by the least wrapper, p50 in ms", least.median - medians.hop - medians.child);
  note("added, p99 in ms", wrapper.tail - hop.tail - quantile(child, 0.99));
  note("CPU of the stdio server per call, 1 connection, in µs", wrapper.cpu);
  note("CPU of its child per call, 1 connection, in µs", wrapper.childCpu);
  note("CPU of the least wrapper per call, 1 connection, in µs", least.cpu);
  for (const [name, to] of [
    ["1 child", one],
    ["2 children", two],
  ] as const) {
    const { cpu, childCpu, rate } = await measure(to, MANY);
    note(`CPU of the stdio server per call, ${MANY} connections, ${name}, in µs`, cpu);
    note(`CPU of its children per call, ${MANY} connections, ${name}, in µs`, childCpu);
    note(`calls a second, ${MANY} connections, ${name}`, rate);
  }
  note(
    `CPU of the least wrapper per call, ${MANY} connections, in µs`,
    (await measure(passing, MANY)).cpu,
  );
  note("load average", loadavg()[0] ?? 0);
}
generator.disconnect();
await Promise.all([direct, echo, passing, one, two].map((each) => each.end()));
await rm(folder, { recursive: true, force: true });

console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}; ${ROUNDS} rounds of ${SECONDS} s; median and extremes.`,
);
for (const [name, values] of figures)
  console.log(`${spread(values, name.endsWith("ms") ? 3 : 0).padStart(24)}  ${name}`);
const added = quantile(figures.get("added, p50 in ms") ?? [], 0.5);
console.log(
  `${added <= MOST_ADDED_MILLISECONDS && failed === 0 ? "met" : "MISSED"}: at most ${MOST_ADDED_MILLISECONDS} ms added to the median, and no call failed (${failed}).`,
);
tellVerdict({
  what: `ms added to the median by the stdio server, ${failed} calls failed`,
  figure: failed === 0 ? added : Number.POSITIVE_INFINITY,
  most: MOST_ADDED_MILLISECONDS,
});
process.exitCode = added <= MOST_ADDED_MILLISECONDS && failed === 0 ? 0 : 1;
