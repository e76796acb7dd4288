import type { Socket } from "node:net";
import type { Cancel, Clock } from "../clock.ts";
import type { Exchange } from "./forward.ts";
import { IdleTimer } from "./idle-timer.ts";
import type { BalancerNode } from "./nodes.ts";
import { rawErrorPage } from "./pages.ts";

/** How long a client waits for a connection to a node that does not answer. Clients differ; CloudFront waits this long by default. */
const CLIENT_CONNECT_TIMEOUT_SECONDS = 10;

export interface ConnectionSettings {
  readonly clock: Clock;
  readonly node: BalancerNode;
  readonly isNodeLost: boolean;
  /** Read anew for each wait. */
  readonly idleTimeoutSeconds: () => number;
  /** A changed value counts for new connections alone (ELB guide, "Client keepalive duration"). */
  readonly clientKeepAliveSeconds: number;
}

/** A client's connection to a node, and what is under way over it. */
export class ClientConnection {
  readonly node: BalancerNode;
  readonly exchanges = new Set<Exchange>();
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #openedAt: number;
  readonly #idle: IdleTimer;
  #cancelReset: Cancel | undefined;
  /** Bytes that had come when the last request did: more of them are the beginning of another one. */
  #bytesAtRequest = 0;
  #isLost = false;

  constructor(socket: Socket, settings: ConnectionSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.node = settings.node;
    const { clock } = settings;
    this.#openedAt = clock.now();
    this.node.connections++;
    this.#idle = new IdleTimer(
      clock,
      () => settings.idleTimeoutSeconds() * 1000,
      () => {
        this.#timeOut();
      },
    );
    socket.once("close", () => {
      this.node.connections--;
      this.#idle.close();
      this.#cancelReset?.();
    });
    if (!settings.isNodeLost) return;
    this.lose();
    // Not a node's doing: a client here is connected although none answers, and must be told that it is not.
    this.#cancelReset = clock.after(CLIENT_CONNECT_TIMEOUT_SECONDS * 1000, () => {
      socket.resetAndDestroy();
    });
  }

  /** Whether its node has lost power: nothing is answered any more, and nothing closed. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether the answer to this request must be the last one. */
  get isTooOld(): boolean {
    const { clock, clientKeepAliveSeconds } = this.#settings;
    return clock.now() - this.#openedAt >= clientKeepAliveSeconds * 1000;
  }

  touch(): void {
    this.#idle.touch();
  }

  /** A request has come, its headers at least. */
  requested(): void {
    this.#bytesAtRequest = this.#socket.bytesRead;
    this.touch();
  }

  /** The node has lost power. */
  lose(): void {
    this.#isLost = true;
    this.#idle.close();
    for (const exchange of this.exchanges) exchange.loseNode();
    this.exchanges.clear();
  }

  /** The zone has power again: the new node knows nothing of the connection. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #timeOut(): void {
    if (this.exchanges.size > 0) {
      for (const exchange of [...this.exchanges]) exchange.timeOut();
      return;
    }
    // Half a request, and then nothing.
    if (this.#socket.bytesRead > this.#bytesAtRequest) this.#socket.end(rawErrorPage(408));
    else this.#socket.end();
    this.#idle.close();
  }
}
