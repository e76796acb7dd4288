/**
 * What a server of this package costs: `npm run bench:server [-- --rounds 5] [-- --seconds 0.4] [-- --only <part>[,<part>]] [-- --install]`. Beside it, in the
 * same run and from the same callers: the least that a server in Node can be, the MCP SDK's own handler on Express, and the usual server of the SDK's first
 * version. Parts: throughput, latency, start, memory, tools, telemetry, balancer and stdio (what the local load balancer and the stdio wrapper cost beside
 * their own bare counterparts: `bench:balancer`, `bench:stdio`), and ray (other people's weather server on Ray Serve, where that is installed; `--install`
 * installs it into a cache folder first).
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureBeside } from "./server/beside.ts";
import { endAll, Generator, type Bench, type Check } from "./server/bench.ts";
import { bundleServers } from "./server/bundle.ts";
import { startContenders } from "./server/contenders.ts";
import { measureLatency } from "./server/latency.ts";
import { measureManyTools } from "./server/many-tools.ts";
import { measureMemory } from "./server/memory.ts";
import { measureRay } from "./server/ray/measure.ts";
import { measureStarts } from "./server/start.ts";
import { measureTelemetry } from "./server/telemetry.ts";
import { measureThroughput } from "./server/throughput.ts";

const PARTS = [
  "throughput",
  "latency",
  "start",
  "memory",
  "tools",
  "telemetry",
  "balancer",
  "stdio",
  "ray",
] as const;
type Part = (typeof PARTS)[number];

const { values: options } = parseArgs({
  options: {
    install: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "0.4" },
    only: { type: "string", default: PARTS.join(",") },
  },
});

function readParts(text: string): ReadonlySet<Part> {
  const named = text.split(",").map((name) => name.trim());
  const unknown = named.find((name) => !PARTS.some((part) => part === name));
  if (unknown === undefined) return new Set(PARTS.filter((part) => named.includes(part)));
  throw new Error(
    `\`--only\` names \`${unknown}\`, which is no part of this benchmark. Name some of ${PARTS.join(", ")}.`,
  );
}

function readPositive(name: "rounds" | "seconds", value: string): number {
  if (Number(value) > 0) return Number(value);
  throw new Error(`\`--${name}\` is \`${value}\`. Give a number above 0.`);
}

const parts = readParts(options.only);
const bench: Bench = {
  folder: await mkdtemp(join(tmpdir(), "bench-server-")),
  token: randomBytes(24).toString("hex"),
  rounds: readPositive("rounds", options.rounds),
  seconds: readPositive("seconds", options.seconds),
  generator: new Generator(),
  started: [],
};
const began = performance.now();
const loadBefore = loadavg()[0] ?? 0;
const checks: Check[] = [];
let isWhole = false;
try {
  await bundleServers();
  if (parts.has("throughput") || parts.has("latency")) {
    const contenders = await startContenders(bench);
    if (parts.has("throughput")) checks.push(...(await measureThroughput(bench, contenders)));
    if (parts.has("latency")) checks.push(...(await measureLatency(bench, contenders)));
    await endAll(contenders);
  }
  if (parts.has("start")) checks.push(...(await measureStarts(bench)));
  if (parts.has("memory")) checks.push(...(await measureMemory(bench)));
  if (parts.has("tools")) checks.push(...(await measureManyTools(bench)));
  if (parts.has("telemetry")) checks.push(...(await measureTelemetry(bench)));
  for (const name of ["balancer", "stdio"] as const)
    if (parts.has(name)) checks.push(...(await measureBeside(bench, name)));
  if (parts.has("ray")) checks.push(...(await measureRay(bench, options.install)));
  isWhole = true;
} finally {
  bench.generator.end();
  await Promise.all(bench.started.map((each) => each.end()));
  if (isWhole) await rm(bench.folder, { recursive: true, force: true });
  else console.error(`What the servers have written is in ${bench.folder}.`);
}

console.log(
  `\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}; ${bench.rounds} rounds of ${bench.seconds} s, medians and extremes` +
    ` (${((performance.now() - began) / 1000).toFixed(0)} s in all); load average ${loadBefore.toFixed(1)} before, this benchmark's own included ${(loadavg()[0] ?? 0).toFixed(1)} after.\n`,
);
const isMet = (check: Check): boolean =>
  "least" in check ? check.figure >= check.least : check.figure <= check.most;
for (const check of checks) {
  const aim = "least" in check ? `≥ ${check.least.toFixed(2)}` : `≤ ${check.most.toFixed(2)}`;
  console.log(
    `${isMet(check) ? "met   " : "MISSED"} ${check.figure.toFixed(2)} ${aim} ${check.what}`,
  );
}
process.exitCode = checks.every(isMet) ? 0 : 1;
