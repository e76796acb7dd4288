import type { JsonObject } from "../../../../runtime/relay.ts";
import type { Address } from "../addresses/address.ts";
import type { CredentialContext, Credentials } from "../credentials/credentials.ts";
import { Deadline, DeadlinePassed } from "../deadline.ts";
import { AttemptFailure } from "../failure.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { send, sendAuthorized } from "../http/send.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import { AnswerReading, type Answer, type AnswerListener } from "./answer.ts";
import { legacyMessage, modernEnvelope, sessionHeaders, type Envelope } from "./envelope.ts";
import { own } from "./question.ts";
import type { Session } from "./sessions.ts";

/** For what prepares a call or follows it, and is no call itself. */
const PREPARATION_MILLISECONDS = 10_000;
const ASIDE_MILLISECONDS = 1000;

/** Posts messages to the MCP endpoint of an upstream, at any of its addresses. */
export class Endpoint {
  readonly #upstream: string;
  readonly #credentials: Credentials;
  readonly #surroundings: CompleteSurroundings;
  readonly #path: string;
  readonly #host: string;
  #lastId = 0;

  constructor(
    given: { readonly upstream: string; readonly url: URL; readonly credentials: Credentials },
    surroundings: CompleteSurroundings,
  ) {
    this.#upstream = given.upstream;
    this.#credentials = given.credentials;
    this.#surroundings = surroundings;
    this.#path = given.url.pathname + given.url.search;
    this.#host = given.url.host;
  }

  /** An id that no request had. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** @returns the answer, whatever it says. @throws {AttemptFailure}, {DeadlinePassed} */
  post(
    address: Address,
    envelope: Envelope,
    context: CredentialContext,
    deadline: Deadline,
    answering?: { readonly id: number; readonly listener?: AnswerListener },
  ): Promise<Answer> {
    return sendAuthorized(
      address,
      this.request("POST", envelope),
      { credentials: this.#credentials, context, deadline },
      (resolve) => this.#reading(resolve, answering?.id, answering?.listener),
    );
  }

  /** Says something within a session that nobody waits for. */
  async aside(
    address: Address,
    session: Session,
    message: JsonObject,
    context: CredentialContext,
  ): Promise<void> {
    await this.#unheeded((deadline) =>
      this.post(address, legacyMessage(session, message), context, deadline),
    );
  }

  /** Ends a session. One with the credentials of a caller is left to end by itself. */
  async farewell(address: Address, session: Session): Promise<void> {
    if (session.id === undefined || this.#credentials.perCaller) return;
    const request = this.request("DELETE", { headers: sessionHeaders(session) });
    const context = { callerToken: undefined };
    await this.#unheeded((deadline) =>
      sendAuthorized(
        address,
        request,
        { credentials: this.#credentials, context, deadline },
        (resolve) => this.#reading(resolve),
      ),
    );
  }

  /** Whether an address answers at all: an error of the client's is an answer, too. */
  async answers(address: Address, milliseconds: number): Promise<boolean> {
    const deadline = new Deadline(this.#surroundings.clock, milliseconds);
    const id = this.nextId();
    const question = own("server/discover", {});
    const envelope = modernEnvelope(id, question, this.#surroundings.clientInfo, {});
    try {
      // Without credentials: whoever is told to show them knows that somebody is there.
      await send(address, this.request("POST", envelope), deadline, (resolve) =>
        this.#reading(resolve, id),
      );
      return true;
    } catch (error) {
      return error instanceof AttemptFailure && error.reason === "busy";
    } finally {
      deadline.end();
    }
  }

  /** Work that several calls may wait for: it has a time of its own. */
  async prepare<T>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
    const deadline = new Deadline(this.#surroundings.clock, PREPARATION_MILLISECONDS);
    try {
      return await work(deadline);
    } catch (error) {
      if (!(error instanceof DeadlinePassed)) throw error;
      throw new AttemptFailure(`did not answer within ${PREPARATION_MILLISECONDS / 1000} s`, {
        reason: "broken",
        mayHaveRun: false,
        cause: error,
      });
    } finally {
      deadline.end();
    }
  }

  /** A request to the endpoint. */
  request(
    method: HttpRequest["method"],
    { headers, body }: { readonly headers: Record<string, string>; readonly body?: string },
  ): HttpRequest {
    headers.host = this.#host;
    return body === undefined
      ? { method, path: this.#path, headers }
      : { method, path: this.#path, headers, body };
  }

  async #unheeded(work: (deadline: Deadline) => Promise<unknown>): Promise<void> {
    const deadline = new Deadline(this.#surroundings.clock, ASIDE_MILLISECONDS);
    try {
      await work(deadline);
    } catch (error) {
      const { log } = this.#surroundings;
      log.debug({ upstream: this.#upstream, err: error }, "an upstream did not hear a word");
    } finally {
      deadline.end();
    }
  }

  #reading(
    resolve: (answer: Answer) => void,
    id?: number,
    listener?: AnswerListener,
  ): AnswerReading {
    const { maxAnswerBytes: maxBytes, clock } = this.#surroundings;
    return new AnswerReading({ id, listener, maxBytes, clock }, resolve);
  }
}

/** What fails before the request itself is sent has not run it. */
export async function preparing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AttemptFailure ? error.before() : error;
  }
}
