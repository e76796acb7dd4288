/** A replica without the front, to compare with one that has it, and what both have said on the wire and in their logs. */
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import { createApplication } from "../../../service/runtime/application.ts";
import { readConfiguration } from "../../../service/runtime/configuration.ts";
import { watchConnections } from "../../../service/runtime/connections.ts";
import { headProblem } from "../../../service/runtime/limits/request-head.ts";
import { guardSlowClients, serverOptions } from "../../../service/runtime/limits/slow-clients.ts";
import { createLogger } from "../../../service/runtime/log.ts";
import { mountServer } from "../../../service/runtime/mount.ts";
import type { ServerDefinition } from "../../../service/runtime/server.ts";
import { startTestHost } from "../running-host.ts";

type Line = Readonly<Record<string, unknown>>;

/** A replica that listens. */
export interface Way {
  readonly port: number;
  readonly lines: readonly Line[];
  /** Tells every client that its connection is about to close, and takes no more. */
  readonly drain: () => Promise<void>;
  /** Resolves when all connections are closed and all is logged. */
  readonly close: () => Promise<void>;
}

/** A replica as `startHost` makes it. */
export async function startFront(
  context: TestContext,
  definition: Partial<ServerDefinition>,
  environment: Record<string, string>,
): Promise<Way> {
  const { host, lines } = await startTestHost(context, definition, environment);
  return {
    port: host.address.port,
    lines,
    drain: () => host.drain(),
    close: () => host.close(),
  };
}

/** The same with its Express application as the listener: what a user's own application does with the router. */
export async function startRouter(
  context: TestContext,
  definition: Partial<ServerDefinition>,
  environment: Record<string, string>,
): Promise<Way> {
  const lines: Line[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Line);
      done();
    },
  });
  const log = createLogger("test", { id: "replica-1", zone: "zone-a" }, "debug", sink);
  const configuration = readConfiguration({
    HOST: "127.0.0.1",
    PORT: "0",
    MCP_PUBLIC_URL: "https://mcp.example.com/mcp",
    AUTH_STATIC_TOKENS: "a-token-of-the-tests",
    ...environment,
  });
  const mounted = await mountServer(
    { name: "test", title: "Test", version: "1.2.3", ...definition },
    { configuration, log, environment },
  );
  const server = createServer(serverOptions(configuration));
  const connections = watchConnections(server);
  guardSlowClients(server, connections, configuration);
  const application = createApplication(mounted.router, log, {
    ready: () => true,
    healthy: () => true,
  });
  server.on("request", (request, response) => {
    const problem = headProblem(request);
    if (problem === undefined) application(request, response);
    else response.writeHead(problem, { "Content-Length": 0, Connection: "close" }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await mounted.start();
  const close = async (): Promise<void> => {
    const closed = server.listening ? once(server, "close") : undefined;
    server.close();
    server.closeAllConnections();
    await closed;
    await mounted.close();
  };
  context.after(close);
  return {
    port: (server.address() as AddressInfo).port,
    lines,
    drain: async () => {
      const closed = once(server, "close");
      connections.announceClose();
      server.close();
      connections.closeIdle();
      await closed;
    },
    close,
  };
}

/** What a client writes, in pieces that arrive one by one, and whether it leaves then without reading. */
export interface Conversation {
  readonly pieces: readonly Buffer[];
  readonly leaves: boolean;
}

/** Has a conversation with a replica. @returns everything that it said, until the connection was closed. */
export async function converse(
  { port }: Pick<Way, "port">,
  { pieces, leaves }: Conversation,
): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  // A reset is one way in which a connection closes.
  socket.on("error", () => undefined);
  const closed = once(socket, "close");
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => (received += text));
  socket.setNoDelay(true);
  await once(socket, "connect");
  for (const piece of pieces) {
    socket.write(piece);
    await turn();
  }
  if (leaves) socket.resetAndDestroy();
  await closed;
  return leaves ? "" : received;
}

/** What differs from one moment to the next: dates, ids that are made up, and what is sealed. */
export function settled(text: string): string {
  return text
    .replaceAll(/^Date: .*$/gmu, "Date: now")
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/gu, "an-id")
    .replaceAll(/"requestState":"[^"]*"/gu, '"requestState":"sealed"')
    .replaceAll(/127\.0\.0\.1:\d+/gu, "127.0.0.1:port");
}

/** What a replica has logged of requests, in a fixed order: two connections end in any. */
export function logged({ lines }: Pick<Way, "lines">): readonly string[] {
  return lines
    .filter(({ msg, reason }) => msg !== "ready" && reason !== "overloaded")
    .map(({ time: _, durationMilliseconds, err, ...line }) => {
      // A stack says by which way it came.
      const { type, message } = (err ?? {}) as Readonly<Record<string, unknown>>;
      const duration = typeof durationMilliseconds;
      return settled(JSON.stringify({ ...line, duration, type, message }));
    })
    .toSorted();
}
