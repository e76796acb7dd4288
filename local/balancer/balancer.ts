import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Action, Listener } from "../graph/listeners.ts";
import { LocalError } from "../graph/graph.ts";
import { forward, respond, type Outcome } from "./forward.ts";
import { chooseAction } from "./rules.ts";
import type { RunningTargetGroup } from "./target-group.ts";

/** What a port of the load balancer serves; it can be replaced while requests run. */
export interface Served {
  readonly listener: Listener;
  /** The host that rules are asked for, whatever clients write; undefined for what they write. */
  readonly hostName?: string | undefined;
  readonly idleTimeoutSeconds: number;
  readonly targetGroup: (arn: string) => RunningTargetGroup | undefined;
}

/** The one address of the load balancer on this machine. */
const ADDRESS = "127.0.0.1";

/** One listener of a load balancer, on a port of this machine. */
export class RunningListener {
  readonly #server: Server;
  readonly port: number;
  readonly #onOutcome: (outcome: Outcome) => void;
  #served: Served | undefined;

  private constructor(server: Server, port: number, onOutcome: (outcome: Outcome) => void) {
    this.#server = server;
    this.port = port;
    this.#onOutcome = onOutcome;
    server.on("request", (incoming, outgoing) => {
      this.#handle(incoming, outgoing);
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
    // No limits of Node's own: an ALB has none but its idle timeout.
    const server = createServer({ requestTimeout: 0, headersTimeout: 0 });
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
    this.#served = served;
    // An ALB closes client connections after the idle timeout, too.
    this.#server.keepAliveTimeout = served.idleTimeoutSeconds * 1000;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    // A client that breaks off is no error of ours.
    incoming.on("error", () => undefined);
    outgoing.on("error", () => undefined);
    const served = this.#served;
    if (served === undefined) {
      respond(outgoing, 503);
      return;
    }
    // As it came: a URL parser would tidy the path up, or refuse it.
    const [path = "/", query = ""] = (incoming.url ?? "/").split(/\?(.*)/su);
    const action = chooseAction(served.listener, {
      method: incoming.method ?? "GET",
      path,
      query: new URLSearchParams(query),
      host: served.hostName ?? incoming.headers.host ?? "",
      headers: incoming.headers,
    });
    switch (action.type) {
      case "fixed-response":
        respond(outgoing, action.status, action.contentType, action.body);
        return;
      case "redirect":
        outgoing.writeHead(action.status, {
          Server: "awselb/2.0",
          Location: redirectTarget(action, path, query, incoming, served),
        });
        outgoing.end();
        return;
      case "forward":
        void this.#forward(action, incoming, outgoing, served);
    }
  }

  async #forward(
    action: Action & { type: "forward" },
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    served: Served,
  ): Promise<void> {
    const destination = served.targetGroup(chooseGroup(action))?.next();
    if (destination === undefined) {
      respond(outgoing, 503);
      return;
    }
    this.#onOutcome(
      await forward(incoming, outgoing, destination, {
        idleTimeoutSeconds: served.idleTimeoutSeconds,
        protocol: served.listener.protocol,
        port: served.listener.port,
      }),
    );
  }
}

/** By weight, at random; a group without healthy targets keeps its share, as on AWS. */
function chooseGroup({ targets }: Action & { type: "forward" }): string {
  let rest = Math.random() * targets.reduce((sum, { weight }) => sum + weight, 0);
  for (const { targetGroupArn, weight } of targets) {
    rest -= weight;
    if (rest < 0) return targetGroupArn;
  }
  return "";
}

function redirectTarget(
  action: Action & { type: "redirect" },
  givenPath: string,
  givenQuery: string,
  incoming: IncomingMessage,
  { listener }: Served,
): string {
  const values: Record<string, string> = {
    protocol: listener.protocol,
    host: (incoming.headers.host ?? "").replace(/:\d+$/u, ""),
    port: String(listener.port),
    path: givenPath.slice(1),
    query: givenQuery,
  };
  const fill = (template: string): string =>
    template.replaceAll(/#\{(\w+)\}/gu, (whole, key: string) => values[key] ?? whole);
  const query = fill(action.query);
  return `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${fill(action.port)}${fill(action.path)}${query === "" ? "" : `?${query}`}`;
}
