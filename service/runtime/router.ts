import { hostHeaderValidation, originValidation } from "@modelcontextprotocol/node";
import { validateHostHeader } from "@modelcontextprotocol/server";
import { Router, type RequestHandler } from "express";
import type { RuntimeConfiguration } from "./configuration.ts";
import type { Logger } from "./log.ts";
import { CALLED, DIRECT } from "./protocol/endpoint.ts";
import { refuse } from "./protocol/refusal.ts";
import { markUnavailable, refusalReason } from "./refusals.ts";
import type { Telemetry } from "./telemetry/instruments.ts";

/** What stands behind the guards. */
export interface RouterParts {
  /** Lets a request pass that proves who calls. */
  readonly authenticate: RequestHandler;
  /** The same for calls of a gateway's clients; undefined where none come here. */
  readonly authenticateDirect: RequestHandler | undefined;
  /** The documents that tell clients where to get a token. */
  readonly metadata: RequestHandler;
  /** Serves the endpoint; undefined until the server's own start is done. */
  readonly endpoint: () => RequestHandler | undefined;
  /** Counts what never becomes a call. */
  readonly refused: Telemetry["refused"];
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** The MCP endpoint behind its guards, and the metadata that belongs to it. */
export function createRouter(
  configuration: RuntimeConfiguration,
  log: Logger,
  parts: RouterParts,
): Router {
  const router = Router();
  const { path, publicUrl, direct } = configuration;
  const mount = (door: Door): void => {
    // This very path: an application that mounts the router at the root has others below it.
    router.all(
      door.path,
      reportRefusals(log, parts.refused),
      guard(configuration, door.publicUrl),
      cors,
    );
    router.post(door.path, door.authenticate, (request, response, next) => {
      const endpoint = parts.endpoint();
      if (endpoint === undefined) {
        markUnavailable(response);
        refuse(response, "starting");
        return;
      }
      response.locals[DIRECT] = door.takesPrefix;
      return endpoint(request, response, next);
    });
    router.all(door.path, (_request, response) => {
      // At once: a client that opens a stream with GET would otherwise wait for the balancer's idle timeout.
      refuse(response, "method");
    });
  };
  router.use(parts.metadata);
  const isShared = direct !== undefined && direct.gateway === undefined;
  mount({ path, publicUrl, authenticate: parts.authenticate, takesPrefix: isShared });
  if (direct?.gateway !== undefined && parts.authenticateDirect !== undefined) {
    const { url } = direct.gateway;
    mount({
      path: url.pathname,
      publicUrl: url,
      authenticate: parts.authenticateDirect,
      takesPrefix: true,
    });
  }
  return router;
}

/** One way to the endpoint. */
interface Door {
  readonly path: string;
  readonly publicUrl: URL;
  readonly authenticate: RequestHandler;
  /** Whether names may have a gateway's prefix. */
  readonly takesPrefix: boolean;
}

/** The names in `Host` and `Origin` that are this server's, beside those that are allowed as well. */
function namesOf(publicUrl: URL, others: readonly string[]): string[] {
  return [...LOOPBACK, publicUrl.hostname, ...others];
}

/** Whether a `Host` header names this server: the check of {@link guard}, for whoever asks without a response at hand. */
export function hostCheck(
  { allowedHosts }: RuntimeConfiguration,
  publicUrl: URL,
): (host: string) => boolean {
  const allowed = namesOf(publicUrl, allowedHosts);
  return (host) => validateHostHeader(host, allowed).ok;
}

/** Checks `Host` and `Origin` on the endpoint only: health checks come with a task's address as `Host`. */
function guard(
  { allowedHosts, allowedOrigins }: RuntimeConfiguration,
  publicUrl: URL,
): RequestHandler {
  const isHostAllowed = hostHeaderValidation(namesOf(publicUrl, allowedHosts));
  const isOriginAllowed = originValidation(namesOf(publicUrl, allowedOrigins));
  return (request, response, next) => {
    if (isHostAllowed(request, response) && isOriginAllowed(request, response)) next();
  };
}

/** Lets pages of the origins that {@link guard} has let through read the answers; they may send any header. */
const cors: RequestHandler = (request, response, next) => {
  const { origin } = request.headers;
  if (origin === undefined) {
    next();
    return;
  }
  response.set("Access-Control-Allow-Origin", origin).vary("Origin");
  response.set("Access-Control-Expose-Headers", "WWW-Authenticate, X-Request-Id, Retry-After");
  if (request.method !== "OPTIONS") {
    next();
    return;
  }
  response
    .status(204)
    .set("Access-Control-Allow-Methods", "POST")
    .set("Access-Control-Allow-Headers", request.get("Access-Control-Request-Headers") ?? "")
    .set("Access-Control-Max-Age", "600")
    .end();
};

/** Calls have lines of their own; this is for what never becomes one. */
function reportRefusals(log: Logger, refused: Telemetry["refused"]): RequestHandler {
  return (request, response, next) => {
    response.once("close", () => {
      const { statusCode: status } = response;
      if (status < 400 || response.locals[CALLED] === true) return;
      const reason = refusalReason(response);
      refused(reason);
      log.info(
        { status, reason, method: request.method, requestId: response.getHeader("x-request-id") },
        "request refused",
      );
    });
    next();
  };
}
