import { once } from "node:events";
import type { Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** A connection on which a test writes what it likes. */
export interface RawClient {
  readonly socket: Socket;
  /** Resolves with everything received so far, once that matches. */
  readonly received: (pattern: RegExp) => Promise<string>;
  /** Resolves with everything that was received, once the connection is closed. */
  readonly closed: () => Promise<string>;
}

/** Listens on a free port of loopback; ended with the test. */
export async function listen(context: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Connects and reads; with `paused`, it never reads a byte. */
export async function connectRaw(
  context: TestContext,
  port: number,
  { paused = false }: { paused?: boolean } = {},
): Promise<RawClient> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  // A reset is one way in which a connection closes.
  socket.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    socket.once("close", () => {
      resolve();
    });
  });
  let received = "";
  if (!paused) {
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => (received += text));
    // Whoever hears the end ends, too.
    socket.on("end", () => socket.end());
  }
  await once(socket, "connect");
  context.after(() => {
    socket.destroy();
  });
  return {
    socket,
    received: async (pattern) => {
      while (!pattern.test(received)) {
        if (socket.closed) throw new Error(`Closed after ${JSON.stringify(received)}.`);
        await Promise.race([once(socket, "data"), ended]);
      }
      return received;
    },
    closed: async () => {
      await ended;
      return received;
    },
  };
}
