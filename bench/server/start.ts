import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../processes.ts";
import { spread } from "../statistics.ts";
import { CONTAINER_FLAGS, containerEnvironment, type Bench, type Check } from "./bench.ts";
import { PROGRAMS } from "./bundle.ts";
import { median } from "./figures.ts";

const TIMES = 9;
const LATEST_MILLISECONDS = 30_000;

/** How long it takes from the start of a process until `/healthz` is answered with 200. */
export async function measureStarts(bench: Bench): Promise<readonly Check[]> {
  const other = { BENCH_TOKEN: bench.token, NODE_ENV: "production" };
  const starts = [
    { name: "bare node:http", words: [PROGRAMS.bare], environment: other },
    {
      name: "the container's weather server",
      words: [...CONTAINER_FLAGS, PROGRAMS.container, "weather"],
      environment: containerEnvironment(bench),
    },
    {
      name: "a server of an author, bundled",
      words: [...CONTAINER_FLAGS, PROGRAMS.runtime],
      environment: containerEnvironment(bench),
    },
    { name: "SDK on Express", words: [PROGRAMS.sdkExpress], environment: other },
    { name: "SDK on Express, bundled", words: [PROGRAMS.sdkExpressBundled], environment: other },
    { name: "SDK v1 on Express", words: [PROGRAMS.v1Express], environment: other },
  ].map((each) => ({ ...each, times: [] as number[] }));
  // The first of each reads its files from disk, and does not count.
  for (let time = 0; time <= TIMES; time++)
    for (const { words, environment, times } of time % 2 === 0 ? starts : starts.toReversed()) {
      const took = await measureStart(words, environment);
      if (time > 0) times.push(took);
    }
  console.log(`\nFrom the start of the process to the first 200 of /healthz, in ms, of ${TIMES}`);
  for (const { name, times } of starts) console.log(`${name.padEnd(32)} ${spread(times, 0)}`);
  const of = (index: number): number => median(starts[index]?.times ?? []);
  return [{ what: "× the start of the SDK's Express server", figure: of(1) / of(3), most: 1.3 }];
}

async function measureStart(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const port = await freePort();
  const started = performance.now();
  const child = spawn(process.execPath, words, {
    env: { ...process.env, ...environment, PORT: String(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  try {
    while (!(await isHealthy(port))) {
      if (child.exitCode !== null || performance.now() - started > LATEST_MILLISECONDS)
        throw new Error(`\`node ${words.join(" ")}\` does not answer at /healthz.`);
      await delay(1);
    }
    return performance.now() - started;
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}

function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ port, host: "127.0.0.1", path: "/healthz", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on("error", () => {
      resolve(false);
    });
  });
}
