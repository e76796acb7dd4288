/**
 * Whether a replica goes on working under more load than it can take: `node bench/overload.ts [--rounds 5] [--seconds 8] [--ongoing 20]
 * [--tool 20]`. The load it can take is measured first, with as many clients as it works on requests at once; then rounds of once and of three
 * times that rate alternate, from callers that do not wait for each other.
 */
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { toolCall } from "./calls.ts";
import { startReplica } from "./child.ts";
import { closedLoop, openLoop, type Result } from "./open-loop.ts";
import { quantile, spread } from "./statistics.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "8" },
    ongoing: { type: "string", default: "20" },
    tool: { type: "string", default: "20" },
  },
});
const SECONDS = Number(options.seconds);
const ONGOING = Number(options.ongoing);
const TOOL_MILLISECONDS = Number(options.tool);

/** A tool has taken its normal time where it took no more than this many times what it should. */
const NORMAL = 2;

/** Connections beyond these wait in the generator, and would count for the server: enough for what waits at three times the load. */
const CONNECTIONS = 512;

const CALL = toolCall("modern", "wait", { milliseconds: TOOL_MILLISECONDS });

interface Round {
  /** Answers a second whose tool took its normal time. */
  readonly goodput: number;
  readonly refusedShare: number;
  readonly brokenShare: number;
  readonly median: number;
  readonly p99: number;
}

function summarize(results: readonly Result[], seconds: number): Round {
  const served = results.filter(({ status }) => status === 200);
  const good = served.filter(({ body }) => timeInTool(body) <= NORMAL * TOOL_MILLISECONDS);
  const latencies = served.map(({ milliseconds }) => milliseconds);
  const share = (status: number): number =>
    results.filter((result) => result.status === status).length / results.length;
  return {
    goodput: good.length / seconds,
    refusedShare: share(503),
    brokenShare:
      results.filter(({ status }) => status !== 200 && status !== 503).length / results.length,
    median: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

function timeInTool(body: string): number {
  return Number(/"took":([\d.]+)/u.exec(body)?.[1] ?? Number.NaN);
}

const replica = await startReplica({ MAX_ONGOING_REQUESTS: String(ONGOING), LOG_LEVEL: "info" });
const pool = new Pool(replica.origin, { connections: CONNECTIONS, pipelining: 1 });
// The first calls of a process are slow: code is compiled.
await closedLoop(pool, CALL, { clients: ONGOING, seconds: 4 });
const measured = await closedLoop(pool, CALL, { clients: ONGOING, seconds: SECONDS });
const capacity = summarize(measured, SECONDS).goodput;
console.log(
  `MAX_ONGOING_REQUESTS ${ONGOING}, a tool of ${TOOL_MILLISECONDS} ms; the replica takes ${capacity.toFixed(0)} calls a second from ${ONGOING} clients.`,
);

const rounds = new Map<number, Round[]>([
  [1, []],
  [3, []],
]);
const ratios: number[] = [];
for (let round = 0; round < Number(options.rounds); round++) {
  for (const [times, of] of rounds) {
    const results = await openLoop(pool, CALL, { rate: times * capacity, seconds: SECONDS });
    of.push(summarize(results, SECONDS));
  }
  const [once, thrice] = [1, 3].map((times) => rounds.get(times)?.at(-1)?.goodput ?? Number.NaN);
  ratios.push((thrice ?? Number.NaN) / (once ?? Number.NaN));
}
await pool.close();
await replica.end();

console.log(
  "load   goodput/s             503 share          broken share       p50 ms served         p99 ms served",
);
for (const [times, of] of rounds) {
  const column = (value: (round: Round) => number, digits?: number): string =>
    spread(of.map(value), digits).padEnd(18);
  console.log(
    `${times}×     ${column(({ goodput }) => goodput, 0)}    ${column(({ refusedShare }) => refusedShare)} ${column(({ brokenShare }) => brokenShare)} ` +
      `${column(({ median }) => median, 1)}    ${column(({ p99 }) => p99, 1)}`,
  );
}
console.log(
  `goodput at 3× over goodput at 1×: ${spread(ratios)}, median and extremes of ${ratios.length} rounds.`,
);
