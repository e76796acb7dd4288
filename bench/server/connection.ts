import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  /** As it came, in chunks where it came in chunks. */
  readonly text: string;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "\r\n0\r\n\r\n";

/**
 * One connection of a caller, for one request after the other. A client that does all that HTTP asks for takes several times what the servers do
 * here, and none of them would ever be busy: this one understands lengths and chunks, and nothing else.
 */
export class Connection {
  readonly #socket: Socket;
  #received = "";
  #waiting: Waiting | undefined;

  /** @throws where nobody listens. */
  static async open(port: number): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => {
      resolve(undefined);
    });
    socket.once("error", reject);
    await promise;
    return new Connection(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#take(text);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#waiting?.reject(new Error("The connection was closed."));
    });
  }

  /** @param text the whole request. One at a time. @throws where the connection ends first. */
  request(text: string): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    if (this.#socket.destroyed) return Promise.reject(new Error("The connection is closed."));
    this.#waiting = { resolve, reject };
    this.#socket.write(text);
    return promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/iu.exec(head)?.[1];
    const start = headEnd + HEAD_END.length;
    const isWhole =
      length === undefined
        ? this.#received.endsWith(LAST_CHUNK)
        : this.#received.length - start >= Number(length);
    if (!isWhole) return;
    const answer = { status: Number(head.slice(9, 12)), text: this.#received.slice(start) };
    this.#received = "";
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }
}

/** A request as it goes over the wire, but for its body. @returns what writes it with one. */
export function writeRequests(
  port: number,
  headers: Readonly<Record<string, string>>,
): (body: string) => string {
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...headers });
  const head = `POST /mcp HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}`;
  return (body) => `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
