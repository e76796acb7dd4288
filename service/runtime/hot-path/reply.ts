import type { ServerResponse } from "node:http";
import { END, type WrittenAnswer } from "./written-answer.ts";

/** An SSE comment: clients skip it, and everything between here and them sees a living connection. */
const COMMENT = ": keepalive\n\n";

const STREAM_HEADERS = [
  "Content-Type",
  "text/event-stream",
  "Cache-Control",
  "no-cache, no-transform",
  "X-Accel-Buffering",
  "no",
];

/**
 * An answer that is JSON in one piece, unless something has to be said before: a message, or a sign of life after some time. It is a stream
 * of server-sent events from then on.
 */
export class Reply {
  readonly #response: ServerResponse;
  readonly #requestId: string;
  #timer: NodeJS.Timeout | undefined;
  #isStream = false;
  #isOver = false;

  constructor(response: ServerResponse, requestId: string) {
    this.#response = response;
    this.#requestId = requestId;
  }

  /** The answer is not there at once. @param quietMilliseconds after how long without a word a sign of life is due. */
  wait(quietMilliseconds: number): void {
    if (!this.#isOver) this.#timer = setInterval(comment, quietMilliseconds, this);
  }

  /** Sends a message before the answer. */
  tell(message: string): void {
    if (!this.#isOver) this.#write(event(message));
  }

  /** Shows that the answer is still being worked on. */
  comment(): void {
    this.#write(COMMENT);
  }

  /** Sends the answer; its status and headers are lost where the stream has begun. @param headers names and values in turn. */
  end({ text, rest }: WrittenAnswer, status: number, headers: readonly string[]): void {
    this.stop();
    const response = this.#response;
    if (response.destroyed) return;
    if (this.#isStream) {
      response.end(event(rest === undefined ? text : text + rest.toString() + END));
      return;
    }
    const bytes = Buffer.byteLength(text);
    // A text of ASCII alone is copied as it is, which takes a fraction of encoding it.
    const encoding = bytes === text.length ? "latin1" : "utf8";
    this.#head(status, [
      ...headers,
      "Content-Type",
      "application/json",
      "Content-Length",
      String(rest === undefined ? bytes : bytes + rest.length + END.length),
    ]);
    if (rest === undefined) {
      response.end(text, encoding);
      return;
    }
    // In one system call.
    response.cork();
    response.write(text, encoding);
    response.write(rest);
    response.end(END);
    response.uncork();
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
      this.#head(200, STREAM_HEADERS);
    }
    response.write(text);
  }

  /** One list for all: Node goes through headers that are set one by one a second time. */
  #head(status: number, headers: readonly string[]): void {
    this.#response.writeHead(status, ["X-Request-Id", this.#requestId, ...headers]);
  }
}

function comment(reply: Reply): void {
  reply.comment();
}

/** JSON has no line breaks outside of strings, and none in them. */
function event(message: string): string {
  return `event: message\ndata: ${message}\n\n`;
}
