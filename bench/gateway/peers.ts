/** Other people's gateways. They are installed into a cache folder where that is asked for, and are no dependencies of anything here. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, startProgram, type BenchProcess } from "../processes.ts";

const execute = promisify(execFile);

const cache = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "pulumi-mcp-service-bench",
);

/** What a peer works with. */
export interface PeerSurroundings {
  /** The port of the server behind it, at 127.0.0.1. */
  readonly upstream: number;
  /** The program of that server, for what speaks with its upstream over stdio alone. */
  readonly program: string;
  /** For its files, which nobody needs afterwards. */
  readonly folder: string;
}

/** A peer that runs. */
export interface RunningPeer {
  readonly process: BenchProcess;
  readonly path: string;
  /** As it names the upstream's `echo`. */
  readonly tool: string;
}

export interface Peer {
  readonly name: string;
  /** What is installed. */
  readonly requirement: string;
  readonly isInstalled: () => boolean;
  readonly install: () => Promise<void>;
  readonly start: (surroundings: PeerSurroundings) => Promise<RunningPeer>;
}

const npmFolder = join(cache, "npm");
const mcpProxy = join(npmFolder, "node_modules", "mcp-proxy", "dist", "bin", "mcp-proxy.mjs");

function inPython(folder: string, program: string): string {
  return join(cache, folder, "bin", program);
}

async function installPython(folder: string, requirement: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  await execute("python3", ["-m", "venv", join(cache, folder)]);
  await execute(inPython(folder, "pip"), ["install", "--quiet", requirement]);
}

const FASTMCP = `
import sys
from fastmcp.server import create_proxy
create_proxy(sys.argv[2], name="proxy").run(
    transport="http", host="127.0.0.1", port=int(sys.argv[1]),
    stateless_http=True, json_response=True, show_banner=False, log_level="ERROR",
)
`;

export const PEERS: readonly Peer[] = [
  {
    name: "mcp-proxy",
    requirement: "mcp-proxy@6.7.19",
    isInstalled: () => existsSync(mcpProxy),
    install: async () => {
      await mkdir(npmFolder, { recursive: true });
      await execute("npm", ["install", "--prefix", npmFolder, "mcp-proxy@6.7.19"]);
    },
    // It has no upstreams over HTTP: it gets the same server over stdio, which spares it a connection.
    start: async ({ program, folder }) => {
      const port = await freePort();
      const flags = ["--host", "127.0.0.1", "--port", String(port), "--server", "stream"];
      const lean = ["--stateless", "--no-eventStore", "--upstreamProtocol", "auto"];
      const process_ = await startProgram({
        command: process.execPath,
        words: [mcpProxy, ...flags, ...lean, "--", process.execPath, program, "stdio"],
        port,
        logFile: join(folder, "mcp-proxy.log"),
      });
      return { process: process_, path: "/mcp", tool: "echo" };
    },
  },
  {
    name: "FastMCP",
    requirement: "fastmcp==4.1.2",
    isInstalled: () => existsSync(inPython("fastmcp", "fastmcp")),
    install: () => installPython("fastmcp", "fastmcp==4.1.2"),
    start: async ({ upstream, folder }) => {
      const port = await freePort();
      const program = join(folder, "fastmcp_proxy.py");
      await writeFile(program, FASTMCP);
      const process_ = await startProgram({
        command: inPython("fastmcp", "python"),
        words: [program, String(port), `http://127.0.0.1:${upstream}/mcp`],
        port,
        logFile: join(folder, "fastmcp.log"),
        startSeconds: 60,
      });
      return { process: process_, path: "/mcp", tool: "echo" };
    },
  },
  {
    name: "ContextForge",
    requirement: "mcp-contextforge-gateway==1.0.7.post20260921",
    isInstalled: () => existsSync(inPython("contextforge", "mcpgateway")),
    install: () => installPython("contextforge", "mcp-contextforge-gateway==1.0.7.post20260921"),
    start: startContextForge,
  },
];

const ADMINISTRATOR = "admin@example.com";

/** One process, without its user interface and without tokens for calls: the least that it can be. */
async function startContextForge({ upstream, folder }: PeerSurroundings): Promise<RunningPeer> {
  const port = await freePort();
  const database = join(folder, "contextforge.db");
  await rm(database, { force: true });
  const key = randomBytes(48).toString("base64url");
  const password = (): string => `${randomBytes(24).toString("base64url")}!A1`;
  const environment = {
    DATABASE_URL: `sqlite:///${database}`,
    JWT_SECRET_KEY: key,
    AUTH_ENCRYPTION_SECRET: randomBytes(48).toString("base64url"),
    BASIC_AUTH_PASSWORD: password(),
    PLATFORM_ADMIN_EMAIL: ADMINISTRATOR,
    PLATFORM_ADMIN_PASSWORD: password(),
    AUTH_REQUIRED: "true",
    MCP_REQUIRE_AUTH: "false",
    MCPGATEWAY_UI_ENABLED: "false",
    MCPGATEWAY_ADMIN_API_ENABLED: "true",
    SSRF_ALLOW_LOCALHOST: "true",
    SSRF_ALLOW_PRIVATE_NETWORKS: "true",
    USE_STATEFUL_SESSIONS: "false",
    CACHE_TYPE: "memory",
    // Otherwise it locks the callers of a benchmark out.
    RATE_LIMITING_ENABLED: "false",
    OBSERVABILITY_ENABLED: "false",
    ENVIRONMENT: "development",
    LOG_LEVEL: "ERROR",
  };
  const running = await startProgram({
    command: inPython("contextforge", "uvicorn"),
    words: [
      "mcpgateway.main:app",
      ...["--host", "127.0.0.1", "--port", String(port)],
      ...["--log-level", "warning", "--no-access-log"],
    ],
    port,
    environment,
    logFile: join(folder, "contextforge.log"),
    readyPath: "/health",
    startSeconds: 90,
  });
  try {
    const making = ["-m", "mcpgateway.utils.create_jwt_token", "--admin", "--exp", "60"];
    const { stdout } = await execute(
      inPython("contextforge", "python"),
      [...making, "--username", ADMINISTRATOR],
      { env: { ...process.env, ...environment } },
    );
    const token = stdout.trim().split("\n").at(-1) ?? "";
    const response = await fetch(`${running.origin}/gateways`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        name: "up",
        url: `http://127.0.0.1:${upstream}/mcp`,
        transport: "STREAMABLEHTTP",
        visibility: "public",
      }),
    });
    if (!response.ok)
      throw new Error(`It did not take its upstream: ${(await response.text()).slice(0, 300)}`);
    return { process: running, path: "/mcp/", tool: "up-echo" };
  } catch (error) {
    await running.end();
    throw error;
  }
}
