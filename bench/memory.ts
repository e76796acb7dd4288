/**
 * Whether a replica's memory is flat over many calls: `node bench/memory.ts [--calls 1000000] [--every 50000] [--clients 16]`. Exit
 * code 0 only where it is, and every call was answered as it should be.
 */
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { batch, legacy, modern, toolCall, type PreparedCall } from "./calls.ts";
import { startReplica } from "./child.ts";
import { fitLine } from "./statistics.ts";

const { values: options } = parseArgs({
  options: {
    calls: { type: "string", default: "1000000" },
    every: { type: "string", default: "50000" },
    clients: { type: "string", default: "16" },
  },
});
const CALLS = Number(options.calls);
const EVERY = Number(options.every);
const CLIENTS = Number(options.clients);

/** The heap of a flat replica grows by less than this for each call, in bytes: one leaked object takes at least 16. */
const FLAT_BYTES_PER_CALL = 2;

/** Until then code is compiled and caches fill. */
const WARM_UP_CALLS = 50_000;

/** How many calls a batch of revision 2025-03-26 has. */
const BATCH = 10;

/** What clients do, by how often they do it. Failing calls come in every way in which a call can fail. */
const MIX: readonly (readonly [weight: number, call: PreparedCall, status: number])[] = [
  [12, batch(BATCH), 200],
  [40, toolCall("modern", "add", { a: 1, b: 2 }), 200],
  [20, toolCall("legacy", "add", { a: 1, b: 2 }), 200],
  [4, modern("tools/list"), 200],
  [3, legacy("tools/list"), 200],
  [3, modern("server/discover"), 200],
  [
    3,
    legacy("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "bench", version: "1" },
    }),
    200,
  ],
  [3, legacy("ping"), 200],
  [3, modern("resources/read", { uri: "docs://guide" }, "docs://guide"), 200],
  [4, toolCall("modern", "progress", {}), 200],
  [3, toolCall("legacy", "progress", {}), 200],
  [3, toolCall("modern", "add", { a: "x" }), 200],
  [2, toolCall("modern", "refuse", {}), 200],
  [2, toolCall("legacy", "break", {}), 200],
  [2, toolCall("modern", "nonesuch", {}), 200],
  [2, modern("no/such/method"), 404],
  [1, { ...modern("tools/list"), headers: modern("tools/call").headers }, 400],
  [1, { ...modern("tools/list"), body: "{" }, 400],
];
const ROTATION = MIX.flatMap(([weight, call, status]) =>
  Array.from({ length: weight }, () => ({ call, status })),
);

/** One in a hundred clients leaves before its answer. */
const CANCELLED = toolCall("modern", "wait", { milliseconds: 10_000 });

const NO_CALL = { call: CANCELLED, status: 0 };

const replica = await startReplica({ LOG_LEVEL: "info" });
const pool = new Pool(replica.origin, { connections: CLIENTS, pipelining: 1 });
const unexpected = new Map<string, number>();
let requests = 0;
let calls = 0;

async function clientUntil(end: number): Promise<void> {
  while (calls < end) {
    const index = requests++;
    const { call, status } = ROTATION[(index * 37) % ROTATION.length] ?? NO_CALL;
    calls += call.body.startsWith("[") ? BATCH : 1;
    await (index % 100 === 99 ? cancel() : request(call, status));
  }
}

async function request(call: PreparedCall, status: number): Promise<void> {
  const response = await pool.request({ method: "POST", path: "/mcp", ...call });
  const text = await response.body.text();
  if (response.statusCode !== status)
    note(`${response.statusCode} instead of ${status}: ${call.body} ${text}`);
}

/** Leaves while the tool is at work: the connection is written to, and then cut. */
async function cancel(): Promise<void> {
  const leaving = new AbortController();
  const answer = pool.request({
    method: "POST",
    path: "/mcp",
    ...CANCELLED,
    signal: leaving.signal,
  });
  setTimeout(() => {
    leaving.abort();
  }, 5);
  await answer.then(
    ({ statusCode, body }) => {
      note(`${statusCode} before the client left`);
      return body.dump();
    },
    () => undefined,
  );
}

function note(what: string): void {
  unexpected.set(what, (unexpected.get(what) ?? 0) + 1);
}

const MEBIBYTE = 1024 * 1024;
const mebibytes = (bytes: number): string => (bytes / MEBIBYTE).toFixed(1).padStart(8);
const points: [number, number][] = [];
const started = performance.now();
console.log("   calls     heap  external       rss  (MiB, after gc)   calls/s");
for (let before = performance.now(); calls < CALLS; before = performance.now()) {
  const from = calls;
  const end = Math.min(CALLS, calls + EVERY);
  await Promise.all(Array.from({ length: CLIENTS }, () => clientUntil(end)));
  const rate = Math.round((calls - from) / ((performance.now() - before) / 1000));
  const { heapUsed, external, rss } = await replica.memory();
  points.push([calls, heapUsed]);
  console.log(
    `${String(calls).padStart(8)} ${mebibytes(heapUsed)}  ${mebibytes(external)}  ${mebibytes(rss)} ${String(rate).padStart(26)}`,
  );
}
await pool.close();
await replica.end();

for (const [what, times] of unexpected) console.log(`${times} × ${what}`);
const settled = points.filter(([at]) => at > WARM_UP_CALLS);
if (settled.length < 3) {
  throw new Error(
    `There are ${settled.length} samples after call ${WARM_UP_CALLS}, too few to tell. Give more \`--calls\`, or a smaller \`--every\`.`,
  );
}
const { slope, error } = fitLine(settled);
// Two standard errors: with so much on either side the line is wrong once in twenty runs.
const [least, most] = [slope - 2 * error, slope + 2 * error];
const verdict =
  most < FLAT_BYTES_PER_CALL
    ? "flat"
    : least > FLAT_BYTES_PER_CALL
      ? "not flat"
      : "undecided, more calls would tell";
const seconds = Math.round((performance.now() - started) / 1000);
console.log(
  `${calls} calls in ${seconds} s; from call ${WARM_UP_CALLS} on the heap grows by ${least.toFixed(2)} to ${most.toFixed(2)} bytes a call: ${verdict}.`,
);
process.exitCode = verdict === "flat" && unexpected.size === 0 ? 0 : 1;
