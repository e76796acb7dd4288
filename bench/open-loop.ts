import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "undici";
import type { PreparedCall } from "./calls.ts";

/** What became of one call. */
export interface Result {
  /** 0 where the connection broke. */
  readonly status: number;
  readonly milliseconds: number;
  readonly body: string;
}

/** One call after the other from each of several clients: the load that follows the server's own pace. */
export async function closedLoop(
  pool: Pool,
  call: PreparedCall,
  { clients, seconds }: { readonly clients: number; readonly seconds: number },
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const end = performance.now() + seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) results.push(await send(pool, call));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return results;
}

/** Where a call goes. */
export interface CallDestination {
  readonly pool: Pool;
  readonly call: PreparedCall;
  readonly path: string;
}

/** So many calls a second, whatever becomes of those before: the load of many callers that do not know of each other. */
export function openLoop(
  pool: Pool,
  call: PreparedCall,
  pace: { readonly rate: number; readonly seconds: number },
): Promise<readonly Result[]> {
  return openLoopOver([{ pool, call, path: "/mcp" }], pace);
}

/** The same to several destinations in turn. */
export async function openLoopOver(
  destinations: readonly CallDestination[],
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<readonly Result[]> {
  const pending: Promise<Result>[] = [];
  const started = performance.now();
  const total = Math.round(rate * seconds);
  while (pending.length < total) {
    const due = Math.min(total, Math.floor((rate * (performance.now() - started)) / 1000));
    while (pending.length < due) {
      const next = destinations[pending.length % destinations.length];
      if (next === undefined) return [];
      pending.push(send(next.pool, next.call, next.path));
    }
    await delay(1);
  }
  return Promise.all(pending);
}

async function send(pool: Pool, call: PreparedCall, path = "/mcp"): Promise<Result> {
  const started = performance.now();
  const since = (): number => performance.now() - started;
  try {
    const response = await pool.request({ method: "POST", path, ...call });
    const body = await response.body.text();
    return { status: response.statusCode, milliseconds: since(), body };
  } catch {
    return { status: 0, milliseconds: since(), body: "" };
  }
}
