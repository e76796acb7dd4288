import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { DeadlinePassed } from "../deadline.ts";

/** A request as it is written. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Takes an answer as it comes. What `head` and `data` throw breaks the exchange off, and comes back to `failed`. */
export interface AnswerReader {
  head(status: number, headers: IncomingHttpHeaders): void;
  data(chunk: Buffer): void;
  /** The answer is complete; called at most once, and then nothing else is. */
  end(): void;
  /** @param sent whether a byte of the request may have left. */
  failed(error: Error, sent: boolean): void;
}

/** One request and its answer on a connection of undici's. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #reader: AnswerReader;
  #controller: Dispatcher.DispatchController | undefined;
  #done = false;
  #sent = false;

  constructor(reader: AnswerReader) {
    this.#reader = reader;
  }

  /** Whether a byte of the request may have left. */
  get sent(): boolean {
    return this.#sent;
  }

  /** Sends it. */
  start(dispatcher: Dispatcher, request: HttpRequest): void {
    try {
      dispatcher.dispatch(
        {
          method: request.method,
          path: request.path,
          headers: request.headers as Record<string, string>,
          body: request.body ?? null,
        },
        this,
      );
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Ends it at once; the connection is closed if it was used. */
  abort(reason: Error | DeadlinePassed): void {
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  /** Lets go of the connection without a word to the reader. */
  drop(): void {
    if (this.#done) return;
    this.#done = true;
    this.#controller?.abort(new Error("The rest of the answer is not wanted."));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#done) {
      controller.abort(new Error("Nobody waits for the answer any longer."));
      return;
    }
    this.#controller = controller;
    this.#sent = true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // 1xx only announces an answer.
    if (this.#done || status < 200) return;
    try {
      this.#reader.head(status, headers);
    } catch (error) {
      this.#break(controller, error);
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done) return;
    try {
      this.#reader.data(chunk);
    } catch (error) {
      this.#break(controller, error);
    }
  }

  onResponseEnd(): void {
    if (this.#done) return;
    this.#done = true;
    this.#reader.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #break(controller: Dispatcher.DispatchController, error: unknown): void {
    const reason = error instanceof Error ? error : new Error(String(error));
    this.#fail(reason);
    controller.abort(reason);
  }

  #fail(error: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#reader.failed(error, this.#sent);
  }
}
