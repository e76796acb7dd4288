import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { NodeIncomingMessageLike } from "@modelcontextprotocol/node";
import { INTERNAL_ERROR, type AuthInfo } from "@modelcontextprotocol/server";
import type { Request as Incoming } from "express";

/** What the guard in front of the endpoint puts on a request. */
export type Authenticated = Incoming & { readonly auth?: AuthInfo };

/** The SDK gets the body parsed: reading and parsing it again would cost what the call costs. */
export function withoutBody({
  method,
  url,
  headers,
  auth,
}: Authenticated): NodeIncomingMessageLike {
  return {
    method,
    url,
    headers,
    ...(auth === undefined ? {} : { auth }),
    [Symbol.asyncIterator]: async function* () {},
  };
}

/** The header is enough: the SDK refuses requests whose body says otherwise. */
export function isSubscription({ headers }: IncomingMessage): boolean {
  return headers["mcp-method"] === "subscriptions/listen";
}

/** Whether a client takes streams of server-sent events. */
export function takesStreams({ headers }: Incoming): boolean {
  return headers.accept?.includes("text/event-stream") === true;
}

/** How answers and logs name a request: behind an ALB the trace id is the id under which its access log knows it. */
export function requestIdOf({ headers }: IncomingMessage): string {
  return traceRoot(headers["x-amzn-trace-id"]) ?? randomUUID();
}

/** The root of an `X-Amzn-Trace-Id` header. */
function traceRoot(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? /(?:^|;)Root=([\w-]{1,64})/u.exec(header)?.[1] : undefined;
}

/** What the client is told where serving broke after its stream had begun. */
export function internalError(parsedBody: unknown): unknown {
  const id =
    typeof parsedBody === "object" && parsedBody !== null && "id" in parsedBody
      ? parsedBody.id
      : null;
  return { jsonrpc: "2.0", error: { code: INTERNAL_ERROR, message: "Internal server error" }, id };
}
