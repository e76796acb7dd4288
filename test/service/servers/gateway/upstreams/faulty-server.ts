import type { ServerResponse } from "node:http";
import type { Listener } from "./upstream-servers.ts";

/** What a faulty server does with a call; `run` counts that it has been run. */
export type Fault = (response: ServerResponse, id: unknown, run: () => void) => void;

interface Body {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly name?: string };
}

/** What a correct modern server answers to `server/discover`. */
export const DISCOVERED = {
  resultType: "complete",
  supportedVersions: ["2026-07-28"],
  capabilities: { tools: {} },
  ttlMs: 1000,
  cacheScope: "public",
};

/** A modern server that answers `server/discover` as it should, and calls as it is told. */
export function faultyListener(fault: Fault, run: () => void = () => undefined): Listener {
  return (_request, response, body) => {
    const { id, method } = body as Body;
    if (method === "server/discover") json(response, 200, { id, result: DISCOVERED });
    else fault(response, id, run);
  };
}

export function json(
  response: ServerResponse,
  status: number,
  message: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ jsonrpc: "2.0", ...message }));
}

export function events(response: ServerResponse, ...messages: object[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const message of messages)
    response.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`);
}

const RESULT = { resultType: "complete", content: [{ type: "text", text: "ok" }] };
const PROGRESS = { method: "notifications/progress", params: { progressToken: 0, progress: 1 } };

/** An answer as it should be. */
export const good: Fault = (response, id, run) => {
  run();
  json(response, 200, { id, result: RESULT });
};

/** Refusals before anything has run. */
export const REFUSALS: Readonly<Record<string, Fault>> = {
  "503 with Retry-After": (response, id) => {
    json(response, 503, { id, error: { code: -32000, message: "Busy" } }, { "retry-after": "1" });
  },
  "429 with Retry-After": (response) => {
    response.writeHead(429, { "retry-after": "1" }).end();
  },
};

/** Failures that may come after something has run, which a repeatable call may survive elsewhere. */
export const BREAKS: Readonly<Record<string, Fault>> = {
  "a connection that is reset": (response, _id, run) => {
    run();
    response.socket?.resetAndDestroy();
  },
  "a connection that ends without an answer": (response, _id, run) => {
    run();
    response.socket?.destroy();
  },
  "half of a JSON answer": (response, id, run) => {
    run();
    const text = JSON.stringify({ jsonrpc: "2.0", id, result: RESULT });
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": String(text.length),
    });
    response.write(text.slice(0, 20), () => response.socket?.destroy());
  },
  "an event stream that ends without a result": (response, _id, run) => {
    run();
    events(response, PROGRESS);
    response.end();
  },
  "an event stream that breaks in the middle of an event": (response, _id, run) => {
    run();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write('data: {"jsonrpc":"2.0","id":', () => response.socket?.destroy());
  },
  "502": (response, _id, run) => {
    run();
    response.writeHead(502).end("<html>");
  },
  "504": (response, _id, run) => {
    run();
    response.writeHead(504).end();
  },
  "503 without Retry-After": (response, _id, run) => {
    run();
    response.writeHead(503).end();
  },
};

/** Answers that are none, which nobody tries again. */
export const RUBBISH: Readonly<Record<string, Fault>> = {
  "500": (response, id, run) => {
    run();
    json(response, 500, { id, error: { code: -32603, message: "secret stack" } });
  },
  "garbage as JSON": (response, _id, run) => {
    run();
    response.writeHead(200, { "content-type": "application/json" }).end("{]");
  },
  "a page of HTML": (response, _id, run) => {
    run();
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
  },
  "no body": (response, _id, run) => {
    run();
    response.writeHead(200, { "content-type": "application/json" }).end();
  },
  "a list instead of an object": (response, id, run) => {
    run();
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify([{ jsonrpc: "2.0", id, result: RESULT }]));
  },
  "the response to another request": (response, _id, run) => {
    run();
    json(response, 200, { id: 4711, result: RESULT });
  },
  "the response to another request in a stream": (response, _id, run) => {
    run();
    events(response, { id: 4711, result: RESULT });
  },
  "an event that is no message": (response, _id, run) => {
    run();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: hello\n\n");
  },
  "a redirect": (response, _id, run) => {
    run();
    response.writeHead(307, { location: "http://127.0.0.1:1/mcp" }).end();
  },
  "an endless body": (response, _id, run) => {
    run();
    response.writeHead(200, { "content-type": "application/json" });
    endless(response);
  },
  "an endless event": (response, _id, run) => {
    run();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: ");
    endless(response);
  },
  "an endless comment": (response, _id, run) => {
    run();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": ");
    endless(response);
  },
  "an endless error": (response, _id, run) => {
    run();
    response.writeHead(400, { "content-type": "application/json" });
    endless(response);
  },
};

function endless(response: ServerResponse): void {
  const chunk = "x".repeat(16_384);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}
