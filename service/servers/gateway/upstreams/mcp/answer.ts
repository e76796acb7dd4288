import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../../../../runtime/relay.ts";
import type { Clock } from "../../../../runtime/telemetry/clock.ts";
import { AttemptFailure } from "../failure.ts";
import { BodyText } from "../http/body.ts";
import { EventStream } from "../http/event-stream.ts";
import type { Reading } from "../http/send.ts";
import { statusFailure } from "../http/statuses.ts";
import { readMessage, type Message } from "./protocol.ts";

/** What came back for one request. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The response to it; undefined only where the status says all: 202, and errors whose body is no JSON-RPC. */
  readonly message: Extract<Message, { kind: "result" | "error" }> | undefined;
}

/** Hears what comes before the response. */
export interface AnswerListener {
  notified(method: string, params: JsonObject): void;
  /** The upstream asks something back. */
  asked(id: string | number, method: string): void;
}

/** Errors explain themselves in some hundred bytes. */
const MAX_ERROR_BYTES = 64 * 1024;
/** After the response a stream ends in the next packet, or the server has forgotten it. */
const GRACE_MILLISECONDS = 1000;

/** Reads the answer to a POST: JSON, or a stream of events (Streamable HTTP, "Sending Messages"). */
export class AnswerReading implements Reading<Answer> {
  readonly #id: number | undefined;
  readonly #listener: AnswerListener | undefined;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #resolve: (answer: Answer) => void;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #body: BodyText | undefined;
  #stream: EventStream | undefined;
  #answered = false;

  constructor(
    given: {
      /** That of the request; undefined for what has none and gets 202. */
      readonly id: number | undefined;
      readonly listener?: AnswerListener | undefined;
      readonly maxBytes: number;
      readonly clock: Clock;
    },
    resolve: (answer: Answer) => void,
  ) {
    this.#id = given.id;
    this.#listener = given.listener;
    this.#maxBytes = given.maxBytes;
    this.#clock = given.clock;
    this.#resolve = resolve;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
    const failure = statusFailure(status, headers);
    if (failure !== undefined) throw failure;
    const type = headers["content-type"] ?? "";
    if (status >= 400) this.#body = new BodyText(MAX_ERROR_BYTES);
    else if (this.#id === undefined) return;
    else if (/^application\/json\b/iu.test(type)) this.#body = new BodyText(this.#maxBytes);
    else if (/^text\/event-stream\b/iu.test(type)) this.#stream = this.#events();
    else throw invalid("answered with something that is neither JSON nor an event stream");
  }

  data(chunk: Buffer): void {
    if (this.#answered) return;
    if (this.#stream !== undefined) this.#stream.add(chunk);
    else this.#body?.add(chunk);
  }

  end(): Answer {
    if (this.#stream !== undefined) {
      throw new AttemptFailure("ended its answer without a result", {
        reason: "broken",
        mayHaveRun: true,
      });
    }
    const body = this.#body;
    const message = body === undefined ? undefined : readMessage(body.text(), body.bytes);
    const answer = this.#matching(message);
    if (answer === undefined && this.#status < 400 && this.#id !== undefined)
      throw invalid("answered with something that is no response to the request");
    return this.#answer(answer);
  }

  settled(drop: () => void): void {
    this.#clock.after(GRACE_MILLISECONDS, drop);
  }

  #answer(message: Answer["message"]): Answer {
    this.#answered = true;
    return { status: this.#status, headers: this.#headers, message };
  }

  #events(): EventStream {
    return new EventStream(this.#maxBytes, (data) => {
      if (this.#answered) return;
      const message = readMessage(data);
      if (message === undefined) throw invalid("gave an event that is no JSON-RPC message");
      if (message.kind === "notification") {
        this.#listener?.notified(message.method, message.params);
      } else if (message.kind === "request") {
        this.#listener?.asked(message.id, message.method);
      } else {
        const response = this.#matching(message);
        if (response === undefined) throw invalid("gave the response to another request");
        this.#resolve(this.#answer(response));
      }
    });
  }

  /** The message if it is the response; an error that came about before the id was read has none. */
  #matching(message: Message | undefined): Answer["message"] {
    if (message?.kind !== "result" && message?.kind !== "error") return undefined;
    if (message.id === this.#id) return message;
    const hasNone = message.id === undefined || message.id === null;
    return message.kind === "error" && hasNone ? message : undefined;
  }
}

function invalid(predicate: string): AttemptFailure {
  return new AttemptFailure(predicate, { reason: "invalid_answer", mayHaveRun: true });
}
