import type { Server, ServerOptions } from "node:http";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { RuntimeConfiguration } from "../configuration.ts";
import type { Connection, Connections } from "../connections.ts";
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

/**
 * Ends connections whose clients are slower than Node's own limits notice, on a server made with {@link serverOptions}; call it before
 * `listen`.
 *
 * - A client that does not read: what waits for it has not become less for `requestTimeoutSeconds`, and a second more for every 64 KiB of
 *   it. Quiet calls are not concerned, since nothing waits then.
 * - A client that sends empty lines between requests, which Node takes for activity.
 * - A client whose body does not come while the server is closing, when Node no longer looks: 408 after `requestTimeoutSeconds`, as ever.
 *
 * A connection that has never been used is left open for `keepAliveSeconds`, like any other idle one, even where `requestTimeoutSeconds` is
 * less: a load balancer may open connections before it needs them, and a 408 would be taken for the answer to its first request.
 */
export function guardSlowClients(
  server: Server,
  connections: Connections,
  limits: SlowClientLimits,
): void {
  const backlogs = new WeakMap<Connection, Backlog>();
  // Those that have been given more time than Node gives to a connection that has never been used.
  const leftOpen = new Set<Socket>();
  // The size of all headers is limited; their number is, too: see `headProblem`.
  server.maxHeadersCount = 0;
  server.on("request", ({ socket }) => {
    if (leftOpen.size > 0 && leftOpen.delete(socket)) socket.setTimeout(0);
  });
  answerClientErrors(
    server,
    (socket) => connections.of(socket),
    (socket) => {
      const rest = (limits.keepAliveSeconds - limits.requestTimeoutSeconds) * 1000;
      if (rest <= 0 || connections.of(socket) === undefined) {
        socket.destroy();
        return;
      }
      leftOpen.add(socket);
      socket.once("close", () => leftOpen.delete(socket));
      socket.setTimeout(Math.ceil(rest) + KEEP_ALIVE_BUFFER_MILLISECONDS);
    },
  );
  const looking = setInterval(() => {
    const now = performance.now();
    for (const connection of connections.all()) {
      const { socket, idleSince } = connection;
      const before = backlogs.get(connection) ?? { waiting: 0, since: idleSince };
      const backlog = observe(before, socket.writableLength, now);
      backlogs.set(connection, backlog);
      // A reset frees what the system holds for the client, too; an orderly end would wait for it to be read.
      if (isTooSlow(connection, backlog, now, limits)) socket.resetAndDestroy();
      else if (!server.listening && isLate(connection, now, limits))
        server.emit("clientError", new RequestTimeout(), socket);
    }
  }, lookInterval(limits)).unref();
  server.once("close", () => {
    clearInterval(looking);
  });
}

function isTooSlow(
  { idleSince, responses }: Connection,
  backlog: Backlog,
  now: number,
  limits: SlowClientLimits,
): boolean {
  const patience = limits.requestTimeoutSeconds * 1000;
  if (isStalled(backlog, now, patience)) return true;
  if (responses.size > 0) return false;
  // A request that began at the last moment has until then for its headers.
  const idle = limits.keepAliveSeconds * 1000 + KEEP_ALIVE_BUFFER_MILLISECONDS + patience;
  return now - idleSince > idle;
}

function isLate(
  { lastRequest, lastRequestSince }: Connection,
  now: number,
  limits: SlowClientLimits,
): boolean {
  if (lastRequest === undefined || lastRequest.complete) return false;
  return now - lastRequestSince > limits.requestTimeoutSeconds * 1000;
}

/** What Node's own look would tell the listeners of `clientError`. */
class RequestTimeout extends Error {
  readonly code = "ERR_HTTP_REQUEST_TIMEOUT";
}

function lookInterval({ requestTimeoutSeconds }: SlowClientLimits): number {
  const wanted = Math.ceil((requestTimeoutSeconds * 1000) / LOOKS);
  return Math.min(Math.max(wanted, SHORTEST_LOOK_MILLISECONDS), LONGEST_LOOK_MILLISECONDS);
}
