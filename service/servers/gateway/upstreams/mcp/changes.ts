import { cancellationOf } from "../../../../runtime/cancellation.ts";
import type { JsonObject } from "../../../../runtime/relay.ts";
import type { UpstreamChange } from "../../upstream.ts";
import type { Address } from "../addresses/address.ts";
import type { Addresses } from "../addresses/addresses.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { Deadline, DeadlinePassed } from "../deadline.ts";
import { AttemptFailure } from "../failure.ts";
import { sendAuthorized } from "../http/send.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import { ChangeReading, isUnsupported, type StreamEnd } from "./change-reading.ts";
import type { Conversation } from "./conversation.ts";
import { legacyMessage, modernEnvelope, sessionHeaders } from "./envelope.ts";
import type { Message } from "./protocol.ts";
import { own } from "./question.ts";
import type { Session } from "./sessions.ts";

const FIRST_PAUSE_MILLISECONDS = 500;
const LAST_PAUSE_MILLISECONDS = 30_000;
/** An upstream without subscriptions may have some after its next release. */
const UNSUPPORTED_PAUSE_MILLISECONDS = 300_000;
/** Streams have no end of their own: a timer of 2³¹ ms or more would fire at once. */
const FOREVER_MILLISECONDS = 2_147_483_647;
/** Whoever subscribes within this time shares one new stream: clients that come one after the other would else break off each before it is open. */
const GATHER_MILLISECONDS = 50;
const GREETING_MILLISECONDS = 10_000;
/** Servers keep such streams alive, most every 15 s: one that is silent for so long has lost its other end. */
const SILENCE_MILLISECONDS = 300_000;
/** Clients watch so many resources of one upstream at most through one gateway. */
const MAX_RESOURCES = 10_000;

/** Hears from one upstream what has changed, on one stream that is opened again whenever it ends. */
export class Changes {
  readonly #conversation: Conversation;
  readonly #addresses: Addresses;
  readonly #credentials: Credentials;
  readonly #surroundings: CompleteSurroundings;
  readonly #tell: (change: UpstreamChange) => void;
  #uris: ReadonlySet<string> = new Set();
  #stream: AbortController | undefined;
  #cancelPause: (() => void) | undefined;
  #cancelSilence: (() => void) | undefined;
  #cancelGathering: (() => void) | undefined;
  /** What the stream that is open, or is being opened, was asked for. */
  #asked: ReadonlySet<string> | undefined;
  #pause = FIRST_PAUSE_MILLISECONDS;
  /** Whether there was a time without a stream, other than before the first. */
  #mayHaveMissed = false;
  #started = false;
  #closed = false;

  constructor(
    given: {
      readonly conversation: Conversation;
      readonly addresses: Addresses;
      readonly credentials: Credentials;
      readonly tell: (change: UpstreamChange) => void;
    },
    surroundings: CompleteSurroundings,
  ) {
    this.#conversation = given.conversation;
    this.#addresses = given.addresses;
    this.#credentials = given.credentials;
    this.#tell = given.tell;
    this.#surroundings = surroundings;
  }

  /** Begins to listen. Where every caller has credentials of its own, the gateway has none to listen with. */
  start(): void {
    if (this.#started || this.#closed || this.#credentials.perCaller) return;
    this.#started = true;
    void this.#listen();
  }

  /** The resources whose changes are wanted from now on. */
  watch(uris: ReadonlySet<string>): void {
    const wanted = new Set([...uris].slice(0, MAX_RESOURCES));
    if (wanted.size === this.#uris.size && [...wanted].every((uri) => this.#uris.has(uri))) return;
    this.#uris = wanted;
    if (!this.#started) return;
    this.#cancelGathering ??= this.#surroundings.clock.after(GATHER_MILLISECONDS, () => {
      this.#cancelGathering = undefined;
      this.#replaceStream();
    });
  }

  /** The filter of a stream is fixed: another stream takes its place. */
  #replaceStream(): void {
    this.#pause = FIRST_PAUSE_MILLISECONDS;
    if (this.#cancelPause !== undefined) {
      this.#cancelPause();
      this.#cancelPause = undefined;
      void this.#listen();
    } else if (this.#asked !== this.#uris) this.#stream?.abort();
  }

  close(): void {
    this.#closed = true;
    this.#cancelPause?.();
    this.#cancelGathering?.();
    this.#stream?.abort();
  }

  async #listen(): Promise<void> {
    while (!this.#closed) {
      const uris = this.#uris;
      this.#asked = uris;
      this.#stream = new AbortController();
      const pause = await this.#once(uris, this.#stream.signal);
      if (this.#isOver()) return;
      if (uris !== this.#uris) continue;
      this.#cancelPause = this.#surroundings.clock.after(pause, () => {
        this.#cancelPause = undefined;
        void this.#listen();
      });
      return;
    }
  }

  #isOver(): boolean {
    return this.#closed;
  }

  /** Listens until the stream ends; returns after how many milliseconds to listen again. */
  async #once(uris: ReadonlySet<string>, signal: AbortSignal): Promise<number> {
    try {
      await this.#addresses.pending;
      const address = this.#addresses.choose();
      const end = address === undefined ? undefined : await this.#open(address, uris, signal);
      if (end !== undefined && isUnsupported(end)) return UNSUPPORTED_PAUSE_MILLISECONDS;
    } catch (error) {
      if (error instanceof AttemptFailure && isUnsupported(error))
        return UNSUPPORTED_PAUSE_MILLISECONDS;
      if (!(error instanceof DeadlinePassed))
        this.#surroundings.log.debug({ err: error }, "a stream of changes has ended");
    }
    this.#mayHaveMissed = true;
    const pause = this.#pause;
    this.#pause = Math.min(pause * 2, LAST_PAUSE_MILLISECONDS);
    return pause * (0.5 + this.#surroundings.random() / 2);
  }

  async #open(
    address: Address,
    uris: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<StreamEnd | undefined> {
    const { clock } = this.#surroundings;
    const cancellation = cancellationOf(signal);
    const greeting = new Deadline(clock, GREETING_MILLISECONDS, cancellation);
    const deadline = new Deadline(clock, FOREVER_MILLISECONDS, cancellation);
    const forget = address.onLeave(() => {
      this.#stream?.abort();
    });
    try {
      const era = await this.#conversation.eraAt(address, greeting);
      if (era === "modern") return await this.#openModern(address, uris, deadline);
      const session = await this.#conversation.sessionAt(
        address,
        { callerToken: undefined },
        greeting,
      );
      // Without a session nothing can be heard: its lists are asked for again from time to time.
      if (session.id === undefined) return { status: 405 };
      const end = await this.#openLegacy(address, session, uris, deadline);
      if (end.status === 404) this.#conversation.forget(address, session);
      return end;
    } finally {
      forget();
      this.#cancelSilence?.();
      greeting.end();
      deadline.end();
    }
  }

  /** Something has come, or may come from now on. */
  #hear(): void {
    this.#cancelSilence?.();
    this.#cancelSilence = this.#surroundings.clock.after(SILENCE_MILLISECONDS, () => {
      this.#stream?.abort();
    });
  }

  #openModern(address: Address, uris: ReadonlySet<string>, deadline: Deadline): Promise<StreamEnd> {
    const question = own("subscriptions/listen", {
      notifications: {
        toolsListChanged: true,
        promptsListChanged: true,
        resourcesListChanged: true,
        ...(uris.size === 0 ? {} : { resourceSubscriptions: [...uris] }),
      },
    });
    const envelope = modernEnvelope(
      this.#conversation.endpoint.nextId(),
      question,
      this.#surroundings.clientInfo,
      {},
    );
    return this.#read(
      address,
      this.#conversation.endpoint.request("POST", envelope),
      deadline,
      // The acknowledgement says that from now on nothing is missed.
      (message) => {
        if (isAcknowledgement(message)) this.#opened(uris);
      },
    );
  }

  async #openLegacy(
    address: Address,
    session: Session,
    uris: ReadonlySet<string>,
    deadline: Deadline,
  ): Promise<StreamEnd> {
    return this.#read(
      address,
      this.#conversation.endpoint.request("GET", { headers: sessionHeaders(session) }),
      deadline,
      undefined,
      () => {
        this.#opened(uris);
        void this.#subscribe(address, session, uris, deadline);
      },
    );
  }

  #read(
    address: Address,
    request: Parameters<typeof sendAuthorized>[1],
    deadline: Deadline,
    heard?: (message: Message) => void,
    opened?: () => void,
  ): Promise<StreamEnd> {
    const given = { credentials: this.#credentials, context: { callerToken: undefined }, deadline };
    return sendAuthorized(
      address,
      request,
      given,
      () =>
        new ChangeReading(
          opened ?? ignore,
          () => {
            this.#hear();
          },
          (message) => {
            heard?.(message);
            if (message.kind === "notification") this.#notified(message.method, message.params);
          },
        ),
    );
  }

  async #subscribe(
    address: Address,
    session: Session,
    uris: ReadonlySet<string>,
    deadline: Deadline,
  ): Promise<void> {
    try {
      for (const uri of uris) {
        const id = this.#conversation.endpoint.nextId();
        const message = { id, method: "resources/subscribe", params: { uri } };
        await this.#conversation.endpoint.post(
          address,
          legacyMessage(session, message),
          { callerToken: undefined },
          deadline,
        );
      }
    } catch (error) {
      this.#surroundings.log.debug({ err: error }, "a subscription to a resource failed");
    }
  }

  /** What happened while nobody listened is not known: everything may have changed. */
  #opened(uris: ReadonlySet<string>): void {
    this.#pause = FIRST_PAUSE_MILLISECONDS;
    if (this.#mayHaveMissed) {
      this.#tell({ kind: "listing" });
      for (const uri of uris) this.#tell({ kind: "resource", uri });
    }
    this.#mayHaveMissed = true;
  }

  #notified(method: string, params: JsonObject): void {
    if (method === "notifications/resources/updated") {
      if (typeof params.uri === "string" && this.#uris.has(params.uri))
        this.#tell({ kind: "resource", uri: params.uri });
    } else if (method.endsWith("/list_changed")) {
      this.#tell({ kind: "listing" });
    }
  }
}

function isAcknowledgement(message: Message): boolean {
  return (
    message.kind === "notification" && message.method === "notifications/subscriptions/acknowledged"
  );
}

function ignore(): void {
  // There is nothing to do before the acknowledgement.
}
