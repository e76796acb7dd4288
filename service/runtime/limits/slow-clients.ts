import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { RuntimeConfiguration } from "../configuration.ts";
import { isStalled, observe, type Backlog } from "./backlog.ts";
import { answerClientErrors } from "./client-errors.ts";

/** What of the configuration says how slow a client may be. */
export type SlowClientLimits = Pick<
  RuntimeConfiguration,
  "requestTimeoutSeconds" | "keepAliveSeconds"
>;

/**
 * The request line and all headers together, in bytes: Node's own default, and what an Application Load Balancer lets through in a single
 * header. A longer request is answered 431.
 */
const HEADER_BYTES = 16 * 1024;

/** A connection stays open this much longer than its `Keep-Alive` header says, so that a request sent at the last moment is still served. */
const KEEP_ALIVE_BUFFER_MILLISECONDS = 1000;

/** Slow clients are looked for ten times in the time that they have, but not more than ten times a second, nor less than every 5 s. */
const LOOKS = 10;
const SHORTEST_LOOK_MILLISECONDS = 100;
const LONGEST_LOOK_MILLISECONDS = 5000;

/**
 * What `createServer` needs to know. A request has `requestTimeoutSeconds` from its first byte to its last (408 after that), headers
 * included: in Node 24 neither limit runs while a connection that has served a request is idle, so they may be below `keepAliveSeconds`.
 */
export function serverOptions(limits: SlowClientLimits): ServerOptions {
  const requestTimeout = Math.ceil(limits.requestTimeoutSeconds * 1000);
  return {
    headersTimeout: requestTimeout,
    requestTimeout,
    connectionsCheckingInterval: lookInterval(limits),
    keepAliveTimeout: Math.ceil(limits.keepAliveSeconds * 1000),
    keepAliveTimeoutBuffer: KEEP_ALIVE_BUFFER_MILLISECONDS,
    maxHeaderSize: HEADER_BYTES,
  };
}

interface Connection {
  readonly responses: Set<ServerResponse>;
  backlog: Backlog;
  /** When it was opened, or its last answer ended, in milliseconds. */
  idleSince: number;
  /** Whether it has been given more time than Node gives to a connection that has never been used. */
  leftOpen: boolean;
  answeredEarly: IncomingMessage | undefined;
  /** The last request: any before it has come completely. */
  last: { readonly request: IncomingMessage; readonly since: number } | undefined;
}

/**
 * Ends connections whose clients are slower than Node's own limits notice, on a server made with {@link serverOptions}; call it before
 * `listen`, and before any other listener of `request`.
 *
 * - A client that does not read: what waits for it has not become less for `requestTimeoutSeconds`, and a second more for every 64 KiB of
 *   it. Quiet calls are not concerned, since nothing waits then.
 * - A client that sends empty lines between requests, which Node takes for activity.
 * - A client whose body does not come while the server is closing, when Node no longer looks: 408 after `requestTimeoutSeconds`, as ever.
 *
 * A connection that has never been used is left open for `keepAliveSeconds`, like any other idle one, even where `requestTimeoutSeconds` is
 * less: a load balancer may open connections before it needs them, and a 408 would be taken for the answer to its first request.
 */
export function guardSlowClients(server: Server, limits: SlowClientLimits): void {
  const connections = new Map<Socket, Connection>();
  // The size of all headers is limited; their number is, too: see `headProblem`.
  server.maxHeadersCount = 0;
  server.on("connection", (socket) => {
    const now = performance.now();
    connections.set(socket, {
      responses: new Set(),
      backlog: { waiting: 0, since: now },
      idleSince: now,
      leftOpen: false,
      answeredEarly: undefined,
      last: undefined,
    });
    socket.once("close", () => connections.delete(socket));
  });
  server.on("request", (request, response) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    if (connection.leftOpen) request.socket.setTimeout(0);
    connection.leftOpen = false;
    connection.last = { request, since: performance.now() };
    connection.responses.add(response);
    response.once("close", () => {
      connection.responses.delete(response);
      connection.idleSince = performance.now();
      if (!request.complete) connection.answeredEarly = request;
    });
  });
  answerClientErrors(
    server,
    (socket) => connections.get(socket),
    (socket) => {
      const rest = (limits.keepAliveSeconds - limits.requestTimeoutSeconds) * 1000;
      const connection = connections.get(socket);
      if (rest <= 0 || connection === undefined) {
        socket.destroy();
        return;
      }
      connection.leftOpen = true;
      socket.setTimeout(Math.ceil(rest) + KEEP_ALIVE_BUFFER_MILLISECONDS);
    },
  );
  const looking = setInterval(() => {
    const now = performance.now();
    for (const [socket, connection] of connections) {
      connection.backlog = observe(connection.backlog, socket.writableLength, now);
      // A reset frees what the system holds for the client, too; an orderly end would wait for it to be read.
      if (isTooSlow(connection, now, limits)) socket.resetAndDestroy();
      else if (!server.listening && isLate(connection, now, limits))
        server.emit("clientError", new RequestTimeout(), socket);
    }
  }, lookInterval(limits)).unref();
  server.once("close", () => {
    clearInterval(looking);
  });
}

function isTooSlow(connection: Connection, now: number, limits: SlowClientLimits): boolean {
  const { backlog, idleSince, responses } = connection;
  const patience = limits.requestTimeoutSeconds * 1000;
  if (isStalled(backlog, now, patience)) return true;
  if (responses.size > 0) return false;
  // A request that began at the last moment has until then for its headers.
  const idle = limits.keepAliveSeconds * 1000 + KEEP_ALIVE_BUFFER_MILLISECONDS + patience;
  return now - idleSince > idle;
}

function isLate({ last }: Connection, now: number, limits: SlowClientLimits): boolean {
  if (last === undefined || last.request.complete) return false;
  return now - last.since > limits.requestTimeoutSeconds * 1000;
}

/** What Node's own look would tell the listeners of `clientError`. */
class RequestTimeout extends Error {
  readonly code = "ERR_HTTP_REQUEST_TIMEOUT";
}

function lookInterval({ requestTimeoutSeconds }: SlowClientLimits): number {
  const wanted = Math.ceil((requestTimeoutSeconds * 1000) / LOOKS);
  return Math.min(Math.max(wanted, SHORTEST_LOOK_MILLISECONDS), LONGEST_LOOK_MILLISECONDS);
}
