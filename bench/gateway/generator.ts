/** Sends calls from a process of its own, each with arguments of its own, so that nobody's cache can answer them. */
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { writeCalls, type EchoCall, type WrittenCall } from "./call.ts";

/** What the process that starts a generator asks of it. */
export interface EchoLoad {
  readonly origin: string;
  readonly path: string;
  readonly call: EchoCall;
  readonly seconds: number;
  /** One call after the other on each of so many connections, or so many calls a second whatever becomes of those before. */
  readonly pace: { readonly connections: number } | { readonly rate: number };
}

export interface EchoReport {
  /** Of calls that brought their own text back, in milliseconds. */
  readonly latencies: readonly number[];
  readonly failed: number;
  /** What the first of those that failed got. */
  readonly failure?: string;
}

/** Calls beyond these would wait here, and count for what is measured. */
const OPEN_LOOP_CONNECTIONS = 128;

/** An answer that takes longer is none, in milliseconds. */
const PATIENCE = 5000;

const pools = new Map<string, Pool>();

process.on("message", (load: EchoLoad) => {
  void run(load).then((report) => process.send?.(report));
});
process.on("disconnect", () => process.exit());

async function run({ origin, path, call, seconds, pace }: EchoLoad): Promise<EchoReport> {
  const connections = "rate" in pace ? OPEN_LOOP_CONNECTIONS : pace.connections;
  const key = `${origin} ${connections}`;
  const pool =
    pools.get(key) ??
    new Pool(origin, {
      connections,
      pipelining: 1,
      headersTimeout: PATIENCE,
      bodyTimeout: PATIENCE,
    });
  pools.set(key, pool);
  const calls = writeCalls(call);
  const latencies: number[] = [];
  let failed = 0;
  let failure: string | undefined;
  const send = async (): Promise<void> => {
    const started = performance.now();
    const problem = await sendOne(pool, path, calls);
    if (problem === undefined) {
      latencies.push(performance.now() - started);
      return;
    }
    failed++;
    failure ??= problem;
  };
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  if ("rate" in pace) {
    const pending: Promise<void>[] = [];
    const total = Math.round(pace.rate * seconds);
    while (pending.length < total) {
      const due = Math.min(total, Math.floor(pace.rate * elapsed()));
      while (pending.length < due) pending.push(send());
      await delay(1);
    }
    await Promise.all(pending);
  } else {
    const client = async (): Promise<void> => {
      while (elapsed() < seconds) await send();
    };
    await Promise.all(Array.from({ length: connections }, client));
  }
  return { latencies, failed, ...(failure === undefined ? {} : { failure }) };
}

/** @returns what is wrong with the answer; undefined where it is right. */
async function sendOne(pool: Pool, path: string, calls: WrittenCall): Promise<string | undefined> {
  const { body, mark } = calls.next();
  try {
    const response = await pool.request({ method: "POST", path, headers: calls.headers, body });
    const text = await response.body.text();
    if (response.statusCode === 200 && text.includes(mark)) return undefined;
    return `HTTP ${response.statusCode} ${text.slice(0, 200)}`;
  } catch (error) {
    return String(error);
  }
}
