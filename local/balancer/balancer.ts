import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { LocalError } from "../graph/graph.ts";
import type { Listener } from "../graph/listeners.ts";
import { ClientConnection } from "./client-connection.ts";
import type { Outcome } from "./forward.ts";
import { rawErrorPage, respond } from "./pages.ts";
import { MOST_HEADER_BYTES, statusOfParseError } from "./request-limits.ts";
import { RequestHandler } from "./request-handler.ts";
import type { RunningLoadBalancer } from "./running-load-balancer.ts";

/** What a port of the load balancer serves; it can be replaced while requests run. */
export interface Served {
  readonly loadBalancer: RunningLoadBalancer;
  readonly listener: Listener;
  /** The host that rules are asked for, whatever clients write; undefined for what they write. */
  readonly hostName?: string | undefined;
}

/** The one address of the load balancer on this machine. */
const ADDRESS = "127.0.0.1";

/** What the parser counts beside headers: the request line. */
const MOST_LINE_BYTES = 32 * 1024;

/** One listener of a load balancer, on a port of this machine. */
export class RunningListener {
  readonly #server: Server;
  readonly port: number;
  readonly #onOutcome: (outcome: Outcome) => void;
  readonly #connections = new Map<Duplex, ClientConnection>();
  #handler: RequestHandler | undefined;

  private constructor(server: Server, port: number, onOutcome: (outcome: Outcome) => void) {
    this.#server = server;
    this.port = port;
    this.#onOutcome = onOutcome;
    server.on("connection", (socket) => {
      this.#connect(socket);
    });
    server.on("request", (incoming, outgoing) => {
      // A client that breaks off is no error of ours.
      incoming.on("error", () => undefined);
      outgoing.on("error", () => undefined);
      const connection = this.#connections.get(incoming.socket);
      if (connection === undefined || this.#handler === undefined) respond(outgoing, 503);
      else this.#handler.handle(incoming, outgoing, connection);
    });
    server.on("clientError", (error: NodeJS.ErrnoException & { reason?: string }, socket) => {
      const isLost = this.#connections.get(socket)?.isLost === true;
      if (isLost || !socket.writable || error.code === "ECONNRESET") return;
      socket.end(rawErrorPage(statusOfParseError(error.code, error.reason)));
    });
    server.on("connect", (_request, socket) => {
      socket.end(rawErrorPage(400));
    });
  }

  /**
   * Takes a port; nothing is served before {@link serve}.
   *
   * @param port 0 takes any free one.
   * @throws {LocalError} where the port is taken.
   */
  static async open(port: number, onOutcome: (outcome: Outcome) => void): Promise<RunningListener> {
    if (port > 65_535) {
      throw new LocalError(
        `A further load balancer would need port ${port}, which does not exist. Choose a lower one with \`--port\`.`,
      );
    }
    const server = createServer({
      // No limits of Node's own: an ALB has none but its idle timeout, which is on another clock.
      requestTimeout: 0,
      headersTimeout: 0,
      keepAliveTimeout: 0,
      maxHeaderSize: MOST_LINE_BYTES + MOST_HEADER_BYTES,
    });
    server.maxHeadersCount = 0;
    server.listen(port, ADDRESS);
    try {
      await once(server, "listening");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
        throw new LocalError(
          `Port ${port} of ${ADDRESS} is taken by another process. Stop that one, or choose another port with \`--port\` (0 takes any free one).`,
        );
      }
      throw new LocalError(`Port ${port} of ${ADDRESS} cannot be opened: ${String(error)}`);
    }
    return new RunningListener(server, (server.address() as AddressInfo).port, onOutcome);
  }

  /** `127.0.0.1:8000`, as clients write it. */
  get host(): string {
    return `${ADDRESS}:${this.port}`;
  }

  serve(served: Served): void {
    if (this.#handler === undefined) this.#watch(served.loadBalancer);
    this.#handler = new RequestHandler(served, this.#onOutcome);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #connect(socket: Socket): void {
    const loadBalancer = this.#handler?.loadBalancer;
    const node = loadBalancer?.nodes.next();
    if (loadBalancer === undefined || node === undefined) return;
    const { clock, lostZones } = loadBalancer.surroundings;
    const connection = new ClientConnection(socket, {
      clock,
      node,
      isNodeLost: lostZones.isLost(node.zone),
      idleTimeoutSeconds: () => loadBalancer.declared.idleTimeoutSeconds,
      clientKeepAliveSeconds: loadBalancer.declared.clientKeepAliveSeconds,
    });
    this.#connections.set(socket, connection);
    socket.once("close", () => this.#connections.delete(socket));
    if (!connection.isLost) loadBalancer.metrics?.connected(node.zone);
  }

  /** Connections live and die with their node's zone, exchanges with their target's. */
  #watch({ surroundings: { lostZones } }: RunningLoadBalancer): void {
    lostZones.onChange((zone, isLost) => {
      for (const connection of this.#connections.values()) {
        if (connection.node.zone === zone) {
          if (isLost) connection.lose();
          else if (connection.isLost) connection.reset();
        } else if (isLost) {
          for (const exchange of connection.exchanges)
            if (exchange.targetZone === zone) exchange.loseTarget();
        }
      }
    });
  }
}
