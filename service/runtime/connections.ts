import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";

/** A connection of a server, and what is going on there. Times are in milliseconds of `performance`. */
export interface Connection {
  readonly socket: Socket;
  /** Responses that are not done. */
  readonly responses: ReadonlySet<ServerResponse>;
  /** When it was opened, or its last answer ended. */
  readonly idleSince: number;
  /** The last request, and when its head had come: any before it has come completely. */
  readonly lastRequest: IncomingMessage | undefined;
  readonly lastRequestSince: number;
  /** The last request that was answered before it had come completely. */
  readonly answeredEarly: IncomingMessage | undefined;
}

/** The open connections of a server. */
export interface Connections {
  /** Undefined where it is closed. */
  of(socket: Socket): Connection | undefined;
  all(): Iterable<Connection>;
  /**
   * From now on every response tells its client that the connection closes after it, those in flight included. Closing without a word
   * would race with the next request on the same connection, and the load balancer would answer that one with 502.
   */
  announceClose(): void;
  /**
   * Closes every connection on which nothing is being answered; once the server does not listen, each one is closed after its last answer.
   * `closeIdleConnections` would leave those that were never used, or have sent a part of a head, and no timeout of Node's runs by then.
   */
  closeIdle(): void;
}

/** Watches a server; call it before any other listener of `connection` and `request`. */
export function watchConnections(server: Server): Connections {
  const connections = new Map<Socket, Watched>();
  let closing = false;
  // The same for all responses, since a closure for each is costly.
  const closed = function (this: ServerResponse): void {
    const connection = connections.get(this.req.socket);
    if (connection === undefined) return;
    connection.closed(this);
    // A stream that began before the word was given leaves an idle connection behind, which would hold up the end.
    if (!server.listening && connection.responses.size === 0) connection.socket.destroy();
  };
  server.on("connection", (socket) => {
    connections.set(socket, new Watched(socket));
    socket.once("close", () => connections.delete(socket));
  });
  server.on("request", (request, response) => {
    if (closing) response.shouldKeepAlive = false;
    connections.get(request.socket)?.opened(request, response);
    response.on("close", closed);
  });
  return {
    of: (socket) => connections.get(socket),
    all: () => connections.values(),
    announceClose: () => {
      closing = true;
      for (const { responses } of connections.values())
        for (const response of responses) response.shouldKeepAlive = false;
    },
    closeIdle: () => {
      for (const { socket, responses } of connections.values())
        if (responses.size === 0) socket.destroy();
    },
  };
}

class Watched implements Connection {
  readonly socket: Socket;
  readonly responses = new Set<ServerResponse>();
  idleSince = performance.now();
  lastRequest: IncomingMessage | undefined;
  lastRequestSince = 0;
  answeredEarly: IncomingMessage | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  opened(request: IncomingMessage, response: ServerResponse): void {
    this.lastRequest = request;
    this.lastRequestSince = performance.now();
    this.responses.add(response);
  }

  closed(response: ServerResponse): void {
    this.responses.delete(response);
    this.idleSince = performance.now();
    if (!response.req.complete) this.answeredEarly = response.req;
  }
}
