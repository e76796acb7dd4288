import type { IncomingHttpHeaders } from "node:http";
import { AttemptFailure } from "../failure.ts";
import type { Reading, StartReading } from "../http/send.ts";
import { statusFailure } from "../http/statuses.ts";

/** What an application answered. */
export interface ApplicationAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As much of it as was read: of errors the beginning, of what is no use to a model nothing. */
  readonly body: Buffer;
  /** The bytes that came, or were announced. */
  readonly length: number;
  /** Whether the answer is longer than anything that is read. */
  readonly isTooLong: boolean;
}

/** The application failed (5xx), and says how. */
export class ApplicationFailure extends AttemptFailure {
  readonly answer: ApplicationAnswer;

  constructor(failure: AttemptFailure, answer: ApplicationAnswer) {
    const { message, reason, mayHaveRun } = failure;
    super(message, { reason, mayHaveRun });
    this.answer = answer;
  }
}

/** Errors explain themselves in some hundred bytes. */
const MAX_ERROR_BYTES = 64 * 1024;

/** Reads whole answers. @param isWanted whether anything can be made of such a body; what is not wanted is only counted. */
export function readAnswer(
  maxBytes: number,
  isWanted: (headers: IncomingHttpHeaders) => boolean = () => true,
): StartReading<ApplicationAnswer> {
  return (resolve) => new AnswerBody(maxBytes, isWanted, resolve);
}

class AnswerBody implements Reading<ApplicationAnswer> {
  readonly #maxBytes: number;
  readonly #isWanted: (headers: IncomingHttpHeaders) => boolean;
  readonly #resolve: (answer: ApplicationAnswer) => void;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #failure: AttemptFailure | undefined;
  #keeps = true;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(
    maxBytes: number,
    isWanted: (headers: IncomingHttpHeaders) => boolean,
    resolve: (answer: ApplicationAnswer) => void,
  ) {
    this.#maxBytes = maxBytes;
    this.#isWanted = isWanted;
    this.#resolve = resolve;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
    const failure = statusFailure(status, headers);
    if (failure?.reason === "busy") throw failure;
    if (status >= 500) this.#failure = failure;
    if (status >= 300) return;
    this.#keeps = this.#isWanted(headers);
    const announced = Number(headers["content-length"] ?? 0);
    if (announced > this.#maxBytes) {
      this.#length = announced;
      this.#resolve(this.#answer(true));
    }
  }

  data(chunk: Buffer): void {
    this.#length += chunk.length;
    const isError = this.#status >= 300;
    if (this.#keeps) this.#chunks.push(chunk);
    if (this.#length <= (isError ? MAX_ERROR_BYTES : this.#maxBytes)) return;
    this.#keeps = false;
    // The beginning of an error is enough; of anything else, a part would be taken for the whole.
    if (!isError) this.#chunks = [];
    const answer = this.#answer(!isError);
    if (this.#failure !== undefined) throw new ApplicationFailure(this.#failure, answer);
    this.#resolve(answer);
  }

  end(): ApplicationAnswer {
    const answer = this.#answer(false);
    if (this.#failure !== undefined) throw new ApplicationFailure(this.#failure, answer);
    return answer;
  }

  settled(drop: () => void): void {
    drop();
  }

  #answer(isTooLong: boolean): ApplicationAnswer {
    return {
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#chunks),
      length: this.#length,
      isTooLong,
    };
  }
}

/** Reads no more than whether there is an answer: a proxy that finds nobody behind it gives none. */
export const readSignOfLife: StartReading<{ readonly status: number }> = (resolve) => ({
  head: (status, headers) => {
    const failure = statusFailure(status, headers);
    if (failure?.reason === "broken") throw failure;
    resolve({ status });
  },
  data: () => undefined,
  end: () => ({ status: 0 }),
  settled: (drop) => {
    drop();
  },
});
