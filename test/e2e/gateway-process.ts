import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { startReaper } from "../../local/ecs/reaper.ts";

const reaper = startReaper();
const MAIN = join(import.meta.dirname, "..", "..", "service", "main.ts");

/** A server in a process of its own, as a container runs it. */
export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves with the first line of its log, from the beginning on, that satisfies this. */
  line(satisfies: (line: LogLine) => boolean): Promise<LogLine>;
  /** Kills it at once, and resolves when it is gone. */
  kill(): Promise<void>;
}

export type LogLine = Readonly<Record<string, unknown>>;

/** A file of upstreams, removed with the test. */
export interface UpstreamsFile {
  readonly path: string;
  /** Replaces it in one step, as deployments do. */
  write(upstreams: Readonly<Record<string, unknown>>): Promise<void>;
}

export async function upstreamsFile(
  context: TestContext,
  upstreams: Readonly<Record<string, unknown>>,
): Promise<UpstreamsFile> {
  const folder = await mkdtemp(join(tmpdir(), "pulumi-mcp-service-gateway-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "upstreams.json");
  const write: UpstreamsFile["write"] = async (written) => {
    await writeFile(`${path}.new`, JSON.stringify(written));
    await rename(`${path}.new`, path);
  };
  await write(upstreams);
  return { path, write };
}

/** Starts `node <script> <words>`; resolves when it says that it is ready. It ends with the test. */
export async function startProcess(
  context: TestContext,
  [script, ...words]: readonly [script: string, ...words: string[]],
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [script, ...words], {
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      HOST: "127.0.0.1",
      PORT: "0",
      AUTH_MODE: "none",
      DRAIN_SECONDS: "0",
      ...environment,
    },
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = watch(context, child);
  const lines: LogLine[] = [];
  const events = new EventEmitter().setMaxListeners(0);
  createInterface({ input: child.stdout }).on("line", (text) => {
    if (!text.startsWith("{")) return;
    lines.push(JSON.parse(text) as LogLine);
    events.emit("line");
  });
  const line: ServerProcess["line"] = async (satisfies) => {
    for (;;) {
      const found = lines.find(satisfies);
      if (found !== undefined) return found;
      await once(events, "line");
    }
  };
  const early = gone.then(() => {
    throw new Error(`\`${script}\` ended before it was ready: ${JSON.stringify(lines)}`);
  });
  const ready = await Promise.race([line(({ msg }) => msg === "ready"), early]);
  early.catch(() => undefined);
  const port = Number(ready["port"]);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    pid: child.pid ?? 0,
    line,
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** A gateway over what a file says. */
export function startGatewayProcess(
  context: TestContext,
  { path }: UpstreamsFile,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  return startProcess(context, [MAIN, "gateway"], {
    GATEWAY_UPSTREAMS_FILE: path,
    MAX_ONGOING_REQUESTS: "1000",
    ...environment,
  });
}

/** Nothing of it outlives the test, nor this process. @returns what resolves when it is gone. */
function watch(context: TestContext, child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid !== undefined) reaper.watch(pid);
  const gone = once(child, "exit").then(() => undefined);
  context.after(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await gone;
    if (pid !== undefined) reaper.forget(pid);
  });
  return gone;
}
