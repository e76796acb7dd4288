import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { McpServer as LegacyServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

/** Answers a request, whose body has been read; undefined where there is none, and text where it is no JSON. */
export type Listener = (
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
) => unknown;

/** A server on loopback, and what it was asked. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly requests: ReceivedRequest[];
  /** Answers differently from now on. */
  become(listener: Listener): void;
  /** Ends every connection and takes no new ones. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  again(): Promise<void>;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Starts a server, ended with the test. */
export async function startServer(
  context: TestContext,
  listener: Listener,
  host = "127.0.0.1",
  fixedPort = 0,
): Promise<TestServer> {
  const requests: ReceivedRequest[] = [];
  let current = listener;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const body = Buffer.concat(chunks).toString();
      requests.push({ method: request.method ?? "", headers: request.headers, body });
      void current(request, response, parse(body));
    });
  });
  server.listen(fixedPort, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  context.after(stop);
  return {
    url: `http://${host}:${port}/mcp`,
    port,
    requests,
    become: (next) => {
      current = next;
    },
    stop,
    again: async () => {
      server.listen(port, host);
      await once(server, "listening");
    },
  };
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

/** A server of 2026-07-28 made with the SDK. */
export function modernListener(legacy: "stateless" | "reject" = "reject"): Listener {
  return toNodeHandler(modernHandler(legacy));
}

export function modernHandler(legacy: "stateless" | "reject"): ReturnType<typeof createMcpHandler> {
  return createMcpHandler(
    () => {
      const server = new McpServer(
        { name: "modern", version: "1.0.0" },
        {
          instructions: "Ask me.",
          capabilities: { logging: {}, tools: { listChanged: true } },
          cacheHints: {
            "tools/list": { ttlMs: 7000, cacheScope: "public" },
            "server/discover": { ttlMs: 9000, cacheScope: "public" },
          },
        },
      );
      server.registerTool(
        "add",
        {
          description: "Adds.",
          inputSchema: z.object({
            a: z.number(),
            b: z.int().meta({ "x-mcp-header": "Addend" }),
          }),
        },
        ({ a, b }) => ({ content: [{ type: "text", text: String(a + b) }] }),
      );
      server.registerTool("slow", { description: "Tells." }, async (ctx) => {
        const progressToken = ctx.mcpReq._meta?.progressToken;
        if (progressToken !== undefined)
          await ctx.mcpReq.notify({
            method: "notifications/progress",
            params: { progressToken, progress: 1, total: 2, message: "half" },
          });
        return { content: [{ type: "text", text: "done" }] };
      });
      return server;
    },
    { legacy },
  );
}

/** A server of the 2025 revisions made with the first SDK; with sessions, or a new one for every request. */
export function legacyListener(sessions: boolean): Listener {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  return async (request, response, body) => {
    const id = request.headers["mcp-session-id"];
    let transport = typeof id === "string" ? transports.get(id) : undefined;
    if (transport === undefined && typeof id === "string") {
      response.writeHead(404, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          jsonrpc: "2.0",
          id: null,
          error: { code: -32001, message: "Session not found" },
        }),
      );
      return;
    }
    if (transport === undefined) {
      transport = new StreamableHTTPServerTransport(
        sessions
          ? {
              sessionIdGenerator: () => randomUUID(),
              onsessioninitialized: (started) => {
                if (transport !== undefined) transports.set(started, transport);
              },
            }
          : { sessionIdGenerator: undefined },
      );
      await legacyServer().connect(transport);
    }
    await transport.handleRequest(request, response, body);
  };
}

function legacyServer(): LegacyServer {
  const server = new LegacyServer(
    { name: "legacy", version: "1.0.0" },
    { instructions: "I am old.", capabilities: { logging: {} } },
  );
  server.registerTool(
    "add",
    { description: "Adds.", inputSchema: { a: z.number(), b: z.number() } },
    ({ a, b }) => ({ content: [{ type: "text", text: String(a + b) }] }),
  );
  server.registerTool("slow", { description: "Tells." }, async (extra) => {
    const progressToken = extra._meta?.progressToken;
    if (progressToken !== undefined)
      await extra.sendNotification({
        method: "notifications/progress",
        params: { progressToken, progress: 1, total: 2, message: "half" },
      });
    await extra.sendNotification({
      method: "notifications/message",
      params: { level: "info", data: "hello" },
    });
    return { content: [{ type: "text", text: "done" }] };
  });
  return server;
}
