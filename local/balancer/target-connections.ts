import { Agent, type ClientRequest } from "node:http";
import type { Duplex } from "node:stream";
import type { Cancel, Clock } from "../clock.ts";

/**
 * The connections that a node keeps to a target. Node's own would heed a target's `Keep-Alive: timeout=5`, and so never send over one that the target
 * is closing; a load balancer closes connections after its own idle timeout alone, and a target that is quicker costs 502s (ELB guide,
 * "Troubleshoot").
 */
export class TargetConnections extends Agent {
  readonly #clock: Clock;
  readonly #idleTimeoutSeconds: () => number;
  readonly #idle = new WeakMap<Duplex, Cancel>();

  constructor(clock: Clock, idleTimeoutSeconds: () => number) {
    super({ keepAlive: true });
    this.#clock = clock;
    this.#idleTimeoutSeconds = idleTimeoutSeconds;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const cancel = this.#clock.after(this.#idleTimeoutSeconds() * 1000, () => {
      socket.destroy();
    });
    this.#idle.set(socket, cancel);
    socket.once("close", cancel);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    const cancel = this.#idle.get(socket);
    if (cancel !== undefined) {
      cancel();
      // One socket serves thousands of requests: each must leave as it came.
      socket.off("close", cancel);
    }
    super.reuseSocket(socket, request);
  }
}
