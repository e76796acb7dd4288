/**
 * What the load balancer of a run on this machine adds to a request: `npm run bench:balancer [-- --rate 1000 --seconds 5 --rounds 9]`. Four services run
 * as `npm start` would run them; rounds through the balancer and straight to the same replicas in turn alternate, from callers in a process of their own
 * that do not wait for each other.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readProject } from "../local/graph/project.ts";
import { run } from "../local/run.ts";
import { modern } from "./calls.ts";
import type { Load, LoadDestination, LoadReport } from "./generator.ts";
import { tellVerdict } from "./server/beside.ts";
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

const WARM_SECONDS = 10;

/** Of a local run whose own replicas take as long: more would be felt by whoever develops against it. */
const MOST_ADDED_MILLISECONDS = 1;

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

async function send(
  destinations: readonly LoadDestination[],
  seconds = SECONDS,
): Promise<LoadReport> {
  generator.send({ destinations, rate: RATE, seconds } satisfies Load);
  const [report] = (await once(generator, "message")) as [LoadReport];
  return report;
}

/** Where the replicas of a service listen. */
function replicasOf(service: string): string[] {
  const { targetGroups } = running.stack;
  const attached = running.stack.services.find(({ name }) => name === service)?.loadBalancers ?? [];
  return targetGroups
    .filter(({ arn }) => attached.some(({ targetGroupArn }) => targetGroupArn === arn))
    .flatMap(
      ({ arn }) => running.loadBalancers.all[0]?.surroundings.targetGroup(arn)?.targets ?? [],
    )
    .map(({ address, port }) => `http://${address}:${port}`);
}

type Way = "balancer" | "replicas";

function destinationsOf(way: Way): LoadDestination[] {
  return running.endpoints.flatMap(({ service, url }) => {
    const { host, origin, pathname: path } = new URL(url);
    // A replica answers to the name that clients use, wherever it is reached.
    const call = { ...CALL, headers: { ...CALL.headers, host } };
    const origins = replicasOf(service).map((replica) => (way === "balancer" ? origin : replica));
    return origins.map((at) => ({ origin: at, path, call }));
  });
}

await running.ready;
console.log(
  `${running.endpoints.length} services are ready after ${((performance.now() - started) / 1000).toFixed(1)} s.`,
);
const WAYS: readonly Way[] = ["balancer", "replicas"];
const destinations = { balancer: destinationsOf("balancer"), replicas: destinationsOf("replicas") };

// The first thousands of requests of a process are slow: code is compiled, in each of the replicas.
for (const way of WAYS) await send(destinations[way], WARM_SECONDS);

const medians: number[] = [];
const tails: number[] = [];
const ratios: number[] = [];
const processorTimes: number[] = [];
const loads: number[] = [];
let failed = 0;
console.log("round   balancer p50    p99    replicas p50    p99   load   (ms)");
for (let round = 1; round <= ROUNDS; round++) {
  // Whichever comes second finds the machine as the first one left it: they take turns.
  const order = round % 2 === 1 ? WAYS : WAYS.toReversed();
  const reports = new Map<Way, LoadReport>();
  for (const way of order) {
    const before = process.cpuUsage();
    reports.set(way, await send(destinations[way]));
    const { user, system } = process.cpuUsage(before);
    if (way === "balancer") processorTimes.push((user + system) / (RATE * SECONDS));
  }
  const of = (way: Way, share: number): number =>
    quantile(reports.get(way)?.latencies ?? [], share);
  for (const report of reports.values()) failed += report.failed;
  medians.push(of("balancer", 0.5) - of("replicas", 0.5));
  tails.push(of("balancer", 0.99) - of("replicas", 0.99));
  ratios.push(of("balancer", 0.5) / of("replicas", 0.5));
  // Of the last minute: figures of a busy machine say more of it than of the balancer.
  const [load = 0] = loadavg();
  loads.push(load);
  const columns = [...WAYS.flatMap((way) => [of(way, 0.5), of(way, 0.99)]), load];
  console.log(
    `${String(round).padStart(5)}   ${columns.map((value) => value.toFixed(2).padStart(11)).join("")}`,
  );
}
generator.disconnect();
await running.close();

console.log(
  `${RATE} requests a second; median and extremes of ${ROUNDS} rounds of ${SECONDS} s. The balancer adds ${spread(medians)} ms to the median` +
    ` (${spread(ratios)} times a replica's own), and ${spread(tails)} ms to p99; ${failed} requests failed.` +
    ` The process of the balancer used ${spread(processorTimes, 0)} µs of a processor for each. The load average was ${spread(loads, 1)}.`,
);
const added = quantile(medians, 0.5);
tellVerdict({
  what: `ms added to the median by the local load balancer, ${failed} requests failed`,
  figure: failed === 0 ? added : Number.POSITIVE_INFINITY,
  most: MOST_ADDED_MILLISECONDS,
});
process.exitCode = added < MOST_ADDED_MILLISECONDS && failed === 0 ? 0 : 1;
