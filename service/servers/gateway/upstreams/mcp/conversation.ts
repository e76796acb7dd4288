import { RelayError, type JsonObject } from "../../../../runtime/relay.ts";
import type { Address } from "../addresses/address.ts";
import type { CredentialContext, Credentials } from "../credentials/credentials.ts";
import { DeadlinePassed, type Deadline } from "../deadline.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import type { Answer, AnswerListener } from "./answer.ts";
import { answerError } from "./answer-error.ts";
import { Endpoint, preparing } from "./endpoint.ts";
import { legacyEnvelope, modernEnvelope } from "./envelope.ts";
import { contradicts, endsSession, eraOf, type Era } from "./era.ts";
import { greet, NotGreeted } from "./greeting.ts";
import type { Introduction } from "./listing.ts";
import { ParameterHeaders } from "./parameter-headers.ts";
import { isObject, METHOD_NOT_FOUND } from "./protocol.ts";
import { own, type Question } from "./question.ts";
import { Sessions, type Session } from "./sessions.ts";

/** As many questions of a legacy upstream are replied to while it works on one call; none takes more than a few. */
const MOST_REPLIES = 16;

/** Speaks with the addresses of one upstream in the revision that each understands. */
export class Conversation {
  readonly #upstream: string;
  readonly #credentials: Credentials;
  readonly #surroundings: CompleteSurroundings;
  readonly #changed: () => void;
  readonly #eras = new WeakMap<Address, Era>();
  readonly #probes = new Map<Address, Promise<Era>>();
  readonly #sessions: Sessions;
  /** That of the whole upstream, as far as is known: addresses that are new are taken to be like the others. */
  #era: Era | undefined;
  readonly endpoint: Endpoint;
  /** What the tools that were listed want in headers. */
  readonly parameterHeaders = new ParameterHeaders();

  /** @param changed called when an upstream tells within an answer that what it offers has changed. */
  constructor(
    given: { readonly upstream: string; readonly url: URL; readonly credentials: Credentials },
    surroundings: CompleteSurroundings,
    changed: () => void,
  ) {
    this.#upstream = given.upstream;
    this.#credentials = given.credentials;
    this.#surroundings = surroundings;
    this.endpoint = new Endpoint(given, surroundings);
    this.#changed = changed;
    this.#sessions = new Sessions((address, session) => {
      void this.endpoint.farewell(address, session);
    });
  }

  get era(): Era | undefined {
    return this.#era;
  }

  /**
   * Asks one address one question.
   *
   * @returns the result as it came.
   * @throws {RelayError} if it answers with an error.
   * @throws {AttemptFailure} if it does not answer.
   * @throws {DeadlinePassed}
   */
  async ask(address: Address, question: Question, deadline: Deadline): Promise<JsonObject> {
    let isNew = false;
    for (;;) {
      const era =
        this.#eras.get(address) ??
        this.#era ??
        (await this.#probe(address, question.credentials, deadline));
      const answer =
        era === "modern"
          ? await this.#askModern(address, question, deadline)
          : await this.#askLegacy(address, question, deadline);
      const { message } = answer;
      if (message?.kind === "result") return message.result;
      if (isNew || !contradicts(era, answer)) throw answerError(this.#upstream, answer);
      // A rollout may have brought another revision. Such a status was given before anything ran.
      isNew = true;
      if ((await this.#probe(address, question.credentials, deadline)) === era)
        throw answerError(this.#upstream, answer);
    }
  }

  /**
   * What the upstream says of itself, asked anew.
   *
   * @throws as {@link ask} does.
   */
  async introduction(
    address: Address,
    question: Question,
    deadline: Deadline,
  ): Promise<Introduction> {
    const { credentials } = question;
    for (let first = true; ; first = false) {
      if ((await this.eraAt(address, deadline, credentials)) === "modern") {
        try {
          return introducedBy(await this.ask(address, question, deadline));
        } catch (error) {
          // It has become a legacy one meanwhile, which does not know the question.
          if (first && error instanceof RelayError && this.#eras.get(address) === "legacy")
            continue;
          throw error;
        }
      }
      try {
        const session = await this.sessionAt(address, credentials, deadline, true);
        return { ...session, discovered: undefined };
      } catch (error) {
        if (!(error instanceof NotGreeted)) throw error;
        if (!first || (await this.#probe(address, credentials, deadline)) === "legacy")
          throw answerError(this.#upstream, error.answer);
      }
    }
  }

  /** The era of an address, found out if it is not known. */
  async eraAt(
    address: Address,
    deadline: Deadline,
    credentials: CredentialContext = { callerToken: undefined },
  ): Promise<Era> {
    return (
      this.#eras.get(address) ?? this.#era ?? (await this.#probe(address, credentials, deadline))
    );
  }

  /** The session with a legacy address, begun if there is none; `fresh`: begun in any case where the upstream keeps none. */
  async sessionAt(
    address: Address,
    context: CredentialContext,
    deadline: Deadline,
    fresh = false,
  ): Promise<Session> {
    const identity = this.#credentials.identity(context);
    const session = this.#sessions.get(address, identity);
    if (session !== undefined && !(fresh && session.id === undefined)) return session;
    return preparing(
      deadline.wait(
        this.#sessions.begin(address, identity, () =>
          greet(this.endpoint, address, context, this.#surroundings.clientInfo),
        ),
      ),
    );
  }

  /** A session of the gateway's own is gone. */
  forget(address: Address, session: Session): void {
    this.#sessions.forget(address, "", session);
  }

  /** Ends the sessions with an address. */
  leave(address: Address): void {
    this.#sessions.endAll(address);
  }

  #askModern(address: Address, question: Question, deadline: Deadline): Promise<Answer> {
    const id = this.endpoint.nextId();
    const { method, params, parameterHeaders } = question;
    const envelope = modernEnvelope(
      id,
      question,
      this.#surroundings.clientInfo,
      method === "tools/call" && typeof params.name === "string"
        ? this.parameterHeaders.complete(parameterHeaders, params.name, params.arguments)
        : parameterHeaders,
    );
    return this.endpoint.post(address, envelope, question.credentials, deadline, {
      id,
      listener: this.#listener(id, question),
    });
  }

  async #askLegacy(address: Address, question: Question, deadline: Deadline): Promise<Answer> {
    const { credentials } = question;
    for (let first = true; ; first = false) {
      let session: Session;
      try {
        session = await this.sessionAt(address, credentials, deadline);
      } catch (error) {
        // What does not let itself be greeted may have become a modern one.
        if (error instanceof NotGreeted) return error.answer;
        throw error;
      }
      const id = this.endpoint.nextId();
      const answer = await this.#postLegacy(address, id, question, session, deadline);
      if (session.id === undefined || !first || !endsSession(answer)) return answer;
      // The replica has forgotten the session, so it has run nothing.
      this.#sessions.forget(address, this.#credentials.identity(credentials), session);
    }
  }

  async #postLegacy(
    address: Address,
    id: number,
    question: Question,
    session: Session,
    deadline: Deadline,
  ): Promise<Answer> {
    const context = question.credentials;
    let replies = 0;
    const reply = (to: string | number, method: string): void => {
      // Every reply is a request of its own: whoever asks without an end would have the gateway ask without an end.
      if (++replies > MOST_REPLIES) return;
      const message =
        method === "ping"
          ? { id: to, result: {} }
          : { id: to, error: { code: METHOD_NOT_FOUND, message: "Method not found" } };
      void this.endpoint.aside(address, session, message, context);
    };
    try {
      return await this.endpoint.post(
        address,
        legacyEnvelope(id, question, session),
        context,
        deadline,
        {
          id,
          listener: { ...this.#listener(id, question), asked: reply },
        },
      );
    } catch (error) {
      // Before 2026-07-28, a connection that ends is no cancellation. A server without sessions would not know what is meant.
      if (error instanceof DeadlinePassed && error.sent && session.id !== undefined) {
        const params = { requestId: id, reason: error.reason };
        void this.endpoint.aside(
          address,
          session,
          { method: "notifications/cancelled", params },
          context,
        );
      }
      throw error;
    }
  }

  #listener(id: number, { progress, message }: Question): AnswerListener {
    return {
      notified: (method, params) => {
        if (method === "notifications/progress") {
          if (params.progressToken === id) progress?.(params);
        } else if (method === "notifications/message") {
          message?.(params);
        } else if (method.endsWith("/list_changed")) {
          this.#changed();
        }
      },
      // A server of 2026-07-28 has no requests of its own.
      asked: () => undefined,
    };
  }

  #probe(address: Address, credentials: CredentialContext, deadline: Deadline): Promise<Era> {
    let probe = this.#probes.get(address);
    if (probe === undefined) {
      probe = this.#discover(address, credentials).finally(() => this.#probes.delete(address));
      this.#probes.set(address, probe);
    }
    return preparing(deadline.wait(probe));
  }

  async #discover(address: Address, context: CredentialContext): Promise<Era> {
    return this.endpoint.prepare(async (deadline) => {
      const id = this.endpoint.nextId();
      const envelope = modernEnvelope(
        id,
        own("server/discover", {}),
        this.#surroundings.clientInfo,
        {},
      );
      const answer = await this.endpoint.post(address, envelope, context, deadline, { id });
      const era = eraOf(answer);
      if (era === undefined) throw answerError(this.#upstream, answer);
      if (era !== this.#eras.get(address)) {
        this.#sessions.endAll(address);
        this.#surroundings.log.info(
          { upstream: this.#upstream, address: address.label, era },
          "the era of an upstream was found out",
        );
      }
      this.#eras.set(address, era);
      this.#era = era;
      return era;
    });
  }
}

function introducedBy(discovered: JsonObject): Introduction {
  const { capabilities, instructions } = discovered;
  return {
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === "string" ? instructions : undefined,
    discovered,
  };
}
