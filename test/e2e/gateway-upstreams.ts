/** Servers to put behind a gateway, made with the SDKs alone: the same tools in both eras. */
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { appendFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { McpServer as LegacyServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import {
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import {
  acceptedContent,
  createMcpHandler,
  InMemoryServerEventBus,
  inputRequired,
  McpServer,
} from "@modelcontextprotocol/server";
import { z } from "zod";

/** `modern` is of 2026-07-28; the others are of the 2025 revisions, with sessions or without. */
export type UpstreamKind = "modern" | "sessions" | "stateless";

/** A server of an SDK on loopback, and what it says. */
export interface SdkUpstream {
  readonly url: string;
  readonly port: number;
  /**
   * Emits `began` and `cancelled` with the `id` that the tool `wait` was called with, and `subscribed` when somebody hears what changes: of tools
   * for a modern one, of a resource for one with sessions.
   */
  readonly events: EventEmitter;
  /** The parameters of every request, as they came. */
  readonly received: readonly Received[];
  /** Offers one tool more, and says so. */
  grow(): void;
  /** Its one resource; servers of one kind in one process have the same. */
  readonly guide: string;
  /** Says that its resource has changed. */
  touch(): void;
  close(): Promise<void>;
}

export interface Received {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage["headers"];
}

/** What `ask` gives its client to carry: characters that somebody might write differently. */
export const STATE = 'opaque +/= "state" \\u00e9 é 🙂';

/** The names of the tools, in order. */
export function toolsOf(kind: UpstreamKind): readonly string[] {
  return ["add", "steps", "wait", ...(kind === "modern" ? ["ask"] : [])];
}

const shapes = {
  add: { a: z.number(), b: z.number() },
  steps: {},
  wait: { id: z.string() },
} as const;

interface Way {
  readonly kind: UpstreamKind;
  readonly events: EventEmitter;
  /** Where the tool `count` writes what it was called with; undefined: there is none. */
  readonly countFile: string | undefined;
  /** How many tools more there are than at first. */
  readonly grown: () => number;
}

/** How long `count` takes after its effect. */
const COUNT_MILLISECONDS = 20;

const said = (text: string) => ({ content: [{ type: "text" as const, text }] });
/** With the process, since resources keep their addresses behind a gateway. */
const guideOf = (kind: UpstreamKind): string => `docs://${kind}-${process.pid}/guide`;
const readGuide = (uri: URL) => ({ contents: [{ uri: uri.href, text: "Read me." }] });

/** Ends when the call is cancelled. */
async function untilCancelled({ events }: Way, id: string, signal: AbortSignal): Promise<void> {
  events.emit("began", id);
  if (!signal.aborted) await once(signal, "abort");
  events.emit("cancelled", id);
}

function modernServer(way: Way): McpServer {
  const server = new McpServer(
    { name: "modern", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
      },
    },
  );
  server.registerTool("add", { inputSchema: z.object(shapes.add) }, ({ a, b }) =>
    said(String(a + b)),
  );
  server.registerTool("steps", { inputSchema: z.object(shapes.steps) }, async (_input, ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [1, 2])
      await ctx.mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken: progressToken ?? "", progress, total: 2 },
      });
    return said("done");
  });
  server.registerTool("wait", { inputSchema: z.object(shapes.wait) }, async ({ id }, ctx) => {
    await untilCancelled(way, id, ctx.mcpReq.signal);
    return said("cancelled");
  });
  server.registerTool("ask", { inputSchema: z.object({}) }, (_input, ctx) => {
    const answer = acceptedContent(
      ctx.mcpReq.inputResponses,
      "name",
      z.object({ name: z.string() }),
    );
    if (answer !== undefined) return said(`Hello, ${answer.name}!`);
    const requestedSchema = z.object({ name: z.string() });
    return inputRequired({
      inputRequests: { name: inputRequired.elicit({ message: "Who are you?", requestedSchema }) },
      requestState: STATE,
    });
  });
  const { countFile } = way;
  if (countFile !== undefined)
    server.registerTool("count", { inputSchema: z.object(shapes.wait) }, async ({ id }) => {
      appendFileSync(countFile, `${id}\n`);
      // What kills it may come now: it has had its effect, and nobody has heard of it.
      await delay(COUNT_MILLISECONDS);
      return said(id);
    });
  for (let more = 0; more < way.grown(); more++)
    server.registerTool(`more_${more}`, { inputSchema: z.object({}) }, () => said("more"));
  server.registerResource("guide", guideOf(way.kind), {}, readGuide);
  return server;
}

function legacyServer(way: Way): LegacyServer {
  const server = new LegacyServer(
    { name: "legacy", version: "1.0.0" },
    {
      capabilities: way.kind === "sessions" ? { resources: { subscribe: true } } : {},
    },
  );
  server.registerTool("add", { inputSchema: shapes.add }, ({ a, b }) => said(String(a + b)));
  server.registerTool("steps", { inputSchema: shapes.steps }, async (_input, extra) => {
    const progressToken = extra._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [1, 2])
      await extra.sendNotification({
        method: "notifications/progress",
        params: { progressToken: progressToken ?? "", progress, total: 2 },
      });
    return said("done");
  });
  server.registerTool("wait", { inputSchema: shapes.wait }, async ({ id }, { signal }) => {
    await untilCancelled(way, id, signal);
    return said("cancelled");
  });
  for (let more = 0; more < way.grown(); more++)
    server.registerTool(`more_${more}`, {}, () => said("more"));
  server.registerResource("guide", guideOf(way.kind), {}, readGuide);
  if (way.kind === "sessions") {
    server.server.setRequestHandler(SubscribeRequestSchema, () => {
      way.events.emit("subscribed");
      return {};
    });
    server.server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
  }
  return server;
}

type Handle = (request: IncomingMessage, response: ServerResponse, body: unknown) => unknown;

interface Serving {
  readonly handle: Handle;
  readonly grow: (name: string) => void;
  readonly touch: () => void;
  readonly close: () => Promise<void>;
}

function serveModern(way: Way): Serving {
  const bus = new InMemoryServerEventBus();
  const subscribe = bus.subscribe.bind(bus);
  bus.subscribe = (listener) => {
    const end = subscribe(listener);
    way.events.emit("subscribed");
    return end;
  };
  const handler = createMcpHandler(() => modernServer(way), { legacy: "reject", bus });
  const handle = toNodeHandler(handler);
  return {
    handle: (request, response, body) => handle(request, response, body),
    grow: () => {
      handler.notify.toolsChanged();
    },
    touch: () => {
      handler.notify.resourceUpdated(guideOf(way.kind));
    },
    close: () => handler.close(),
  };
}

/** As the SDK's own examples have it. */
function serveStateless(way: Way): Serving {
  return {
    handle: async (request, response, body) => {
      const server = legacyServer(way);
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
      response.once("close", () => {
        void transport.close();
        void server.close();
      });
      await server.connect(transport);
      await transport.handleRequest(request, response, body);
    },
    grow: () => undefined,
    touch: () => undefined,
    close: () => Promise.resolve(),
  };
}

function serveSessions(way: Way): Serving {
  const sessions = new Map<
    string,
    { server: LegacyServer; transport: StreamableHTTPServerTransport }
  >();
  const begin = async (): Promise<StreamableHTTPServerTransport> => {
    const server = legacyServer(way);
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => {
        sessions.set(id, { server, transport });
      },
      onsessionclosed: (id) => {
        sessions.delete(id);
      },
    });
    await server.connect(transport);
    return transport;
  };
  return {
    handle: async (request, response, body) => {
      const id = request.headers["mcp-session-id"];
      if (id === undefined) {
        await (await begin()).handleRequest(request, response, body);
        return;
      }
      const session = sessions.get(String(id));
      if (session === undefined) response.writeHead(404).end();
      else await session.transport.handleRequest(request, response, body);
    },
    grow: (name) => {
      for (const { server } of sessions.values()) server.registerTool(name, {}, () => said("more"));
    },
    touch: () => {
      for (const { server } of sessions.values())
        void server.server.sendResourceUpdated({ uri: guideOf(way.kind) });
    },
    close: async () => {
      await Promise.all([...sessions.values()].map(({ server }) => server.close()));
    },
  };
}

const SERVE = { modern: serveModern, sessions: serveSessions, stateless: serveStateless };

export interface UpstreamPlace {
  /** Default: `127.0.0.1`. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Where the tool `count` of a modern one writes what it was called with. Default: it has no such tool. */
  readonly countFile?: string | undefined;
}

/** Starts one. */
export async function startSdkUpstream(
  kind: UpstreamKind,
  { host = "127.0.0.1", port: wantedPort = 0, countFile }: UpstreamPlace = {},
): Promise<SdkUpstream> {
  const events = new EventEmitter();
  const received: Received[] = [];
  let grown = 0;
  const { handle, grow, touch, close } = SERVE[kind]({
    kind,
    events,
    countFile,
    grown: () => grown,
  });
  const server = createServer((request, response) => {
    void (async () => {
      const body = request.method === "POST" ? await json(request) : undefined;
      const { method, params } = (body ?? {}) as Partial<Received>;
      received.push({
        method: method ?? request.method ?? "",
        params: params ?? {},
        headers: request.headers,
      });
      await handle(request, response, body);
    })().catch(() => {
      response.destroy();
    });
  });
  server.listen(wantedPort, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/mcp`,
    port,
    events,
    received,
    guide: guideOf(kind),
    grow: () => {
      grow(`more_${grown++}`);
    },
    touch,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      await close();
      server.closeAllConnections();
      await closed;
    },
  };
}
