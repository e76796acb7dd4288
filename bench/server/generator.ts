/** Sends calls from a process of its own, and reads what the processes of the server use of processors meanwhile. */
import { setTimeout as delay } from "node:timers/promises";
import { quantile } from "../statistics.ts";
import { writeCall, type NumberedCall } from "./call.ts";
import { Connection, writeRequests } from "./connection.ts";
import { cpuBetween, cpuTimes, type ServerProcesses } from "./processes-of.ts";

/** What the process that starts a generator asks of it. */
export interface ServerLoad {
  readonly port: number;
  readonly processes: ServerProcesses;
  readonly call: NumberedCall;
  readonly pace: Pace;
  /** For this long the processes are watched after the last answer, since some of their work is done later. Default: 0. */
  readonly settleSeconds?: number;
}

/** One call after the other on each of so many connections, for a time or up to a number; or so many calls a second whatever becomes of those before. */
export type Pace =
  | { readonly connections: number; readonly seconds: number }
  | { readonly connections: number; readonly calls: number }
  | { readonly rate: number; readonly seconds: number };

export interface ServerReport {
  readonly calls: number;
  readonly failed: number;
  /** What the first of those that failed got. */
  readonly failure?: string;
  readonly seconds: number;
  readonly cpuMicroseconds: number;
  /** Of calls that were answered as they should be, in milliseconds. */
  readonly median: number;
  readonly tail: number;
}

/** Calls beyond these would wait here, and count for what is measured. */
const OPEN_LOOP_CONNECTIONS = 64;

let counter = 0;

process.on("message", (load: ServerLoad) => {
  run(load).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit());

async function run({
  port,
  processes,
  call,
  pace,
  settleSeconds = 0,
}: ServerLoad): Promise<ServerReport> {
  const size = "rate" in pace ? OPEN_LOOP_CONNECTIONS : pace.connections;
  const connections = await Promise.all(Array.from({ length: size }, () => Connection.open(port)));
  const write = writeRequests(port, call.headers);
  const latencies: number[] = [];
  let failed = 0;
  let failure: string | undefined;
  const send = async (connection: Connection): Promise<void> => {
    const { body, mark } = writeCall(call, counter++);
    const text = write(body);
    const started = performance.now();
    try {
      const answer = await connection.request(text);
      if (answer.status === 200 && answer.text.includes(mark)) {
        latencies.push(performance.now() - started);
        return;
      }
      failure ??= `HTTP ${answer.status} ${answer.text.slice(0, 300)}`;
    } catch (error) {
      failure ??= String(error);
    }
    failed++;
  };
  const before = cpuTimes(processes);
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  if ("rate" in pace) {
    await openLoop(connections, pace, send, elapsed);
  } else {
    let left = "calls" in pace ? pace.calls : Number.POSITIVE_INFINITY;
    const end = "seconds" in pace ? pace.seconds : Number.POSITIVE_INFINITY;
    const client = async (connection: Connection): Promise<void> => {
      // Whoever answers nothing but errors is not asked a million times.
      while (left-- > 0 && elapsed() < end && failed < 100) await send(connection);
    };
    await Promise.all(connections.map(client));
  }
  const seconds = elapsed();
  await delay(settleSeconds * 1000);
  const cpu = cpuBetween(before, cpuTimes(processes));
  for (const connection of connections) connection.close();
  return {
    calls: latencies.length + failed,
    failed,
    ...(failure === undefined ? {} : { failure }),
    seconds,
    cpuMicroseconds: cpu,
    median: quantile(latencies, 0.5),
    tail: quantile(latencies, 0.99),
  };
}

async function openLoop(
  connections: readonly Connection[],
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
  send: (connection: Connection) => Promise<void>,
  elapsed: () => number,
): Promise<void> {
  const free = [...connections];
  const pending: Promise<void>[] = [];
  const total = Math.round(rate * seconds);
  while (pending.length < total) {
    const due = Math.min(total, Math.floor(rate * elapsed()));
    while (pending.length < due) {
      const connection = free.pop();
      // All of them wait for an answer: the load is more than the server takes, and the figures say so.
      if (connection === undefined) break;
      pending.push(
        send(connection).then(() => {
          free.push(connection);
        }),
      );
    }
    await delay(1);
  }
  await Promise.all(pending);
}
