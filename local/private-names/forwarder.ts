import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** Takes connections at one port of this machine, and makes each one to one of several places. */
export interface Forwarder {
  readonly port: number;
  close(): Promise<void>;
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * Starts one.
 *
 * @param choose where the next connection goes; undefined where there is nobody. What does not accept is not replaced by another: the connection is reset.
 */
export async function startForwarder(choose: () => Place | undefined): Promise<Forwarder> {
  const open = new Set<Socket>();
  const server = createServer((incoming) => {
    const place = choose();
    incoming.on("error", () => undefined);
    if (place === undefined) {
      incoming.resetAndDestroy();
      return;
    }
    const outgoing = connect(place);
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on("error", () => {
        other.resetAndDestroy();
      });
      one.on("close", () => {
        open.delete(one);
        other.destroySoon();
      });
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
