import { setTimeout as sleep } from "node:timers/promises";
import { errors, type interceptors } from "undici";

type RetryOptions = NonNullable<Parameters<typeof interceptors.retry>[0]>;

/** How long to wait before another attempt. */
export interface RetryTiming {
  /** Before the first retry, in milliseconds; each further wait is twice as long. */
  readonly firstDelayMilliseconds: number;
  /** No wait of our own is longer, in milliseconds. */
  readonly maxDelayMilliseconds: number;
}

/** What limits the attempts of one request. */
export interface RetryLimits extends RetryTiming {
  /** How long the request may still take, in milliseconds. */
  readonly remainingMilliseconds: () => number;
  /** Ends the wait for the next attempt. */
  readonly signal: AbortSignal;
  /** Whether the request may still be repeated. */
  readonly repeatable: () => boolean;
}

/** Two catch a passing failure; more would only add load to an API that is really down. */
const RETRIES = 2;

const STATUSES = new Set([429, 500, 502, 503, 504]);

/** Failures of a connection, not of a request; a GET may be repeated after any of them. */
const CODES = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
]);

/**
 * Options of undici's retry interceptor, for one request. Its own policy shortens `Retry-After` to
 * `maxTimeout` and knows no deadline, hence this one: it waits as long as the API asks, and gives up
 * at once where that would be too long.
 */
export function retryOptions(limits: RetryLimits): RetryOptions {
  return {
    // The answer to the last attempt comes through, with the body that says what is wrong.
    throwOnError: false,
    retry: (error, { state }, proceed) => {
      // `counter` is the number of attempts that have failed.
      const delay = Math.max(backoff(limits, state.counter), retryAfter(error));
      if (
        state.counter > RETRIES ||
        !passing(error) ||
        !limits.repeatable() ||
        delay >= limits.remainingMilliseconds()
      ) {
        proceed(error);
        return;
      }
      sleep(delay, undefined, { signal: limits.signal }).then(
        () => {
          proceed(null);
        },
        () => {
          proceed(error);
        },
      );
    },
  };
}

function passing(error: Error): boolean {
  if (error instanceof errors.RequestRetryError) return STATUSES.has(error.statusCode);
  return "code" in error && typeof error.code === "string" && CODES.has(error.code);
}

function backoff(timing: RetryTiming, attempt: number): number {
  return Math.min(timing.firstDelayMilliseconds * 2 ** (attempt - 1), timing.maxDelayMilliseconds);
}

/** `Retry-After` in milliseconds, given in seconds or as a date (RFC 9110, section 10.2.3); 0 if none. */
function retryAfter(error: Error): number {
  if (!(error instanceof errors.RequestRetryError)) return 0;
  const value = error.headers["retry-after"];
  if (typeof value !== "string") return 0;
  if (/^\d+$/u.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : date - Date.now();
}
