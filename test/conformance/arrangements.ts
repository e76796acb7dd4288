import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { z } from "zod";
import { readProject } from "../../local/graph/project.ts";
import { run } from "../../local/run.ts";

/** A way to serve the fixture. */
export interface Arrangement {
  readonly name: string;
  /** The checks that may end with a warning because of it, each as `scenario:check`. */
  readonly possibleWarnings: readonly string[];
  /**
   * Starts it; resolves once traffic can come.
   *
   * @param watch gets every process that this starts by itself, each the leader of a group of its own.
   */
  start(watch: (child: ChildProcess) => void): Promise<Served>;
}

/** The fixture at work. */
export interface Served {
  readonly url: string;
  /** Ends it; resolves once its processes are gone. */
  close(): Promise<void>;
}

/** One process, by the container contract's variables alone. */
const oneReplica: Arrangement = {
  name: "one replica",
  possibleWarnings: [],
  start: (watch) => startFixture(watch),
};

const FIXTURE = join(import.meta.dirname, "server.ts");
const MAIN = join(import.meta.dirname, "..", "..", "service", "main.ts");

function startFixture(watch: (child: ChildProcess) => void): Promise<Served> {
  return startServer(watch, [FIXTURE]);
}

/** The fixture behind a gateway that changes none of its names. */
const throughGateway: Arrangement = {
  name: "gateway",
  possibleWarnings: [],
  start: async (watch) => {
    const fixture = await startFixture(watch);
    const folder = await mkdtemp(join(tmpdir(), "pulumi-mcp-service-conformance-"));
    const upstreams = join(folder, "upstreams.json");
    await writeFile(upstreams, JSON.stringify({ fixture: { url: fixture.url, prefix: false } }));
    const end = async (): Promise<void> => {
      await fixture.close();
      await rm(folder, { recursive: true, force: true });
    };
    try {
      const gateway = await startServer(watch, [MAIN, "gateway"], {
        GATEWAY_UPSTREAMS_FILE: upstreams,
      });
      return {
        url: gateway.url,
        close: async () => {
          await gateway.close();
          await end();
        },
      };
    } catch (error) {
      await end();
      throw error;
    }
  },
};

/** Starts a server of this repository by the container contract's variables. */
async function startServer(
  watch: (child: ChildProcess) => void,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const child = spawn(process.execPath, words, {
    env: { PORT: "0", HOST: "127.0.0.1", AUTH_MODE: "none", DRAIN_SECONDS: "0", ...variables },
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  watch(child);
  const ended = once(child, "exit");
  const port = await Promise.race([
    portOf(createInterface({ input: child.stdout })),
    ended.then(() => {
      throw new Error(
        `\`${words.join(" ")}\` ended before it was ready. Its last words stand above.`,
      );
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const readyLine = z.object({ msg: z.literal("ready"), port: z.number() });

/** The port that the host tells in its log. The lines are read to the end, or the pipe would fill up. */
function portOf(lines: Interface): Promise<number> {
  return new Promise((resolve) => {
    lines.on("line", (text) => {
      if (!text.startsWith("{")) return;
      const line = readyLine.safeParse(JSON.parse(text));
      if (line.success) resolve(line.data.port);
    });
  });
}

/** What `program.ts` declares, on the local target, which ends its tasks itself. */
const twoReplicas: Arrangement = {
  name: "load balancer, two replicas",
  // A change is announced by the replica that it happened at; the subscription may be at the other one.
  possibleWarnings: [
    "server-stateless:sep-2575-server-sends-prompts-list-changed-on-subscription",
    "server-stateless:sep-2575-server-sends-tools-list-changed-on-subscription",
  ],
  start: async () => {
    const running = await run({
      project: await readProject(import.meta.dirname, "test", {}),
      port: 0,
      sampleData: false,
      events: {
        declared: () => undefined,
        forwarded: () => undefined,
        refused: () => undefined,
        happened: () => undefined,
        line: () => undefined,
      },
    });
    const [endpoint] = running.endpoints;
    try {
      await running.ready;
      if (endpoint === undefined) throw new Error("The program declares no endpoint.");
    } catch (error) {
      await running.close();
      throw error;
    }
    return { url: endpoint.url, close: () => running.close() };
  },
};

export const ARRANGEMENTS: readonly Arrangement[] = [oneReplica, twoReplicas, throughGateway];
