import type { IncomingMessage, ServerResponse } from "node:http";

/** What every answer has: nothing of it is to be kept, and pages of every origin may read it, as Cognito's. */
const HEADERS = {
  "Cache-Control": "no-store",
  "Access-Control-Allow-Origin": "*",
} as const;

/** Answers with a document. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, {
      ...HEADERS,
      "Content-Type": "application/json;charset=UTF-8",
      ...headers,
    })
    .end(JSON.stringify(body));
}

/** Answers with an error of OAuth's form; what is left of the request is not waited for. */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  error: string,
  description?: string,
): void {
  sendJson(
    response,
    status,
    { error, ...(description === undefined ? {} : { error_description: description }) },
    request.complete ? {} : { Connection: "close" },
  );
}

/** Answers with a page that runs nothing, loads nothing and is shown in no other page. */
export function sendPage(response: ServerResponse, status: number, html: string): void {
  response
    .writeHead(status, {
      "Cache-Control": "no-store",
      "Content-Type": "text/html;charset=UTF-8",
      "Content-Security-Policy":
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      "Referrer-Policy": "no-referrer",
    })
    .end(html);
}

/** Sends a browser elsewhere, by GET. */
export function sendRedirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { "Cache-Control": "no-store", Location: location }).end();
}

/** Answers a browser that asks whether it may ask. */
export function sendPreflight(response: ServerResponse, method: string): void {
  response
    .writeHead(204, {
      ...HEADERS,
      "Access-Control-Allow-Methods": method,
      // The wildcard does not stand for `Authorization`.
      "Access-Control-Allow-Headers": "*, Authorization",
    })
    .end();
}
