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
    const reading = start((value) => {
      forget();
      resolve(value);
      reading.settled?.(() => {
        exchange.drop();
      });
    });
    const exchange = new Exchange({
      head: (status, headers) => {
        reading.head(status, headers);
      },
      data: (chunk) => {
        reading.data(chunk);
      },
      end: () => {
        forget();
        try {
          resolve(reading.end());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      },
      failed: (error, sent) => {
        forget();
        reject(
          error instanceof DeadlinePassed
            ? new DeadlinePassed(error.reason, sent)
            : connectionFailure(error, sent),
        );
      },
    });
    const forget = deadline.onPass((reason) => {
      exchange.abort(new DeadlinePassed(reason));
    });
    exchange.start(address.pool, request);
  });
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
      { ...request, headers: { ...request.headers, ...proof } },
      deadline,
      start,
    );
    if (answer.status !== 401 || !first) return answer;
    const refused = credentials.refused(proof, context);
    if (!(typeof refused === "boolean" ? refused : await deadline.wait(refused))) return answer;
  }
}
