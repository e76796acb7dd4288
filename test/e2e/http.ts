import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";

/** A response, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What is sent; `fetch` would not send a `Host` of one's own, nor a path as it stands. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** Sends no end: of what `Content-Length` announces, nothing follows. */
  readonly unfinished?: boolean;
  /** How long the answer may take, in milliseconds. Default: far below the load balancer's idle timeout of a minute. */
  readonly deadline?: number;
}

/** One request over a connection of its own. */
export function send(url: string, sent: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const outgoing = request(target, {
      method: sent.method ?? "POST",
      path: sent.path ?? target.pathname,
      headers: { ...sent.headers },
      agent: false,
      signal: AbortSignal.timeout(sent.deadline ?? 10_000),
    });
    let answered = false;
    outgoing.on("response", (response) => {
      answered = true;
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        outgoing.destroy();
      }, reject);
    });
    outgoing.on("error", (error) => {
      // A server may answer, and close, before it has read everything.
      if (!answered) reject(error);
    });
    if (sent.unfinished !== true) outgoing.end(sent.body);
    else if (sent.body === undefined) outgoing.flushHeaders();
    else outgoing.write(sent.body);
  });
}

/** The JSON-RPC message of an answer, plain or as the only event of a stream. */
export function messageOf({ headers, body }: Answer): unknown {
  const isStream = headers["content-type"]?.startsWith("text/event-stream") === true;
  const [, data] = isStream ? (/^data: (.*)$/mu.exec(body) ?? []) : ["", body];
  return JSON.parse(data ?? "") as unknown;
}
