import type { JsonObject } from "../../runtime/relay.ts";
import type { Clock } from "../../runtime/telemetry/clock.ts";
import { ChildEnded, NotSent, Unanswered } from "./failures.ts";
import { errorOf, isObject, parseLine } from "./messages.ts";

/** What a request may come with. */
export interface RequestOptions {
  /** Ends the wait for an answer; the child is told that the request was cancelled. */
  readonly signal?: AbortSignal;
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
   * @param params made with the id, which is the progress token as well.
   * @returns the result.
   * @throws `AnswerError` where the child answers with an error, {@link ChildEnded} where it ends before that, {@link NotSent} where it has ended
   * already, {@link Unanswered} where nobody waits any more.
   */
  request(
    method: string,
    params: (id: number) => JsonObject,
    options?: RequestOptions,
  ): Promise<JsonObject>;
  notify(method: string, params?: JsonObject): void;
  /** Takes a line of the child. */
  readonly receive: (line: string) => void;
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

interface Open {
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (error: Error) => void;
  readonly options: RequestOptions;
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

  const answered = ({ id, result, error }: JsonObject): void => {
    const found = typeof id === "number" ? take(id) : undefined;
    // An answer that nobody waits for any more, or never has.
    if (found === undefined) return;
    lastAnswer = clock.now();
    if (error !== undefined) found.reject(errorOf(error));
    else if (isObject(result)) found.resolve(result);
    else found.reject(errorOf(undefined));
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

  const dispatch = (message: unknown, line: string): void => {
    if (!isObject(message)) {
      noise(line);
      return;
    }
    const { id, method, params } = message;
    if (typeof method !== "string") {
      if (id === undefined) noise(line);
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

  const request = (
    method: string,
    params: (id: number) => JsonObject,
    given: RequestOptions = {},
  ): Promise<JsonObject> =>
    new Promise((resolve, reject) => {
      const { signal, timeoutMilliseconds } = given;
      if (closedBy !== undefined) {
        reject(new NotSent(closedBy));
        return;
      }
      if (signal?.aborted === true) {
        reject(new Unanswered("cancelled"));
        return;
      }
      const id = ++lastId;
      const abandon = (reason: Unanswered["reason"]): void => {
        if (listening.has(id)) messagesFrom = clock.now() + AFTER_CANCEL_MILLISECONDS;
        take(id)?.reject(new Unanswered(reason));
        notify("notifications/cancelled", { requestId: id, reason });
      };
      const onAbort = (): void => {
        abandon("cancelled");
      };
      const stopTimer =
        timeoutMilliseconds === undefined
          ? undefined
          : clock.after(timeoutMilliseconds, () => {
              abandon("timeout");
            });
      signal?.addEventListener("abort", onAbort, { once: true });
      const settled = (): void => {
        stopTimer?.();
        signal?.removeEventListener("abort", onAbort);
      };
      open.set(id, {
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
        options: given,
      });
      if (given.message !== undefined) listening.add(id);
      write(JSON.stringify({ jsonrpc: "2.0", id, method, params: params(id) }));
    });

  return {
    get lastAnswer() {
      return lastAnswer;
    },
    request,
    notify,
    receive: (line) => {
      const message = parseLine(line);
      if (message === undefined) noise(line);
      // A batch, which the revision 2025-03-26 had.
      else if (Array.isArray(message)) for (const each of message) dispatch(each, line);
      else dispatch(message, line);
    },
    close: (reason) => {
      closedBy ??= reason;
      for (const id of open.keys()) take(id)?.reject(new ChildEnded(reason));
    },
  };
}
