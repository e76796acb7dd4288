import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort, startProgram, type BenchProcess, type BenchProgram } from "../processes.ts";
import { PROGRAMS } from "./bundle.ts";
import type { Era } from "./call.ts";
import type { ServerLoad, ServerReport } from "./generator.ts";

/** What the parts of the benchmark share. */
export interface Bench {
  /** For log files. */
  readonly folder: string;
  readonly token: string;
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  readonly generator: Generator;
  /** All that was started, so that nothing is left where a part fails. */
  readonly started: BenchProcess[];
}

/** A part's verdict on a figure: at least, or at most so much. */
export type Check = {
  readonly what: string;
  readonly figure: number;
} & ({ readonly least: number } | { readonly most: number });

/** A server that runs. */
export interface Contender {
  readonly name: string;
  readonly process: BenchProcess;
  readonly eras: readonly Era[];
  /** What others cost is told apart by factors, not by percents: they get less of the time. */
  readonly isPeer: boolean;
}

/** Callers in a process of their own. */
export class Generator {
  readonly #child = fork(join(import.meta.dirname, "generator.ts"));
  readonly #ended = once(this.#child, "exit");

  /** @throws where the load could not be sent at all. */
  async send(load: ServerLoad): Promise<ServerReport> {
    this.#child.send(load);
    const ended = this.#ended.then(() => {
      throw new Error("The callers' process has ended. Its own words above say why.");
    });
    const [report] = (await Promise.race([once(this.#child, "message"), ended])) as [ServerReport];
    return report;
  }

  end(): void {
    this.#child.disconnect();
  }
}

/**
 * The flags of the container (infra/task/image.ts), on Fargate's smallest task of 512 MiB beside a collector that takes 128 MiB: 60 percent of the rest are
 * the heap's.
 */
export const CONTAINER_FLAGS = [
  "--max-semi-space-size=8",
  "--max-old-space-size=230",
  "--heap-growing-percent=150",
] as const;

/** What the container's variables are in every part. */
export function containerEnvironment({ token }: Pick<Bench, "token">): Record<string, string> {
  return {
    HOST: "127.0.0.1",
    AUTH_MODE: "static-token",
    AUTH_STATIC_TOKENS: token,
    NODE_ENV: "production",
    DRAIN_SECONDS: "0",
  };
}

/** Starts a program that listens at `PORT`, and ends with the benchmark at the latest; what it writes goes to a file, as a container's goes to a log driver. */
export async function start(
  { folder, started }: Bench,
  name: string,
  program: Omit<BenchProgram, "port" | "logFile">,
): Promise<BenchProcess> {
  const port = await freePort();
  const running = await startProgram({
    ...program,
    port,
    environment: { ...program.environment, PORT: String(port) },
    logFile: join(folder, `${name.replaceAll(/\W+/gu, "-")}.log`),
  });
  started.push(running);
  return running;
}

/** Starts a server of this package's runtime as a container would. */
export async function startRuntime(
  bench: Bench,
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  const running = await start(bench, name, {
    command: process.execPath,
    words: [...CONTAINER_FLAGS, PROGRAMS.runtime],
    environment: { ...containerEnvironment(bench), ...environment },
    readyPath: "/readyz",
  });
  return { name, process: running, eras: ["modern", "legacy"], isPeer: false };
}

/** Starts one of the others. */
export async function startOther(
  bench: Bench,
  name: string,
  program: string,
  what: Pick<Contender, "eras" | "isPeer">,
): Promise<Contender> {
  const running = await start(bench, name, {
    command: process.execPath,
    words: [program],
    environment: { BENCH_TOKEN: bench.token, NODE_ENV: "production" },
    readyPath: "/healthz",
  });
  return { name, process: running, ...what };
}

/** The part of a load that says where it goes. */
export function at({ process: running }: Contender): Pick<ServerLoad, "port" | "processes"> {
  return { port: Number(new URL(running.origin).port), processes: [running.pid] };
}

export async function endAll(contenders: readonly Contender[]): Promise<void> {
  await Promise.all(contenders.map((each) => each.process.end()));
}
