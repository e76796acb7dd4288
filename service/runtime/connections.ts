import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The connections of a server, as its drain needs them. */
export interface Connections {
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

/** Watches a server; call it before any other listener of `request`. */
export function watchConnections(server: Server): Connections {
  const connections = new Map<Socket, Set<ServerResponse>>();
  let closing = false;
  server.on("connection", (socket) => {
    connections.set(socket, new Set());
    socket.once("close", () => connections.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    if (closing) response.shouldKeepAlive = false;
    const inFlight = connections.get(socket);
    inFlight?.add(response);
    response.once("close", () => {
      inFlight?.delete(response);
      // A stream that began before the word was given leaves an idle connection behind, which would hold up the end.
      if (!server.listening && inFlight?.size === 0) socket.destroy();
    });
  });
  return {
    announceClose: () => {
      closing = true;
      for (const inFlight of connections.values())
        for (const response of inFlight) response.shouldKeepAlive = false;
    },
    closeIdle: () => {
      for (const [socket, inFlight] of connections) if (inFlight.size === 0) socket.destroy();
    },
  };
}
