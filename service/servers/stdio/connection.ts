import type { Cancellation } from "../../runtime/cancellation.ts";
import { receivedIn } from "../../runtime/received.ts";
import type { JsonObject } from "../../runtime/relay.ts";
import type { Clock } from "../../runtime/telemetry/clock.ts";
import { ChildEnded, NotSent, Unanswered } from "./failures.ts";
import { errorOf, isObject, parseLine } from "./messages.ts";

/** What a request may come with. */
export interface RequestOptions {
  /** Ends the wait for an answer; the child is told that the request was cancelled. */
  readonly cancellation?: Cancellation;
  /** The same after some time, in milliseconds. */
  readonly timeoutMilliseconds?: number;
  /** Gets `params` of progress of this request. */
  readonly progress?: ((params: JsonObject) => void) | undefined;
  /** Gets `params` of log messages, as long as no other request of this child wants them: they do not say which one they belong to. */
  readonly message?: ((params: JsonObject) => void) | undefined;
}

/** The protocol with one child: who asks what, by ids of our own. */
export interface Connection {
  /** When the last answer came, by the clock; undefined before the first. */
  readonly lastAnswer: number | undefined;
  /**
   * Asks the child.
   *
   * @param params made with the id, which is the progress token as well; a text is the JSON of them.
   * @returns the result; one that came in a long line is passed on as it came, unless it is changed (see `receivedIn`).
   * @throws `AnswerError` where the child answers with an error, {@link ChildEnded} where it ends before that, {@link NotSent} where it has ended
   * already, {@link Unanswered} where nobody waits any more.
   */
  request(
    method: string,
    params: (id: number) => JsonObject | string,
    options?: RequestOptions,
  ): Promise<JsonObject>;
  notify(method: string, params?: JsonObject): void;
  /** Takes a line of the child. @param bytes the same in UTF-8, where they are at hand; they do not change. */
  readonly receive: (line: string, bytes?: Buffer) => void;
  /** Fails what is open, and all that comes. */
  close(reason: string): void;
}

/** What a connection is told to do, and tells. */
export interface ConnectionOptions {
  readonly clock: Clock;
  /** Sends a line. */
  readonly write: (line: string) => void;
  /** Sends a line that answers what the child has asked. */
  readonly reply: (line: string) => void;
  /** Gets notifications that belong to no request. */
  readonly notified: (method: string, params: JsonObject) => void;
  /** Gets lines that are not of the protocol. */
  readonly noise: (line: string) => void;
}

/** A request that is not answered yet. */
class Open {
  readonly options: RequestOptions;
  /** Stop what would end the wait. */
  stopTimer: (() => void) | undefined;
  forgetCaller: (() => void) | undefined;
  readonly #resolve: (result: JsonObject) => void;
  readonly #reject: (error: Error) => void;

  constructor(
    options: RequestOptions,
    resolve: (result: JsonObject) => void,
    reject: (error: Error) => void,
  ) {
    this.options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resolve(result: JsonObject): void {
    this.#settle();
    this.#resolve(result);
  }

  reject(error: Error): void {
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.stopTimer?.();
    this.forgetCaller?.();
  }
}

const METHOD_NOT_FOUND = -32601;

/** How long a cancelled request may still write log messages, in milliseconds: until then no other request gets any. */
const AFTER_CANCEL_MILLISECONDS = 60_000;

export function createConnection(options: ConnectionOptions): Connection {
  const { clock, write, reply, notified, noise } = options;
  const open = new Map<number, Open>();
  /** The open requests that want log messages. */
  const listening = new Set<number>();
  let lastId = 0;
  let lastAnswer: number | undefined;
  let closedBy: string | undefined;
  let messagesFrom = -Infinity;

  const take = (id: number): Open | undefined => {
    const found = open.get(id);
    open.delete(id);
    listening.delete(id);
    return found;
  };

  const answered = ({ id, result, error }: JsonObject, line?: string, bytes?: Buffer): void => {
    const found = typeof id === "number" ? take(id) : undefined;
    // An answer that nobody waits for any more, or never has.
    if (found === undefined) return;
    lastAnswer = clock.now();
    if (error !== undefined) found.reject(errorOf(error));
    else if (!isObject(result)) found.reject(errorOf(undefined));
    else found.resolve(line === undefined ? result : receivedIn(line, result, bytes));
  };

  const asked = (id: unknown, method: string): void => {
    if (typeof id !== "number" && typeof id !== "string") return;
    // The one thing that a server of the 2025 revisions may ask of every client.
    const body =
      method === "ping"
        ? { result: {} }
        : {
            error: {
              code: METHOD_NOT_FOUND,
              message: `\`${method}\` is not answered: this client declared no such capability.`,
            },
          };
    reply(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
  };

  const told = (method: string, params: JsonObject): void => {
    if (method === "notifications/progress") {
      const token = params["progressToken"];
      if (typeof token === "number") open.get(token)?.options.progress?.(params);
      return;
    }
    if (method === "notifications/message" && listening.size === 1 && clock.now() >= messagesFrom) {
      for (const id of listening) open.get(id)?.options.message?.(params);
      return;
    }
    notified(method, params);
  };

  /** @param isWhole whether the message is all that the line has. */
  const dispatch = (message: unknown, line: string, isWhole: boolean, bytes?: Buffer): void => {
    if (!isObject(message)) {
      noise(line);
      return;
    }
    const { id, method, params } = message;
    if (typeof method !== "string") {
      if (id === undefined) noise(line);
      else if (isWhole) answered(message, line, bytes);
      else answered(message);
    } else if (id === undefined) passOn(method, isObject(params) ? params : {}, line);
    else asked(id, method);
  };

  /** Whoever hears of it writes it down again, which what is nested some thousand levels deep does not survive: that must not end this process. */
  const passOn = (method: string, params: JsonObject, line: string): void => {
    try {
      told(method, params);
    } catch {
      noise(line);
    }
  };

  const notify = (method: string, params?: JsonObject): void => {
    if (closedBy !== undefined) return;
    write(JSON.stringify({ jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }) }));
  };

  const abandon = (id: number, reason: Unanswered["reason"]): void => {
    if (listening.has(id)) messagesFrom = clock.now() + AFTER_CANCEL_MILLISECONDS;
    take(id)?.reject(new Unanswered(reason));
    notify("notifications/cancelled", { requestId: id, reason });
  };

  const request = (
    method: string,
    params: (id: number) => JsonObject | string,
    given: RequestOptions = {},
  ): Promise<JsonObject> =>
    new Promise((resolve, reject) => {
      const { cancellation, timeoutMilliseconds } = given;
      if (closedBy !== undefined) {
        reject(new NotSent(closedBy));
        return;
      }
      if (cancellation?.aborted === true) {
        reject(new Unanswered("cancelled"));
        return;
      }
      const id = ++lastId;
      const made = params(id);
      const text = typeof made === "string" ? made : JSON.stringify(made);
      const asking = new Open(given, resolve, reject);
      asking.forgetCaller = cancellation?.onAbort(() => {
        abandon(id, "cancelled");
      });
      if (timeoutMilliseconds !== undefined) {
        asking.stopTimer = clock.after(timeoutMilliseconds, () => {
          abandon(id, "timeout");
        });
      }
      open.set(id, asking);
      if (given.message !== undefined) listening.add(id);
      write(`{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${text}}`);
    });

  return {
    get lastAnswer() {
      return lastAnswer;
    },
    request,
    notify,
    receive: (line, bytes) => {
      const message = parseLine(line);
      if (message === undefined) noise(line);
      // A batch, which the revision 2025-03-26 had.
      else if (Array.isArray(message)) for (const each of message) dispatch(each, line, false);
      else dispatch(message, line, true, bytes);
    },
    close: (reason) => {
      closedBy ??= reason;
      for (const id of open.keys()) take(id)?.reject(new ChildEnded(reason));
    },
  };
}
