import { hostHeaderValidation, originValidation } from "@modelcontextprotocol/node";
import { Router, type RequestHandler } from "express";
import type { RuntimeConfiguration } from "./configuration.ts";
import type { Logger } from "./log.ts";
import { CALLED } from "./protocol/endpoint.ts";
import { refuse } from "./protocol/refusal.ts";
import { markUnavailable, refusalReason } from "./refusals.ts";
import type { Telemetry } from "./telemetry/instruments.ts";

/** What stands behind the guards. */
export interface RouterParts {
  /** Lets a request pass that proves who calls. */
  readonly authenticate: RequestHandler;
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
  const { path } = configuration;
  router.use(parts.metadata);
  // This very path: an application that mounts the router at the root has others below it.
  router.all(path, reportRefusals(log, parts.refused), guard(configuration), cors);
  router.post(path, parts.authenticate, (request, response, next) => {
    const endpoint = parts.endpoint();
    if (endpoint === undefined) {
      markUnavailable(response);
      refuse(response, "starting");
      return;
    }
    return endpoint(request, response, next);
  });
  router.all(path, (_request, response) => {
    // At once: a client that opens a stream with GET would otherwise wait for the balancer's idle timeout.
    refuse(response, "method");
  });
  return router;
}

/** Checks `Host` and `Origin` on the endpoint only: health checks come with a task's address as `Host`. */
function guard({ publicUrl, allowedHosts, allowedOrigins }: RuntimeConfiguration): RequestHandler {
  const isHostAllowed = hostHeaderValidation([...LOOPBACK, publicUrl.hostname, ...allowedHosts]);
  const isOriginAllowed = originValidation([...LOOPBACK, publicUrl.hostname, ...allowedOrigins]);
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
