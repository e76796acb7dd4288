/**
 * What the load balancer of a run on this machine adds to a request: `node bench/balancer.ts [--rate 1000] [--seconds 5] [--rounds 9]`. Four
 * services run as `npm start` would run them; rounds through the balancer and straight to a replica alternate, from callers that do not wait for
 * each other.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readProject } from "../local/graph/project.ts";
import { run } from "../local/run.ts";
import { modern } from "./calls.ts";
import type { Load, LoadReport } from "./generator.ts";
import { quantile, spread } from "./statistics.ts";

const { values: options } = parseArgs({
  options: {
    rate: { type: "string", default: "1000" },
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "9" },
  },
});
const RATE = Number(options.rate);
const SECONDS = Number(options.seconds);
const ROUNDS = Number(options.rounds);

const CALL = modern("tools/list");

const started = performance.now();
const running = await run({
  project: await readProject(join(import.meta.dirname, "four-services"), "dev", {}),
  port: 0,
  sampleData: false,
  events: {
    declared: () => undefined,
    happened: () => undefined,
    line: () => undefined,
    forwarded: () => undefined,
    refused: () => undefined,
  },
});
const generator = fork(join(import.meta.dirname, "generator.ts"));

async function send(load: Omit<Load, "rate" | "seconds" | "call">): Promise<LoadReport> {
  // A replica answers to the name that clients use, wherever it is reached.
  const call = { ...CALL, headers: { ...CALL.headers, host } };
  generator.send({ ...load, call, rate: RATE, seconds: SECONDS } satisfies Load);
  const [report] = (await once(generator, "message")) as [LoadReport];
  return report;
}

/** Where one replica of a service listens. */
function replicaOf(service: string): string {
  const { targetGroups } = running.stack;
  const attached = running.stack.services.find(({ name }) => name === service)?.loadBalancers ?? [];
  for (const { arn } of targetGroups) {
    if (!attached.some(({ targetGroupArn }) => targetGroupArn === arn)) continue;
    const group = running.loadBalancers.all[0]?.surroundings.targetGroup(arn);
    const [target] = group?.targets ?? [];
    if (target !== undefined) return `http://${target.address}:${target.port}`;
  }
  throw new Error(`The service ${service} has no replica.`);
}

await running.ready;
console.log(
  `${running.endpoints.length} services are ready after ${((performance.now() - started) / 1000).toFixed(1)} s.`,
);
const endpoint = new URL(running.endpoints[0]?.url ?? "");
const { host, origin, pathname: path } = endpoint;
const replica = replicaOf(running.endpoints[0]?.service ?? "");

// The first requests of a process are slow: code is compiled.
for (const warm of [origin, replica]) await send({ origin: warm, path });

const medians: number[] = [];
const tails: number[] = [];
const ratios: number[] = [];
const processorTimes: number[] = [];
let failed = 0;
console.log("round   balancer p50    p99     replica p50    p99   (ms)");
for (let round = 1; round <= ROUNDS; round++) {
  // Whichever comes second finds the machine as the first one left it: they take turns.
  const order = round % 2 === 1 ? [origin, replica] : [replica, origin];
  const reports = new Map<string, LoadReport>();
  for (const at of order) {
    const before = process.cpuUsage();
    reports.set(at, await send({ origin: at, path }));
    const { user, system } = process.cpuUsage(before);
    if (at === origin) processorTimes.push((user + system) / (RATE * SECONDS));
  }
  const of = (at: string, share: number): number =>
    quantile(reports.get(at)?.latencies ?? [], share);
  for (const report of reports.values()) failed += report.failed;
  medians.push(of(origin, 0.5) - of(replica, 0.5));
  tails.push(of(origin, 0.99) - of(replica, 0.99));
  ratios.push(of(origin, 0.5) / of(replica, 0.5));
  const columns = [of(origin, 0.5), of(origin, 0.99), of(replica, 0.5), of(replica, 0.99)];
  console.log(
    `${String(round).padStart(5)}   ${columns.map((value) => value.toFixed(2).padStart(11)).join("")}`,
  );
}
generator.disconnect();
await running.close();

console.log(
  `${RATE} requests a second; median and extremes of ${ROUNDS} rounds of ${SECONDS} s. The balancer adds ${spread(medians)} ms to the median` +
    ` (${spread(ratios)} times a replica's own), and ${spread(tails)} ms to p99; ${failed} requests failed.` +
    ` The process of the balancer used ${spread(processorTimes, 0)} µs of a processor for each.`,
);
process.exitCode = quantile(medians, 0.5) < 1 && failed === 0 ? 0 : 1;
