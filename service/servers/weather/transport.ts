import { performance } from "node:perf_hooks";
import { interceptors, Pool } from "undici";
import { BoundedCacheStore } from "./cache-store.ts";
import { failureOf, parseJson, WeatherApiError } from "./failure.ts";
import { retryOptions, type RetryTiming } from "./retry.ts";
import { rememberSender, SenderContextClient } from "./sender-context.ts";

/** How the API is reached. */
export interface TransportOptions {
  /** An http or https address; paths are resolved below it. */
  readonly baseUrl: URL;
  /** Who asks; the API refuses requests without it, and wants a contact in it. */
  readonly userAgent: string;
  /** How long one request may take, retries included, in milliseconds. Default 20 000. */
  readonly deadlineMilliseconds?: number;
  /** The longest answer that is read, in bytes. Default 8 MiB. */
  readonly maxBodyBytes?: number;
  /** How much the cache may hold, in bytes. Default 16 MiB. */
  readonly cacheBytes?: number;
  /** Default: 250 ms before the first retry, doubled for each further one, 2 s at most. */
  readonly retry?: RetryTiming;
}

/** Fetches JSON from one API. */
export interface Transport {
  /**
   * @throws {WeatherApiError} if the API does not give a JSON answer in time.
   * @throws the signal's reason, if the signal aborts.
   */
  getJson(path: string, options: { readonly signal: AbortSignal }): Promise<unknown>;
  /** Ends every request and connection at once. */
  close(): Promise<void>;
}

/**
 * The API takes up to 14 s at times (weather-gov/api#162). The MCP SDKs' clients wait 60 s for a tool
 * unless told otherwise, and a tool makes up to two requests.
 */
const DEADLINE_MILLISECONDS = 20_000;
/** An alert takes some kilobytes, a forecast about 13 (weather-gov/api#108): no true answer is longer. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** About a thousand forecasts: plenty for what is asked repeatedly, little in a small container. */
const CACHE_BYTES = 16 * 1024 * 1024;
const RETRY: RetryTiming = { firstDelayMilliseconds: 250, maxDelayMilliseconds: 2000 };
/** A refused request explains itself in some hundred bytes; more is not read. */
const MAX_PROBLEM_BYTES = 64 * 1024;
/** A handshake that takes longer has lost a packet; another attempt is faster than waiting. */
const CONNECT_MILLISECONDS = 5000;
/** What one replica may ask of the API at a time; further requests queue until their deadline. */
const CONNECTIONS = 16;

/** Opens a transport: pooled connections, a cache that obeys the API's headers (RFC 9111), bounded retries. */
export function createTransport(options: TransportOptions): Transport {
  const { baseUrl, userAgent } = options;
  const deadlineMilliseconds = options.deadlineMilliseconds ?? DEADLINE_MILLISECONDS;
  const maxBodyBytes = options.maxBodyBytes ?? MAX_BODY_BYTES;
  const prefix = baseUrl.pathname.replace(/\/+$/u, "");
  const headers = { "user-agent": userAgent, accept: "application/geo+json" };
  const pool = new Pool(baseUrl.origin, {
    connections: CONNECTIONS,
    factory: (origin, settings) => new SenderContextClient(origin, settings),
    connect: { timeout: CONNECT_MILLISECONDS },
    // Nobody waits longer. It matters to requests that nobody can abort: see `unlessAborted`.
    headersTimeout: deadlineMilliseconds,
    bodyTimeout: deadlineMilliseconds,
  });
  const cache = interceptors.cache({
    store: new BoundedCacheStore(options.cacheBytes ?? CACHE_BYTES),
    // One cache for all callers: nothing of a request comes from them but the path.
    type: "shared",
    methods: ["GET"],
  });

  async function exchange(path: string, signal: AbortSignal): Promise<unknown> {
    const expires = performance.now() + deadlineMilliseconds;
    let answered = false;
    const retry = interceptors.retry(
      retryOptions({
        ...(options.retry ?? RETRY),
        remainingMilliseconds: () => expires - performance.now(),
        signal,
        // After headers, undici would ask for the rest only, and splice what may be two versions.
        repeatable: () => !answered,
      }),
    );
    // The last is the outermost: answers from the cache are never retried.
    const { statusCode, body } = await pool
      .compose(rememberSender, retry, cache)
      .request({ origin: baseUrl.origin, path: prefix + path, method: "GET", headers, signal });
    answered = true;
    if (statusCode < 200 || statusCode > 299) {
      throw failureOf(statusCode, await readText(body, MAX_PROBLEM_BYTES));
    }
    const text = await readText(body, maxBodyBytes);
    if (text === undefined) {
      throw unexpected(`is longer than ${maxBodyBytes} bytes`);
    }
    const value = parseJson(text);
    if (value === undefined) throw unexpected("is not JSON");
    return value;
  }

  return {
    getJson: async (path, { signal: caller }) => {
      const deadline = AbortSignal.timeout(deadlineMilliseconds);
      const signal = AbortSignal.any([caller, deadline]);
      try {
        return await unlessAborted(signal, exchange(path, signal));
      } catch (error) {
        caller.throwIfAborted();
        if (error instanceof WeatherApiError) throw error;
        const code = codeOf(error);
        if (deadline.aborted || TIMEOUT_CODES.has(code ?? "")) {
          throw new WeatherApiError(
            "timeout",
            `The National Weather Service API did not answer within ${deadlineMilliseconds / 1000} s.`,
            { cause: error },
          );
        }
        if (code === undefined) throw error;
        throw new WeatherApiError(
          "unavailable",
          `The connection to the National Weather Service API failed (${code}).`,
          { cause: error },
        );
      }
    },
    close: () => pool.destroy(),
  };
}

const TIMEOUT_CODES = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** Failures of the network have a code, in Node's words or undici's; mistakes of our own have none. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** @param predicate what is wrong with the answer, completing "An answer of the API …". */
export function unexpected(predicate: string, options?: ErrorOptions): WeatherApiError {
  return new WeatherApiError(
    "unexpected",
    `An answer of the National Weather Service API ${predicate}.`,
    options,
  );
}

/**
 * The work's result, or a rejection as soon as the signal aborts.
 *
 * undici alone does not promise the latter: its cache interceptor hands the means to abort over only
 * when a revalidation is answered, and its retry interceptor has none while it waits.
 */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason);
  };
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The body as text; `undefined`, with the rest unread, if it is longer than `maxBytes`. */
async function readText(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the stream, and with it the connection.
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
