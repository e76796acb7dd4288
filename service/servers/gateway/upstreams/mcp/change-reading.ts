import type { IncomingHttpHeaders } from "node:http";
import { AttemptFailure } from "../failure.ts";
import { EventStream } from "../http/event-stream.ts";
import type { Reading } from "../http/send.ts";
import { statusFailure } from "../http/statuses.ts";
import { readMessage, type Message } from "./protocol.ts";

/** Changes take some hundred bytes. */
const MAX_EVENT_CHARACTERS = 1024 * 1024;

/** How a stream of changes ended; with a status that is no success, there was none. */
export interface StreamEnd {
  readonly status: number;
}

/** Reads a stream that stays open: that of `subscriptions/listen`, or a legacy server's GET. */
export class ChangeReading implements Reading<StreamEnd> {
  readonly #opened: () => void;
  readonly #heard: () => void;
  readonly #stream: EventStream;
  #status = 0;

  /** @param heard called for everything that comes, comments that keep the stream alive among it. */
  constructor(opened: () => void, heard: () => void, message: (message: Message) => void) {
    this.#opened = opened;
    this.#heard = heard;
    this.#stream = new EventStream(MAX_EVENT_CHARACTERS, (data) => {
      const read = readMessage(data);
      if (read !== undefined) message(read);
    });
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    const failure = statusFailure(status, headers);
    if (failure !== undefined) throw failure;
    this.#status = status;
    if (status >= 400) return;
    if (!/^text\/event-stream\b/iu.test(headers["content-type"] ?? "")) {
      // Such as the JSON-RPC error of a server that knows no subscriptions.
      this.#status = 405;
      return;
    }
    this.#heard();
    this.#opened();
  }

  data(chunk: Buffer): void {
    if (this.#status >= 400) return;
    this.#heard();
    this.#stream.add(chunk);
  }

  end(): StreamEnd {
    return { status: this.#status };
  }
}

/**
 * Refusals that are over soon: a session that is gone (404), a stream before this one that the upstream has not seen the end of (409, as the
 * SDK's servers with sessions say), and haste.
 */
const PASSING: ReadonlySet<number> = new Set([404, 408, 409, 425, 429]);

/** Whether there is no sense in asking again soon. */
export function isUnsupported(end: StreamEnd | AttemptFailure): boolean {
  return end instanceof AttemptFailure
    ? end.reason === "invalid_answer"
    : (end.status >= 400 && end.status < 500 && !PASSING.has(end.status)) || end.status === 501;
}
