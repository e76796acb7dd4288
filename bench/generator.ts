/** Sends load from a process of its own: what is measured in the other one must not wait for it. */
import { Pool } from "undici";
import type { PreparedCall } from "./calls.ts";
import { openLoop } from "./open-loop.ts";

/** What the process that starts a generator asks of it. */
export interface Load {
  readonly origin: string;
  readonly path: string;
  readonly call: PreparedCall;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
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

async function answer({ origin, path, call, rate, seconds }: Load): Promise<LoadReport> {
  const pool = pools.get(origin) ?? new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  pools.set(origin, pool);
  const results = await openLoop(pool, call, { rate, seconds, path });
  const served = results.filter(({ status }) => status === 200);
  return {
    latencies: served.map(({ milliseconds }) => milliseconds),
    failed: results.length - served.length,
  };
}
