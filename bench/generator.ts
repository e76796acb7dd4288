/** Sends load from a process of its own: what is measured in the other one must not wait for it. */
import { Pool } from "undici";
import type { PreparedCall } from "./calls.ts";
import { openLoopOver } from "./open-loop.ts";

/** What the process that starts a generator asks of it. */
export interface Load {
  /** They take turns. */
  readonly destinations: readonly LoadDestination[];
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
}

export interface LoadDestination {
  readonly origin: string;
  readonly path: string;
  readonly call: PreparedCall;
}

/** What became of the requests. */
export interface LoadReport {
  /** Of requests that were answered with 200, in milliseconds. */
  readonly latencies: readonly number[];
  readonly failed: number;
}

/** Connections beyond these would wait here, and count for what is measured. */
const CONNECTIONS = 128;

const pools = new Map<string, Pool>();

process.on("message", (load: Load) => {
  void answer(load).then((report) => process.send?.(report));
});
process.on("disconnect", () => process.exit());

async function answer({ destinations, rate, seconds }: Load): Promise<LoadReport> {
  const pooled = destinations.map(({ origin, path, call }) => {
    const pool = pools.get(origin) ?? new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
    pools.set(origin, pool);
    return { pool, path, call };
  });
  const results = await openLoopOver(pooled, { rate, seconds });
  const served = results.filter(({ status }) => status === 200);
  return {
    latencies: served.map(({ milliseconds }) => milliseconds),
    failed: results.length - served.length,
  };
}
