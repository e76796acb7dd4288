/**
 * What open subscriptions cost a gateway: `node bench/gateway-subscriptions.ts [--streams 5000] [--resources 0]`. Exit code 0 only where all of them
 * are open at once, each hears of a change, and the process stays within what the collector leaves of a task of 512 MiB.
 *
 * `--resources` is how many different resources the clients want to know of, which the gateway has to want to know of its upstream.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { CONTAINER_FLAGS } from "./server/bench.ts";

const { values: options } = parseArgs({
  options: {
    streams: { type: "string", default: "5000" },
    resources: { type: "string", default: "0" },
  },
});
const STREAMS = Number(options.streams);
const RESOURCES = Number(options.resources);
const MOST_MEGABYTES = ((512 - 128) * 1024 ** 2) / 1e6;

/** So many connections are opened at once: more would only queue. */
const AT_ONCE = 100;

let tools = 1;
const handler = createMcpHandler(
  () => {
    const server = new McpServer(
      { name: "bench", version: "1.0.0" },
      {
        capabilities: {
          tools: { listChanged: true },
          resources: { listChanged: true, subscribe: true },
        },
      },
    );
    for (let tool = 0; tool < tools; tool++)
      server.registerTool(`tool_${tool}`, {}, () => ({ content: [] }));
    const template = new ResourceTemplate("docs://{page}", { list: undefined });
    server.registerResource("page", template, {}, ({ href: uri }) => ({
      contents: [{ uri, text: "Read me." }],
    }));
    return server;
  },
  { legacy: "reject" },
);
const handle = toNodeHandler(handler);
const upstream = createServer((incoming, response) => void handle(incoming, response));
upstream.listen(0, "127.0.0.1");
await once(upstream, "listening");

const folder = mkdtempSync(join(tmpdir(), "pulumi-mcp-service-bench-"));
const file = join(folder, "upstreams.json");
const { port: upstreamPort } = upstream.address() as AddressInfo;
writeFileSync(file, JSON.stringify({ one: { url: `http://127.0.0.1:${upstreamPort}/mcp` } }));
const gateway = spawn(
  process.execPath,
  [...CONTAINER_FLAGS, join(import.meta.dirname, "..", "service", "main.ts"), "gateway"],
  {
    env: {
      HOST: "127.0.0.1",
      PORT: "0",
      AUTH_MODE: "none",
      DRAIN_SECONDS: "0",
      LOG_LEVEL: "info",
      MAX_SUBSCRIPTIONS: String(STREAMS),
      CALL_TIMEOUT_SECONDS: "3600",
      GATEWAY_UPSTREAMS_FILE: file,
    },
    stdio: ["ignore", "pipe", "inherit"],
  },
);
process.once("exit", () => {
  gateway.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const port = await new Promise<number>((resolve, reject) => {
  gateway.once("exit", () => {
    reject(new Error("The gateway has ended. Its own words above say why."));
  });
  createInterface({ input: gateway.stdout }).on("line", (line) => {
    const said = JSON.parse(line) as { msg?: unknown; port?: unknown };
    if (said.msg === "ready") resolve(Number(said.port));
  });
});

/** The resident memory of the gateway, in megabytes. */
function megabytes(): number {
  const kibibytes = execFileSync("ps", ["-o", "rss=", "-p", String(gateway.pid)]).toString();
  return (Number(kibibytes) * 1024) / 1e6;
}

/** The processor time that the gateway has used, in milliseconds; the kernel counts it in hundredths of a second. */
function processorMilliseconds(): number {
  const fields = readFileSync(`/proc/${gateway.pid}/stat`, "utf8").split(") ").at(-1)?.split(" ");
  return (Number(fields?.[11]) + Number(fields?.[12])) * 10;
}

/** The slowest answer to a health check while `ended` is pending, in milliseconds: how long a turn of the gateway's event loop takes. */
async function slowestCheck(ended: Promise<unknown>): Promise<number> {
  let slowest = 0;
  const state = { isOver: false };
  void ended.then(() => (state.isOver = true));
  while (!state.isOver) {
    const began = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/healthz`);
    await response.arrayBuffer();
    slowest = Math.max(slowest, performance.now() - began);
  }
  return slowest;
}

const HEADERS = {
  "Content-Type": "application/json",
  Accept: "application/json, text/event-stream",
  "MCP-Protocol-Version": "2026-07-28",
  "Mcp-Method": "subscriptions/listen",
};

/** Opens one; resolves when it is acknowledged, with what resolves when it hears of a change of tools. */
async function open(index: number): Promise<() => Promise<void>> {
  const outgoing = request({
    ...{ host: "127.0.0.1", port, path: "/mcp", method: "POST" },
    headers: HEADERS,
    agent: false,
  });
  outgoing.end(
    JSON.stringify({
      jsonrpc: "2.0",
      id: index,
      method: "subscriptions/listen",
      params: {
        notifications: {
          toolsListChanged: true,
          ...(RESOURCES === 0
            ? {}
            : { resourceSubscriptions: [`docs://page-${index % RESOURCES}`] }),
        },
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    }),
  );
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`Stream ${index}: ${response.statusCode}`);
  response.on("error", () => undefined);
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const until = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) await once(response, "data");
    text = "";
  };
  await until("acknowledged");
  return () => until("notifications/tools/list_changed");
}

const idle = megabytes();
const streams: (() => Promise<void>)[] = [];
const began = performance.now();
while (streams.length < STREAMS) {
  const count = Math.min(AT_ONCE, STREAMS - streams.length);
  const first = streams.length;
  streams.push(
    ...(await Promise.all(Array.from({ length: count }, (_, each) => open(first + each)))),
  );
}
const opened = performance.now();
const full = megabytes();
const heard = Promise.all(streams.map((hears) => hears()));
const usedBefore = processorMilliseconds();
const slowest = slowestCheck(heard);
tools++;
const changed = performance.now();
handler.notify.toolsChanged();
await heard;
const told = performance.now();
const used = processorMilliseconds() - usedBefore;
const most = Math.max(full, megabytes());
console.table([
  {
    streams: STREAMS,
    resources: RESOURCES,
    "idle MB": Math.round(idle),
    "open MB": Math.round(most),
    "kB per stream": Math.round(((most - idle) * 1000) / STREAMS),
    "open s": ((opened - began) / 1000).toFixed(1),
    "all told ms": Math.round(told - changed),
    "processor ms": used,
    "slowest check ms": Math.round(await slowest),
  },
]);
process.exit(most <= MOST_MEGABYTES ? 0 : 1);
