import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { z } from "zod";
import { awaitNone, processesWith, type ProcessFacts } from "./processes.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");

/** Two seconds are enough on an idle machine, for a start as for an end; a busy one gets thirty times as long. */
const DEADLINE_SECONDS = 60;
/** What outlives the command has been killed by then. */
const GONE_SECONDS = 15;

/** How a process has ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The command line interface at work. */
export interface Command {
  readonly child: ChildProcess;
  /** What it has written so far, both streams as they came. */
  output(): string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Its end, within a deadline. */
  exit(): Promise<Exit>;
  /** The first value that `read` finds; asked again whenever something has been written. */
  until<T>(what: string, read: () => T | undefined): Promise<T>;
  /** The first match in the output. */
  told(pattern: RegExp): Promise<RegExpExecArray>;
  /** What carries the mark of this run in its environment, or `url` as its public address. */
  processes(url?: string): ProcessFacts[];
  /** Resolves once none of those is left. */
  allGone(url?: string): Promise<void>;
}

const running = new Set<ChildProcess>();

/** What a failed test has not ended would keep the test runner waiting; the command's own reaper ends the replicas. */
function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}
after(killAll);
process.once("exit", killAll);

/** Runs `local/main.ts` with these arguments. */
export function runCommand(words: readonly string[]): Command {
  const mark = `PULUMI_MCP_SERVICE_TEST_RUN=${randomUUID()}`;
  const [markName = "", markValue = ""] = mark.split("=");
  const child = spawn(process.execPath, ["local/main.ts", ...words], {
    cwd: REPOSITORY,
    env: { ...outerEnvironment(), [markName]: markValue },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { all: "", stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      texts.all += text;
      texts[stream] += text;
      for (const listener of listeners) listener();
    });
  }
  running.add(child);
  let ended: Exit | undefined;
  const closed = new Promise<Exit>((resolve) => {
    child.once("close", (code, signal) => {
      running.delete(child);
      ended = { code, signal };
      for (const listener of listeners) listener();
      resolve(ended);
    });
  });

  const until = <T>(what: string, read: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        listeners.delete(check);
        clearTimeout(deadline);
        act();
      };
      const fail = (problem: string): void => {
        settle(() => {
          reject(new Error(`${problem} before ${what}. It wrote:\n${texts.all}`));
        });
      };
      const check = (): void => {
        const found = read();
        if (found !== undefined) {
          settle(() => {
            resolve(found);
          });
        } else if (ended !== undefined) {
          fail(`The command ended with ${ended.signal ?? String(ended.code)}`);
        }
      };
      const deadline = setTimeout(() => {
        fail(`${DEADLINE_SECONDS} s went by`);
      }, DEADLINE_SECONDS * 1000);
      listeners.add(check);
      check();
    });
  const belongings = (url?: string): string[] => [
    mark,
    ...(url === undefined ? [] : [`MCP_PUBLIC_URL=${url}`]),
  ];
  return {
    child,
    output: () => texts.all,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    exit: async () => {
      const deadline = AbortSignal.timeout(DEADLINE_SECONDS * 1000);
      const late = once(deadline, "abort").then(() => {
        throw new Error(
          `The command has not ended within ${DEADLINE_SECONDS} s. It wrote:\n${texts.all}`,
        );
      });
      return await Promise.race([closed, late]);
    },
    until,
    told: (pattern) =>
      until(`it told ${String(pattern)}`, () => pattern.exec(texts.all) ?? undefined),
    processes: (url) => processesWith(belongings(url)),
    allGone: (url) => awaitNone(belongings(url), GONE_SECONDS),
  };
}

/** The environment without what the test runner and npm add to it. */
function outerEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:NODE_TEST_CONTEXT|FORCE_COLOR|npm_.*)$/u.test(name),
    ),
  );
}

const endpoint = z.strictObject({ url: z.url(), token: z.string() });
const readyFileContent = z.strictObject({
  ...endpoint.shape,
  services: z.record(z.string(), endpoint),
});

/** One line that a replica has logged. */
const logLine = z.looseObject({ msg: z.string(), replica: z.string() });
export type LogLine = z.output<typeof logLine>;

/** The repository's program, served by the command line interface with sample data. */
export interface Stack extends z.output<typeof readyFileContent> {
  readonly command: Command;
  /** The processes of the replicas. */
  replicas(): ProcessFacts[];
  /** What the replicas have logged so far; only with `--logs`. */
  logLines(): LogLine[];
  /** The replica that ran the tool call of each of these requests, as their log lines tell; only with `--logs`. */
  replicasOf(requests: readonly string[]): Promise<string[]>;
  /** Fails where anything is left behind. */
  stop(): Promise<void>;
}

/** Starts a stack on a free port; resolves once traffic can come. */
export async function startStack(words: readonly string[] = []): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), "pulumi-mcp-service-e2e-"));
  const readyFile = join(folder, "ready.json");
  const command = runCommand(["--sample-data", "--port", "0", "--ready-file", readyFile, ...words]);
  command.child.once("close", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  try {
    await command.told(/^Ready after .* s\.$/mu);
    const ready = readyFileContent.parse(JSON.parse(await readFile(readyFile, "utf8")));
    return { ...ready, ...stackOf(command, ready.url) };
  } catch (error) {
    command.child.kill("SIGKILL");
    throw error;
  }
}

function stackOf(
  command: Command,
  url: string,
): Omit<Stack, keyof z.output<typeof readyFileContent>> {
  const logLines = (): LogLine[] =>
    // The last piece may be half a line.
    command
      .stdout()
      .split("\n")
      .slice(0, -1)
      .flatMap((line) => {
        const [, json] = /^ {2}\S+ \w+ │ (\{.*\})$/u.exec(line) ?? [];
        return json === undefined ? [] : [logLine.parse(JSON.parse(json))];
      });
  return {
    command,
    replicas: () =>
      command.processes(url).filter((each) => each.command.endsWith("dist/main.mjs weather")),
    logLines,
    replicasOf: (requests) =>
      command.until(`the calls ${requests.join(", ")} were logged`, () => {
        const calls = logLines().filter(
          ({ msg, method }) => msg === "call" && method === "tools/call",
        );
        const found = requests.flatMap(
          (request) => calls.find((call) => call["requestId"] === request)?.replica ?? [],
        );
        return found.length === requests.length ? found : undefined;
      }),
    stop: async () => {
      command.child.kill("SIGINT");
      assert.deepEqual(await command.exit(), { code: 0, signal: null }, command.output());
      await command.allGone(url);
      assert.equal(await errorOfConnecting(url), "ECONNREFUSED");
    },
  };
}

/** Why no connection can be made; undefined where one can. */
export async function errorOfConnecting(url: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
  }
}
