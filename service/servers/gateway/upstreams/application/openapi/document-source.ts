import { RelayError } from "../../../../../runtime/relay.ts";
import { openAddress, type Address } from "../../addresses/address.ts";
import { Deadline, DeadlinePassed } from "../../deadline.ts";
import { AttemptFailure, unanswered } from "../../failure.ts";
import type { HttpRequest } from "../../http/exchange.ts";
import { send } from "../../http/send.ts";
import type { CompleteSurroundings } from "../../surroundings.ts";
import { ApplicationFailure, readAnswer, type ApplicationAnswer } from "../answer.ts";
import { ArgumentCheck } from "../argument-check.ts";
import type { Known, OperationSource } from "../operation-source.ts";
import { readDocument, Unmappable } from "./document.ts";
import { mapDocument } from "./operations.ts";

/** From one question for the document to the next. */
const PERIOD_MILLISECONDS = 300_000;
/** The same where the last one brought nothing that could be used. */
const RETRY_MILLISECONDS = 30_000;
/** How long the document may take. */
const DOCUMENT_MILLISECONDS = 10_000;
const ACCEPT = "application/json, application/yaml;q=0.9, text/yaml;q=0.9, */*;q=0.5";

/** Asks the application for something, at any of its addresses. @throws {RelayError} */
export type AskApplication = (
  request: Pick<HttpRequest, "path" | "headers">,
  timeoutMilliseconds: number,
) => Promise<ApplicationAnswer>;

export interface DocumentSourceOptions {
  readonly upstream: string;
  readonly documentUrl: URL;
  /** Where the document is one of the application's own; undefined where it lies elsewhere: it is then fetched without credentials. */
  readonly ask: AskApplication | undefined;
  /** See `mapDocument`. */
  readonly credentialHeader: string | undefined;
}

/** The operations of an OpenAPI document, which is asked for again and again. One that cannot be used changes nothing. */
export class DocumentSource implements OperationSource {
  readonly #options: DocumentSourceOptions;
  readonly #surroundings: CompleteSurroundings;
  readonly #elsewhere: Address | undefined;
  #known: Known | undefined;
  #text: string | undefined;
  #validators: Readonly<Record<string, string>> = {};
  #nextAt = 0;
  #refreshing: Promise<boolean> | undefined;
  #lastProblem: string | undefined;

  constructor(options: DocumentSourceOptions, surroundings: CompleteSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    if (options.ask === undefined)
      this.#elsewhere = openAddress(options.documentUrl, surroundings.connectMilliseconds);
  }

  get known(): Known | undefined {
    return this.#known;
  }

  get ttlMilliseconds(): number {
    return RETRY_MILLISECONDS;
  }

  refresh(): Promise<boolean> {
    if (this.#known !== undefined && this.#surroundings.clock.now() < this.#nextAt)
      return Promise.resolve(false);
    return (this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    }));
  }

  async close(): Promise<void> {
    await this.#elsewhere?.close();
  }

  async #refresh(): Promise<boolean> {
    const { ask, upstream } = this.#options;
    const { clock } = this.#surroundings;
    let isAnswered = false;
    try {
      const answer = await this.#fetch();
      isAnswered = true;
      await this.#take(answer);
      this.#lastProblem = undefined;
      this.#nextAt = clock.now() + PERIOD_MILLISECONDS;
    } catch (error) {
      const problem = problemOf(error);
      if (problem === undefined) throw error;
      this.#nextAt = clock.now() + RETRY_MILLISECONDS;
      this.#warn(problem, error);
      if (this.#known === undefined)
        throw unanswered(
          upstream,
          `gives no OpenAPI document that can be used. ${problem}`.replace(/\.$/u, ""),
          {
            mayHaveRun: false,
            repeatable: true,
            cause: error,
          },
        );
    }
    return isAnswered && ask !== undefined;
  }

  async #fetch(): Promise<ApplicationAnswer> {
    const { ask, documentUrl } = this.#options;
    const path = documentUrl.pathname + documentUrl.search;
    const headers = {
      host: documentUrl.host,
      accept: ACCEPT,
      "accept-encoding": "identity",
      ...this.#validators,
    };
    if (ask !== undefined) return ask({ path, headers }, DOCUMENT_MILLISECONDS);
    if (this.#elsewhere === undefined) throw new Error("There is no address for the document.");
    const { clock, maxAnswerBytes } = this.#surroundings;
    const deadline = new Deadline(clock, DOCUMENT_MILLISECONDS);
    try {
      return await send(
        this.#elsewhere,
        { method: "GET", path, headers },
        deadline,
        readAnswer(maxAnswerBytes),
      );
    } finally {
      deadline.end();
    }
  }

  async #take(answer: ApplicationAnswer): Promise<void> {
    const { status, headers, body, isTooLong } = answer;
    if (status === 304 && this.#known !== undefined) return;
    if (status !== 200) throw new Unmappable(`It is answered with HTTP ${status}.`);
    if (isTooLong) throw new Unmappable("It is too long.");
    const text = body.toString("utf8");
    if (text !== this.#text || this.#known === undefined) {
      const { operations, leftOut } = mapDocument(
        await readDocument(text),
        this.#options.credentialHeader,
      );
      const { upstream } = this.#options;
      for (const sentence of leftOut)
        this.#surroundings.log.warn({ upstream }, `An operation of \`${upstream}\`: ${sentence}`);
      this.#surroundings.log.info({ upstream, operations: operations.size }, "OpenAPI document");
      this.#known = { operations, check: new ArgumentCheck() };
      this.#text = text;
    }
    const { etag, "last-modified": lastModified } = headers;
    this.#validators = {
      ...(etag === undefined ? {} : { "if-none-match": etag }),
      ...(lastModified === undefined ? {} : { "if-modified-since": lastModified }),
    };
  }

  #warn(problem: string, err: unknown): void {
    if (problem === this.#lastProblem) return;
    this.#lastProblem = problem;
    const { upstream } = this.#options;
    this.#surroundings.log.warn(
      { upstream, err },
      `The OpenAPI document of the upstream \`${upstream}\` cannot be used. ${problem} ${this.#known === undefined ? "Its tools are listed when there is one." : "The last one stays."}`,
    );
  }
}

/** Why there is no document, in a sentence; undefined where it is the application that does not answer. */
function problemOf(error: unknown): string | undefined {
  if (error instanceof RelayError) {
    const { cause } = error;
    return cause instanceof ApplicationFailure
      ? `It is answered with HTTP ${cause.answer.status}.`
      : undefined;
  }
  if (error instanceof Unmappable) return error.message;
  if (error instanceof AttemptFailure) return `The server that has it ${error.message}.`;
  if (error instanceof DeadlinePassed) return "It did not come in time.";
  // Whatever else a document does to its reader, such as schemas that are nested without end: the last one stays.
  return "It cannot be read.";
}
