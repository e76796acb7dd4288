import { STATUS_CODES, type Server } from "node:http";
import { Socket } from "node:net";
import type { Connection } from "../connections.ts";

/** Answers by the codes of Node's parser; everything else is 400. */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers what is no HTTP, and what did not arrive in time, and closes the connection. Unlike Node's own, it never writes into an answer
 * that has begun, nor a second one behind an answer that came early.
 *
 * @param unused what to do with a connection on which nothing has ever come when its time is up.
 */
export function answerClientErrors(
  server: Server,
  stateOf: (socket: Socket) => Connection | undefined,
  unused: (socket: Socket) => void,
): void {
  server.on("clientError", ({ code }: NodeJS.ErrnoException, socket) => {
    if (!(socket instanceof Socket)) {
      socket.destroy();
      return;
    }
    if (code === "ERR_HTTP_REQUEST_TIMEOUT" && socket.bytesRead === 0) {
      unused(socket);
      return;
    }
    if (code === "ECONNRESET" || !socket.writable || isAnswered(stateOf(socket))) {
      socket.destroy();
      return;
    }
    const status = STATUS[code ?? ""] ?? 400;
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    socket.destroySoon();
  });
}

function isAnswered(state: Connection | undefined): boolean {
  if (state === undefined) return false;
  const { responses, answeredEarly } = state;
  if (answeredEarly?.complete === false) return true;
  for (const { headersSent } of responses) if (headersSent) return true;
  return false;
}
