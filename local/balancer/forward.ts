import { randomBytes } from "node:crypto";
import {
  request,
  type Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Target } from "./targets.ts";

/** How a forwarded request ended. The load balancer never sends one twice. */
export type Outcome =
  | "answered"
  /** The client left before the answer was complete. */
  | "client left"
  /** No connection could be made: the target is dead, and no check has noticed yet. 502. */
  | "sent to a dead target"
  /** The connection broke while the target was at work. 502, or a cut stream. */
  | "lost in flight"
  /** Nothing moved for the idle timeout. 504, or a cut stream. */
  | "timed out";

/** What belongs to a connection and not to a request (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Passes a request to a target and its answer back, byte by byte as they come. */
export function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  destination: { readonly target: Target; readonly agent: Agent },
  settings: {
    readonly idleTimeoutSeconds: number;
    readonly protocol: string;
    readonly port: number;
  },
): Promise<Outcome> {
  const { target, agent } = destination;
  target.outstanding++;
  return new Promise<Outcome>((resolve) => {
    let connected = false;
    let settled = false;
    const settle = (outcome: Outcome): void => {
      if (settled) return;
      settled = true;
      target.outstanding--;
      resolve(outcome);
    };

    const upstream = request({
      host: target.address,
      port: target.port,
      method: incoming.method,
      path: incoming.url,
      headers: forwardedHeaders(incoming, settings),
      agent,
    });
    const fail = (outcome: Outcome, status: number): void => {
      if (settled) return;
      settle(outcome);
      upstream.destroy();
      if (outgoing.headersSent) outgoing.destroy();
      else respond(outgoing, status);
    };

    upstream.on("socket", (socket) => {
      if (socket.connecting) socket.once("connect", () => (connected = true));
      else connected = true;
    });
    upstream.setTimeout(settings.idleTimeoutSeconds * 1000, () => {
      fail("timed out", 504);
    });
    upstream.on("error", () => {
      fail(connected ? "lost in flight" : "sent to a dead target", 502);
    });
    // Nobody has asked for another protocol.
    upstream.on("upgrade", (_response, socket) => {
      socket.destroy();
      fail("lost in flight", 502);
    });
    upstream.on("response", (response) => {
      if ((response.statusCode ?? 0) < 200) {
        fail("lost in flight", 502);
        return;
      }
      outgoing.writeHead(response.statusCode ?? 502, endToEnd(response.headers));
      // Headers must not wait for the first byte of the body: a stream may be silent for long.
      outgoing.flushHeaders();
      response.pipe(outgoing);
      response.on("error", () => {
        fail("lost in flight", 502);
      });
      response.on("end", () => {
        settle("answered");
      });
    });
    outgoing.on("close", () => {
      if (outgoing.writableFinished) return;
      settle("client left");
      upstream.destroy();
    });
    // The target learns of the request before its body comes, which may take long.
    upstream.flushHeaders();
    incoming.pipe(upstream);
  });
}

/** A small page, as an ALB answers for itself. */
export function respond(
  outgoing: ServerResponse,
  status: number,
  contentType = "text/html",
  body?: string,
): void {
  outgoing.writeHead(status, { Server: "awselb/2.0", "Content-Type": contentType });
  outgoing.end(
    body ?? `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\r\n`,
  );
}

function forwardedHeaders(
  incoming: IncomingMessage,
  settings: { readonly protocol: string; readonly port: number },
): Record<string, string | string[]> {
  const peer = incoming.socket.remoteAddress ?? "";
  const given = incoming.headers["x-forwarded-for"];
  return {
    ...endToEnd(incoming.headers),
    // A body of unknown length stays framed, whatever the method: unframed, the target would take it for the next request.
    ...(incoming.headers["transfer-encoding"] === undefined
      ? {}
      : { "transfer-encoding": "chunked" }),
    "x-forwarded-for": given === undefined ? peer : `${[given].flat().join(", ")}, ${peer}`,
    "x-forwarded-proto": settings.protocol.toLowerCase(),
    "x-forwarded-port": String(settings.port),
    "x-amzn-trace-id": traceId(incoming.headers["x-amzn-trace-id"]),
  };
}

function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = new Set((headers.connection ?? "").toLowerCase().split(/\s*,\s*/u));
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name) && !named.has(name)) kept[name] = value;
  }
  return kept;
}

/** A request without a trace gets one; one that has a root gets this hop beside it (ELB guide, "Request tracing"). */
export function traceId(given: string | string[] | undefined): string {
  const id = `1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString("hex")}`;
  const fields =
    typeof given === "string" ? given.split(";").filter((field) => !field.startsWith("Self=")) : [];
  return fields.some((field) => field.startsWith("Root="))
    ? [`Self=${id}`, ...fields].join(";")
    : `Root=${id}`;
}
