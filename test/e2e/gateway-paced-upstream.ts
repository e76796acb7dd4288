import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { json } from "node:stream/consumers";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, InMemoryServerEventBus, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

/** A server of the SDK on loopback, of 2026-07-28, whose long calls go on as the test says. */
export interface PacedUpstream {
  readonly url: string;
  /** Emits `began` with the `id` that the tool `paced` was called with, and `left` when the last connection to it is gone. */
  readonly events: EventEmitter;
  /** How many connections to it are open. */
  readonly connections: number;
  /** What `add` was called with, as `a`, in the order of the calls. */
  readonly added: readonly number[];
  /** Takes every open call of `paced` one step further: it tells of it, or ends with its last one. */
  step(): void;
  /** Offers one tool more, and says so. */
  grow(): void;
  close(): Promise<void>;
}

const said = (text: string) => ({ content: [{ type: "text" as const, text }] });

interface Way {
  readonly events: EventEmitter;
  readonly added: number[];
  readonly grown: () => number;
}

function pacedServer({ events, added, grown }: Way): McpServer {
  const server = new McpServer(
    { name: "paced", version: "1.0.0" },
    { capabilities: { tools: { listChanged: true } } },
  );
  server.registerTool(
    "add",
    { inputSchema: z.object({ a: z.number(), b: z.number() }) },
    ({ a, b }) => {
      added.push(a);
      return said(String(a + b));
    },
  );
  server.registerTool(
    "paced",
    { inputSchema: z.object({ id: z.string(), steps: z.number() }) },
    async ({ id, steps }, { mcpReq }) => {
      let due = 0;
      const step = (): void => {
        due++;
      };
      events.on("step", step);
      events.emit("began", id);
      try {
        const progressToken = mcpReq._meta?.progressToken;
        for (let progress = 1; progress < steps; progress++) {
          while (due < progress) await once(events, "step", { signal: mcpReq.signal });
          if (progressToken === undefined) continue;
          await mcpReq.notify({
            method: "notifications/progress",
            params: { progressToken, progress, total: steps },
          });
        }
        while (due < steps) await once(events, "step", { signal: mcpReq.signal });
        return said(id);
      } finally {
        events.off("step", step);
      }
    },
  );
  for (let more = 0; more < grown(); more++)
    server.registerTool(`more_${more}`, { inputSchema: z.object({}) }, () => said("more"));
  return server;
}

/** Starts one. */
export async function startPacedUpstream(): Promise<PacedUpstream> {
  const events = new EventEmitter().setMaxListeners(0);
  const added: number[] = [];
  let grown = 0;
  const way: Way = { events, added, grown: () => grown };
  const handler = createMcpHandler(() => pacedServer(way), {
    legacy: "reject",
    bus: new InMemoryServerEventBus(),
  });
  const handle = toNodeHandler(handler);
  const server = createServer((request, response) => {
    void (async () => {
      await handle(request, response, request.method === "POST" ? await json(request) : undefined);
    })().catch(() => {
      response.destroy();
    });
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0) events.emit("left");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    events,
    added,
    get connections() {
      return sockets.size;
    },
    step: () => {
      events.emit("step");
    },
    grow: () => {
      grown++;
      handler.notify.toolsChanged();
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      await handler.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
