/**
 * What a model that computes costs the rest of its server: `node bench/models.ts [--rounds 5] [--seconds 3]`, after `npm run bundle`. A real
 * image classifier (0.6 MB, of an npm package) runs in the bundled server, and clients keep it busy; meanwhile `/healthz` is asked every
 * 10 ms. Beside it: the same server with nothing to do, other sizes of batches, and a server that computes in its event loop instead.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { modelsFolder } from "../test/service/servers/models/model-folder.ts";
import type { Load } from "./models/clients.ts";
import { freePort, startProgram, type BenchProcess } from "./processes.ts";
import { quantile } from "./statistics.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
  },
});
const ROUNDS = Number(options.rounds);
const MILLISECONDS = Number(options.seconds) * 1000;
const CLIENTS = 16;
const ASK_EVERY_MILLISECONDS = 10;

const ROOT = join(import.meta.dirname, "..");
const folder = await mkdtemp(join(tmpdir(), "bench-models-"));
const models = await modelsFolder("classifier");
const image = await readFile(
  join(ROOT, "test", "service", "servers", "classifier", "fixtures", "line-of-text.png"),
  "base64",
);
const CALL = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "classify", arguments: { image_url: `data:image/png;base64,${image}` } },
});

/** What one way to serve is started with. */
interface Way {
  readonly name: string;
  readonly words: readonly string[];
  readonly clients: number;
  readonly environment?: Readonly<Record<string, string>>;
}

const BUNDLE = [join(ROOT, "service", "dist", "main.mjs"), "classifier"];

const WAYS: readonly Way[] = [
  { name: "idle", words: BUNDLE, clients: 0 },
  ...["1", "4", "8", "16"].map((size): Way => ({
    name: `batches of up to ${size}`,
    words: BUNDLE,
    clients: CLIENTS,
    environment: { MODEL_BATCH_SIZE: size },
  })),
  {
    name: "batches of up to 8, a thread for every processor",
    words: BUNDLE,
    clients: CLIENTS,
    environment: { MODEL_THREADS: String(availableParallelism()) },
  },
  {
    name: "in the event loop",
    words: [join(import.meta.dirname, "models", "in-event-loop.ts")],
    clients: CLIENTS,
  },
];

async function start(way: Way): Promise<BenchProcess> {
  const port = await freePort();
  return startProgram({
    command: process.execPath,
    words: way.words,
    port,
    environment: {
      HOST: "127.0.0.1",
      PORT: String(port),
      AUTH_MODE: "none",
      NODE_ENV: "production",
      DRAIN_SECONDS: "0",
      MODEL_DEVICE: "cpu",
      MODELS_PATH: models.path,
      ...way.environment,
    },
    logFile: join(folder, "server.log"),
    readyPath: "/readyz",
  });
}

const generator = fork(join(import.meta.dirname, "models", "clients.ts"));

/** One round: how long `/healthz` took, in milliseconds, and how many calls were answered. */
async function measure(
  { origin }: BenchProcess,
  clients: number,
): Promise<{ readonly times: readonly number[]; readonly calls: number }> {
  const end = performance.now() + MILLISECONDS;
  const done = once(generator, "message");
  generator.send({ origin, body: CALL, clients, milliseconds: MILLISECONDS } satisfies Load);
  const times: number[] = [];
  while (performance.now() < end) {
    const started = performance.now();
    await (await fetch(`${origin}/healthz`)).arrayBuffer();
    times.push(performance.now() - started);
    await delay(ASK_EVERY_MILLISECONDS);
  }
  const [calls] = (await done) as [number];
  return { times, calls };
}

const [processor] = cpus();
console.log(
  `Node ${process.versions.node}, ${cpus().length} × ${processor?.model ?? "?"}, load average ${loadavg()[0]?.toFixed(1) ?? "?"}, ${ROUNDS} rounds of ${MILLISECONDS} ms, ${CLIENTS} clients`,
);
try {
  for (const way of WAYS) {
    const server = await start(way);
    try {
      await measure(server, way.clients);
      const before = server.cpuMicroseconds();
      const times: number[] = [];
      const rates: number[] = [];
      let calls = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const measured = await measure(server, way.clients);
        times.push(...measured.times);
        rates.push((measured.calls / MILLISECONDS) * 1000);
        calls += measured.calls;
      }
      const cpu = (server.cpuMicroseconds() - before) / 1000 / calls;
      console.log(
        `${way.name}: /healthz median ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms, most ${Math.max(...times).toFixed(2)} ms` +
          (calls === 0
            ? ""
            : `; ${quantile(rates, 0.5).toFixed(0)} calls/s, ${cpu.toFixed(1)} ms CPU per call`),
      );
    } finally {
      await server.end();
    }
  }
} finally {
  generator.kill();
  await models.remove();
  await rm(folder, { recursive: true, force: true });
}
