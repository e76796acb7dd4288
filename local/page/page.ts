import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { machineClock, type Clock } from "../clock.ts";
import { LocalError } from "../graph/graph.ts";
import { asset } from "./assets.ts";
import { guard, SECURITY_HEADERS } from "./guard.ts";
import { jsonBody } from "./json-body.ts";
import { Live } from "./live.ts";
import { PageError } from "./page-error.ts";
import { answer } from "./routes.ts";
import type { PageSource } from "./source.ts";

/** What a page is started with. */
export interface PageOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly source: PageSource;
  /** Default: the machine's; how often a page hears of changes is no modelled time. */
  readonly clock?: Clock;
  /** Hears of errors that are neither the page's nor the user's; the page says only that there was one. */
  readonly onError?: (error: unknown) => void;
}

/** The live page of a run, served to this machine alone. */
export interface Page {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws {LocalError} where the port is taken. */
export async function startPage({
  port,
  source,
  clock = machineClock,
  onError = () => undefined,
}: PageOptions): Promise<Page> {
  const live = new Live(source, clock);
  let listening = port;
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!(error instanceof PageError) && !(error instanceof LocalError)) onError(error);
      refuse(response, error);
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    guard(request, listening);
    // The path alone counts: `Host` has been checked, and is no part of what is asked for.
    const url = new URL(`http://page${request.url?.startsWith("/") === true ? request.url : "/"}`);
    if (url.pathname.startsWith("/api/")) {
      if (url.pathname === "/api/live" && request.method === "GET") {
        live.open(response);
        return;
      }
      const body = request.method === "POST" ? () => jsonBody(request) : undefined;
      sendJson(response, 200, await answer(source, url, body));
      return;
    }
    const found = request.method === "POST" ? undefined : await asset(url.pathname);
    if (found === undefined) {
      throw new PageError(404, `There is nothing at \`${url.pathname}\`. Open / for the page.`);
    }
    response.writeHead(200, { "content-type": found.type }).end(found.body);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      live.close();
      reject(
        error.code === "EADDRINUSE"
          ? new LocalError(
              `The port ${port} of the page is taken. Give another one, or 0 for any that is free.`,
            )
          : error,
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  listening = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${listening}/`,
    close: () =>
      new Promise((resolve) => {
        live.close();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response
    .writeHead(status, { "content-type": "application/json; charset=utf-8" })
    .end(JSON.stringify(value));
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of a refused body would be taken for the next request.
  response.setHeader("connection", "close");
  if (error instanceof PageError) sendJson(response, error.status, { error: error.message });
  else if (error instanceof LocalError) sendJson(response, 422, { error: error.message });
  else sendJson(response, 500, { error: "The run failed to do this. Its terminal says why." });
}
