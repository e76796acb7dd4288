import type { IncomingHttpHeaders } from "node:http";
import type { Address } from "../addresses/address.ts";
import type { CredentialContext, Credentials } from "../credentials/credentials.ts";
import { DeadlinePassed, type Deadline } from "../deadline.ts";
import { Exchange, type AnswerReader, type HttpRequest } from "./exchange.ts";
import { connectionFailure } from "./statuses.ts";

/** What an answer is made of as it comes. */
export interface Reading<T> {
  head: AnswerReader["head"];
  data: AnswerReader["data"];
  /** The answer has come to its end, if `resolve` was not called before. @throws {AttemptFailure} */
  end(): T;
  /** The connection is no longer needed: called before the end where the answer says it all, and its end does not come. */
  settled?(drop: () => void): void;
}

/** Begins to read an answer; `resolve` ends it before the body does. */
export type StartReading<T> = (resolve: (value: T) => void) => Reading<T>;

/**
 * Sends one request to one address, once, and reads the answer.
 *
 * @throws {AttemptFailure} where there is none.
 * @throws {DeadlinePassed}
 */
export function send<T>(
  address: Address,
  request: HttpRequest,
  deadline: Deadline,
  start: StartReading<T>,
): Promise<T> {
  if (deadline.passed !== undefined) return Promise.reject(new DeadlinePassed(deadline.passed));
  return new Promise<T>((resolve, reject) => {
    new Sending(resolve, reject).begin(address, request, deadline, start);
  });
}

/** One request on its way. A class, since closures for each step would be as many objects for each call. */
class Sending<T> implements AnswerReader {
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: Error) => void;
  readonly #exchange = new Exchange(this);
  #reading: Reading<T> | undefined;
  #forget: (() => void) | undefined;

  constructor(resolve: (value: T) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(address: Address, request: HttpRequest, deadline: Deadline, start: StartReading<T>): void {
    this.#reading = start((value) => {
      this.#settleEarly(value);
    });
    this.#forget = deadline.onPass((reason) => {
      this.#exchange.abort(new DeadlinePassed(reason));
    });
    this.#exchange.start(address.pool, request);
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#reading?.head(status, headers);
  }

  data(chunk: Buffer): void {
    this.#reading?.data(chunk);
  }

  end(): void {
    this.#forget?.();
    try {
      if (this.#reading !== undefined) this.#resolve(this.#reading.end());
    } catch (error) {
      this.#reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  failed(error: Error, sent: boolean): void {
    this.#forget?.();
    this.#reject(
      error instanceof DeadlinePassed
        ? new DeadlinePassed(error.reason, sent)
        : connectionFailure(error, sent),
    );
  }

  #settleEarly(value: T): void {
    this.#forget?.();
    this.#resolve(value);
    this.#reading?.settled?.(() => {
      this.#exchange.drop();
    });
  }
}

/**
 * The same, with proof of who asks: once more with new credentials where the upstream refused those that were given, which it does before it runs
 * anything.
 */
export async function sendAuthorized<T extends { readonly status: number }>(
  address: Address,
  request: HttpRequest,
  given: {
    readonly credentials: Credentials;
    readonly context: CredentialContext;
    readonly deadline: Deadline;
  },
  start: StartReading<T>,
): Promise<T> {
  const { credentials, context, deadline } = given;
  for (let first = true; ; first = false) {
    const proving = credentials.headers(request, context);
    const proof = proving instanceof Promise ? await deadline.wait(proving) : proving;
    const answer = await send(
      address,
      isEmpty(proof) ? request : { ...request, headers: { ...request.headers, ...proof } },
      deadline,
      start,
    );
    if (answer.status !== 401 || !first) return answer;
    const refused = credentials.refused(proof, context);
    if (!(typeof refused === "boolean" ? refused : await deadline.wait(refused))) return answer;
  }
}

function isEmpty(headers: Readonly<Record<string, string>>): boolean {
  for (const _name in headers) return false;
  return true;
}
