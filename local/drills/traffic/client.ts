import { Pool } from "undici";
import { failureOfCall, readAnswer } from "./answer.ts";
import type { Message } from "./message.ts";
import type { Ending } from "./repetition.ts";

/** Where calls go, and as whom. */
export interface Destination {
  readonly url: string;
  readonly token: string | undefined;
}

/** What came back for one request. */
export interface Exchange extends Ending {
  /** Why the call has failed; undefined where it has not. */
  readonly problem: string | undefined;
  readonly challenge: string | undefined;
  readonly contentType: string;
  readonly body: string;
}

/** No connection was made, so nothing was sent. */
const NOTHING_SENT = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** How a drill's clients use their connections. */
export interface ClientOptions {
  /** How long a connection may take. */
  readonly connectMilliseconds: number;
  /** How long the load balancer may be silent before a client gives up. */
  readonly silenceMilliseconds: number;
}

/** As many as a burst of slow calls needs: waiting in the client would hide what the server does. */
const CONNECTIONS = 2000;

/** Connections that rest are closed by the client, before the load balancer does so under a request. */
const KEEP_ALIVE_MILLISECONDS = 1000;

/** A client of one endpoint over HTTP/1.1; it repeats nothing. */
export class HttpClient {
  readonly #pool: Pool;
  readonly #path: string;
  #token: string | undefined;

  constructor({ url, token }: Destination, options: ClientOptions) {
    const { origin, pathname, search } = new URL(url);
    this.#path = pathname + search;
    this.#token = token;
    this.#pool = new Pool(origin, {
      connections: CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
      keepAliveMaxTimeout: KEEP_ALIVE_MILLISECONDS,
      connect: { timeout: options.connectMilliseconds },
      headersTimeout: options.silenceMilliseconds,
      bodyTimeout: options.silenceMilliseconds,
    });
  }

  /** Who calls from now on. */
  set token(token: string | undefined) {
    this.#token = token;
  }

  /** Sends one message, and waits for all of its answer. */
  async send({ headers, body }: Message, traceId: string): Promise<Exchange> {
    try {
      const response = await this.#pool.request({
        method: "POST",
        path: this.#path,
        headers: {
          ...headers,
          "X-Amzn-Trace-Id": `Root=${traceId}`,
          ...(this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }),
        },
        body,
      });
      const text = await response.body.text();
      const contentType = first(response.headers["content-type"]) ?? "";
      return {
        status: response.statusCode,
        sent: true,
        retryAfter: first(response.headers["retry-after"]),
        challenge: first(response.headers["www-authenticate"]),
        problem:
          response.statusCode === 200
            ? failureOfCall(readAnswer(contentType, text))
            : `HTTP ${response.statusCode}`,
        contentType,
        body: text,
      };
    } catch (error) {
      const code = codeOf(error);
      return {
        status: 0,
        sent: !NOTHING_SENT.has(code),
        retryAfter: undefined,
        challenge: undefined,
        problem: `no answer: ${code}`,
        contentType: "",
        body: "",
      };
    }
  }

  /** Cuts what is still under way. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : String(error);
}
