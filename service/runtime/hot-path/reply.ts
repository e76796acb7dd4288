import type { ServerResponse } from "node:http";

/** An SSE comment: clients skip it, and everything between here and them sees a living connection. */
const COMMENT = ": keepalive\n\n";

const STREAM_HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache, no-transform",
  "X-Accel-Buffering": "no",
} as const;

/**
 * An answer that is JSON in one piece, unless something has to be said before: a message, or a sign of life after some time. It is a stream
 * of server-sent events from then on.
 */
export class Reply {
  readonly #response: ServerResponse;
  readonly #timer: NodeJS.Timeout;
  #isStream = false;
  #isOver = false;

  /** @param quietMilliseconds after how long without a word a sign of life is due. */
  constructor(response: ServerResponse, quietMilliseconds: number) {
    this.#response = response;
    this.#timer = setInterval(this.#comment, quietMilliseconds);
  }

  // Not in the constructor, where a closure would outlive the call: see `openCall`.
  readonly #comment = (): void => {
    this.#write(COMMENT);
  };

  /** Sends a message before the answer. */
  tell(message: string): void {
    if (!this.#isOver) this.#write(event(message));
  }

  /** Sends the answer; its status and headers are lost where the stream has begun. */
  end(message: string, status: number, headers: Readonly<Record<string, string>>): void {
    this.stop();
    const response = this.#response;
    if (response.destroyed) return;
    if (this.#isStream) {
      response.end(event(message));
      return;
    }
    response.writeHead(status, {
      ...headers,
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(message),
    });
    response.end(message);
  }

  /** Says nothing any more. */
  stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  /** What a client does not take would wait in this replica's memory. */
  #write(text: string): void {
    const response = this.#response;
    if (response.destroyed || response.writableNeedDrain) return;
    if (!this.#isStream) {
      this.#isStream = true;
      response.writeHead(200, STREAM_HEADERS);
    }
    response.write(text);
  }
}

/** JSON has no line breaks outside of strings, and none in them. */
function event(message: string): string {
  return `event: message\ndata: ${message}\n\n`;
}
