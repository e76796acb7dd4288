import type { ServerResponse } from "node:http";
import type { Wanted } from "./filter.ts";
import { completion, type Notification } from "./messages.ts";

/** An SSE comment: clients skip it, and everything between here and them sees a living connection. */
const COMMENT = ": keepalive\n\n";

const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache, no-transform",
  "X-Accel-Buffering": "no",
} as const;

/**
 * How much may wait for a client, in bytes: what it is told of in one turn of the event loop, 64 changes of resources with the longest URI
 * that a request may name (2048 characters). A client that is further behind learns more by subscribing again.
 */
const MOST_WAITING_BYTES = 128 * 1024;

/** What a stream is made of. */
export interface ListenStreamOptions {
  readonly response: ServerResponse;
  readonly id: string | number;
  readonly wanted: Wanted;
  /** Who the server is, as JSON. */
  readonly serverInfo: string;
  /** When it is to be ended, in milliseconds of `performance.now()`. */
  readonly endsAt: number;
  /** The number of the last change before it. */
  readonly seen: number;
}

/** One open subscription. Thousands of them are held at once: it has no timer, no listener and no buffer of its own. */
export class ListenStream {
  readonly wanted: Wanted;
  readonly endsAt: number;
  /** The number of the last change that it was told of, or that it need not be told of. */
  seen: number;
  readonly #response: ServerResponse;
  readonly #id: string;
  readonly #serverInfo: string;

  constructor({ response, id, wanted, serverInfo, endsAt, seen }: ListenStreamOptions) {
    this.wanted = wanted;
    this.endsAt = endsAt;
    this.seen = seen;
    this.#response = response;
    this.#id = JSON.stringify(id);
    this.#serverInfo = serverInfo;
  }

  /** Whether its client has left. A response that waits behind another one on its connection is not told of that. */
  get hasLeft(): boolean {
    return this.#response.destroyed || this.#response.req.socket.destroyed;
  }

  /** Sends the head, and the first event. */
  begin(acknowledgement: string): void {
    this.#response.writeHead(200, HEADERS);
    // By itself: Node would append to the head otherwise, and keep the many pieces that it is made of for as long as the stream is open.
    this.#response.flushHeaders();
    this.#response.write(acknowledgement);
  }

  /** Tells of a change, or cuts the stream of a client that does not keep up. */
  tell({ before, after }: Notification): void {
    if (this.hasLeft) return;
    if (this.#response.writableLength > MOST_WAITING_BYTES) this.#response.destroy();
    else this.#response.write(before + this.#id + after);
  }

  /** Gives a sign of life, unless something waits for the client anyway. */
  comment(): void {
    if (this.#response.writableLength === 0) this.#response.write(COMMENT);
  }

  /** Says that it is over, and ends. */
  end(): void {
    if (!this.hasLeft) this.#response.end(completion(this.#id, this.#serverInfo));
  }
}
