import type { ServerResponse } from "node:http";

/** The phrases of ALB's own pages, as they have been seen; AWS documents none. */
const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Authorization Required",
  405: "Not Allowed",
  408: "Request Time-out",
  413: "Request Entity Too Large",
  414: "Request-URI Too Large",
  463: "",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
  505: "HTTP Version Not Supported",
};

/** The page of an error that the load balancer makes itself. */
export function errorPage(status: number): string {
  const title = `${status} ${PHRASES[status] ?? ""}`.trim();
  return [
    "<html>",
    `<head><title>${title}</title></head>`,
    "<body>",
    `<center><h1>${title}</h1></center>`,
    "</body>",
    "</html>",
    "",
  ].join("\r\n");
}

/** Answers for the load balancer itself. Nothing can follow a request that was not understood, or not read to its end. */
export function respond(
  outgoing: ServerResponse,
  status: number,
  contentType = "text/html",
  body = errorPage(status),
): void {
  outgoing.writeHead(status, {
    Server: "awselb/2.0",
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    ...(status === 400 || status === 408 ? { Connection: "close" } : {}),
  });
  outgoing.end(body);
}

/** The same for a request that no parser could make one of. */
export function rawErrorPage(status: number): string {
  const body = errorPage(status);
  return [
    `HTTP/1.1 ${status} ${PHRASES[status] ?? ""}`.trim(),
    "Server: awselb/2.0",
    `Date: ${new Date().toUTCString()}`,
    "Content-Type: text/html",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
