import type { Server, ServerResponse } from "node:http";

/** The connections of a server, as its drain needs them. */
export interface Connections {
  /**
   * From now on every response tells its client that the connection closes after it, those in flight included. Closing without a word
   * would race with the next request on the same connection, and the load balancer would answer that one with 502.
   */
  announceClose(): void;
}

/** Watches a server; call it before any other listener of `request`. */
export function watchConnections(server: Server): Connections {
  const inFlight = new Set<ServerResponse>();
  let closing = false;
  server.on("request", (_request, response) => {
    if (closing) response.shouldKeepAlive = false;
    inFlight.add(response);
    response.once("close", () => {
      inFlight.delete(response);
      // A stream that began before the word was given leaves an idle connection behind, which would hold up the end.
      if (!server.listening) server.closeIdleConnections();
    });
  });
  return {
    announceClose: () => {
      closing = true;
      for (const response of inFlight) response.shouldKeepAlive = false;
    },
  };
}
