/**
 * What the gateway costs: `npm run bench:gateway [-- --peers] [-- --install] [-- --rounds 5] [-- --seconds 0.4] [-- --rate 500]`. The same calls go
 * straight to a bare server, through a bare reverse proxy of Node and through the gateway; with `--peers` also through those of others that are
 * installed; in turn, in one run, from callers in a process of their own. `--install` installs the others into a cache folder first.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { EchoCall } from "./gateway/call.ts";
import type { EchoLoad, EchoReport } from "./gateway/generator.ts";
import { measureList, measureProgress } from "./gateway/lists-and-streams.ts";
import { PEERS } from "./gateway/peers.ts";
import { freePort, startProgram, type BenchProcess } from "./processes.ts";
import { CONTAINER_FLAGS } from "./server/bench.ts";
import { quantile, spread } from "./statistics.ts";

const { values: options } = parseArgs({
  options: {
    install: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "0.4" },
    rate: { type: "string", default: "500" },
  },
});
const ROUNDS = Number(options.rounds);
const SECONDS = Number(options.seconds);
const RATE = Number(options.rate);

const SIZES = [200, 20_000];
const CONNECTIONS = [1, 8, 32];
/** Some forty thousand calls of the small size: V8 compiles for about as long. */
const WARM_SECONDS = 24;
/** What others cost is told apart by factors, not by percents: they get less of the time. */
const PEER_WARM_SECONDS = 2;
const PEER_ROUNDS = 2;
/** At a fixed rate it takes longer until there are enough calls for a 99th percentile. */
const PACED_FACTOR = 4;
/** Of what one connection can carry, so that nobody is measured at the limit. */
const UNSATURATED = 0.5;

/** A way from the callers to the server. */
interface Way {
  readonly name: string;
  readonly process: BenchProcess;
  readonly path: string;
  readonly tool: string;
  era: EchoCall["era"];
  readonly isPeer: boolean;
}

const folder = await mkdtemp(join(tmpdir(), "bench-gateway-"));
const node = process.execPath;
const program = (name: string): string => join(import.meta.dirname, "gateway", `${name}.ts`);

const upstreamPort = await freePort();
const upstream = await startProgram({
  command: node,
  words: [program("upstream"), "http", String(upstreamPort)],
  port: upstreamPort,
  logFile: join(folder, "upstream.log"),
});
const ways: Way[] = [
  { name: "direct", process: upstream, path: "/mcp", tool: "echo", era: "modern", isPeer: false },
  {
    name: "bare proxy",
    process: await startBareProxy(),
    path: "/mcp",
    tool: "echo",
    era: "modern",
    isPeer: false,
  },
  {
    name: "gateway",
    process: await startGateway(),
    path: "/mcp",
    tool: "up__echo",
    era: "modern",
    isPeer: false,
  },
];
for (const peer of options.peers || options.install ? PEERS : []) {
  try {
    if (options.install && !peer.isInstalled()) await peer.install();
    if (!peer.isInstalled()) {
      console.log(
        `${peer.name} is not measured: ${peer.requirement} is not installed (\`--install\`).`,
      );
      continue;
    }
    const started = await peer.start({
      upstream: upstreamPort,
      program: program("upstream"),
      folder,
    });
    ways.push({ name: peer.name, ...started, era: "modern", isPeer: true });
  } catch (error) {
    console.log(`${peer.name} (${peer.requirement}) is not measured: ${String(error)}`);
  }
}
const generator = fork(program("generator"));

async function startBareProxy(): Promise<BenchProcess> {
  const port = await freePort();
  return startProgram({
    command: node,
    words: [program("bare-proxy"), String(port), String(upstreamPort)],
    port,
    logFile: join(folder, "bare-proxy.log"),
  });
}

/** As in its container, but for the bundle, which is the same code. */
async function startGateway(): Promise<BenchProcess> {
  const port = await freePort();
  const file = join(folder, "upstreams.json");
  await writeFile(file, JSON.stringify({ up: { url: `http://127.0.0.1:${upstreamPort}/mcp` } }));
  return startProgram({
    command: node,
    words: [...CONTAINER_FLAGS, join(import.meta.dirname, "..", "service", "main.ts"), "gateway"],
    port,
    environment: {
      HOST: "127.0.0.1",
      PORT: String(port),
      AUTH_MODE: "none",
      GATEWAY_UPSTREAMS_FILE: file,
      NODE_ENV: "production",
    },
    logFile: join(folder, "gateway.log"),
    readyPath: "/readyz",
  });
}

async function send(
  way: Way,
  bytes: number,
  pace: EchoLoad["pace"],
  seconds: number,
): Promise<EchoReport> {
  const { process: running, path, tool, era } = way;
  const call = { era, tool, bytes };
  generator.send({ origin: running.origin, path, call, seconds, pace } satisfies EchoLoad);
  const [report] = (await once(generator, "message")) as [EchoReport];
  return report;
}

/** Each in the revision that it speaks: the newest one, if it can. @returns whether it answers at all. */
async function findEra(way: Way): Promise<boolean> {
  for (const era of ["modern", "legacy"] as const) {
    way.era = era;
    const { latencies, failed, failure } = await send(way, 200, { connections: 1 }, 0.5);
    if (failed === 0 && latencies.length > 0) return true;
    console.log(`${way.name} does not answer a ${era} call: ${String(failure)}`);
  }
  return false;
}

interface Cell {
  readonly cpu: number[];
  readonly rate: number[];
  readonly medians: number[];
  readonly tails: number[];
  failed: number;
  failure: string | undefined;
}

const cells = new Map<string, Cell>();

function cell(...key: readonly (string | number)[]): Cell {
  const name = key.join(" ");
  const found = cells.get(name) ?? {
    cpu: [],
    rate: [],
    medians: [],
    tails: [],
    failed: 0,
    failure: undefined,
  };
  cells.set(name, found);
  return found;
}

async function measure(
  into: Cell,
  way: Way,
  bytes: number,
  pace: EchoLoad["pace"],
  seconds: number,
): Promise<void> {
  const before = way.process.cpuMicroseconds();
  const started = performance.now();
  const { latencies, failed, failure } = await send(way, bytes, pace, seconds);
  const took = (performance.now() - started) / 1000;
  const calls = latencies.length + failed;
  into.cpu.push((way.process.cpuMicroseconds() - before) / calls);
  into.rate.push(calls / took);
  into.medians.push(quantile(latencies, 0.5));
  into.tails.push(quantile(latencies, 0.99));
  into.failed += failed;
  into.failure ??= failure;
}

const began = performance.now();
const used: Way[] = [];
for (const way of ways) if (await findEra(way)) used.push(way);
// The first thousands of requests of a process are slow: code is compiled.
for (const way of used)
  for (const bytes of SIZES)
    await send(way, bytes, { connections: 8 }, (way.isPeer ? PEER_WARM_SECONDS : WARM_SECONDS) / 2);

const loads: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  // Whoever comes second finds the machine as the first one left it: they take turns.
  const measured = used.filter(({ isPeer }) => !isPeer || round < PEER_ROUNDS);
  const order = round % 2 === 0 ? measured : measured.toReversed();
  for (const bytes of SIZES) {
    for (const connections of CONNECTIONS)
      for (const way of order)
        await measure(cell(way.name, bytes, connections), way, bytes, { connections }, SECONDS);
    for (const way of order) {
      const capacity = quantile(cell(way.name, bytes, 1).rate, 0.5);
      const rate = Math.max(1, Math.min(RATE, Math.floor(capacity * UNSATURATED)));
      const into = cell(way.name, bytes, "paced");
      await measure(into, way, bytes, { rate }, SECONDS * PACED_FACTOR);
    }
  }
  loads.push(loadavg()[0] ?? 0);
}
const gateway = used.find(({ name }) => name === "gateway");
const direct = used.find(({ name }) => name === "direct");
if (gateway === undefined || direct === undefined) throw new Error("The gateway does not answer.");
const lists = await measureList(`${gateway.process.origin}/mcp`);
const progress = await measureProgress(`${gateway.process.origin}/mcp`, "up__progress");
const directProgress = await measureProgress(`${direct.process.origin}/mcp`, "progress");

generator.disconnect();
await Promise.all(ways.map((way) => way.process.end()));
await rm(folder, { recursive: true, force: true });

console.log(
  `\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}; ${ROUNDS} rounds of ${SECONDS} s each (${((performance.now() - began) / 1000).toFixed(0)} s in all); load average ${spread(loads, 1)}.`,
);
const columns = (texts: readonly string[]): string =>
  texts.map((text, index) => (index === 0 ? text.padEnd(14) : text.padStart(22))).join("");
let failures = 0;
for (const bytes of SIZES) {
  console.log(
    `\n${bytes} B: CPU of the process per call in µs, and throughput per core of the bare proxy's`,
  );
  console.log(columns(["", "era", ...CONNECTIONS.map((n) => `${n} connections`)]));
  for (const way of used) {
    const texts = CONNECTIONS.map((connections) => {
      const { cpu, failed } = cell(way.name, bytes, connections);
      if (!way.isPeer) failures += failed;
      const share = spread(shares(way.name, bytes, connections));
      return `${quantile(cpu, 0.5).toFixed(0)} ${way.name === "direct" ? "" : share}${failed > 0 ? ` ${failed} failed` : ""}`;
    });
    console.log(columns([way.name, way.era, ...texts]));
  }
  console.log(`\n${bytes} B at a fixed rate: what each adds to the direct way, in ms`);
  console.log(columns(["", "calls/s", "p50", "p99", "failed"]));
  for (const way of used) {
    const { rate, failed, failure } = cell(way.name, bytes, "paced");
    if (!way.isPeer) failures += failed;
    const added = (key: "medians" | "tails"): string =>
      way.name === "direct"
        ? `= ${quantile(cell("direct", bytes, "paced")[key], 0.5).toFixed(2)}`
        : spread(addedBy(way.name, bytes, key));
    const texts = [quantile(rate, 0.5).toFixed(0), added("medians"), added("tails")];
    console.log(columns([way.name, ...texts, failed === 0 ? "0" : `${failed} ${String(failure)}`]));
  }
}

/** The throughput per core, round by round, as a share of the bare proxy's in the same round. */
function shares(name: string, bytes: number, connections: number): readonly number[] {
  const bare = cell("bare proxy", bytes, connections).cpu;
  return cell(name, bytes, connections).cpu.map((each, round) => (bare[round] ?? NaN) / each);
}

function addedBy(
  name: string,
  bytes: number,
  key: "medians" | "tails",
  to: "direct" | "bare proxy" = "direct",
): readonly number[] {
  const base = cell(to, bytes, "paced")[key];
  return cell(name, bytes, "paced")[key].map((each, round) => each - (base[round] ?? NaN));
}

const checks: (readonly [what: string, figure: number, most: number])[] = SIZES.flatMap((bytes) => [
  // With one connection a core waits most of the time.
  ...CONNECTIONS.filter((connections) => connections > 1).map(
    (connections) =>
      [
        `bare proxy's throughput per core over the gateway's, ${bytes} B, ${connections} connections`,
        1 / quantile(shares("gateway", bytes, connections), 0.5),
        1 / 0.75,
      ] as const,
  ),
  // Beyond what a hop costs at all.
  [
    `ms added to the bare proxy's median, ${bytes} B`,
    quantile(addedBy("gateway", bytes, "medians", "bare proxy"), 0.5),
    0.2,
  ] as const,
  [
    `ms added to the bare proxy's p99, ${bytes} B`,
    quantile(addedBy("gateway", bytes, "tails", "bare proxy"), 0.5),
    1,
  ] as const,
]);
checks.push(
  [
    `ms for a list of 500 tools, p99 (p50 ${quantile(lists, 0.5).toFixed(2)})`,
    quantile(lists, 0.99),
    2,
  ],
  [
    `ms until the first progress is here, p99 (p50 ${quantile(progress, 0.5).toFixed(2)}; direct ${quantile(directProgress, 0.5).toFixed(2)} and ${quantile(directProgress, 0.99).toFixed(2)})`,
    quantile(progress, 0.99),
    5,
  ],
  ["calls failed", failures, 0],
);
console.log("");
for (const [what, figure, most] of checks)
  console.log(
    `${figure <= most ? "met   " : "MISSED"} ${figure.toFixed(2)} ≤ ${most.toFixed(2)} ${what}`,
  );
process.exitCode = checks.every(([, figure, most]) => figure <= most) ? 0 : 1;
