import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { hostHeaderValidation, originValidation } from "@modelcontextprotocol/node";
import { metadataPaths, protectedResourceMetadata, requireAuth } from "./auth.ts";
import type { RuntimeConfiguration } from "./configuration.ts";
import type { Logger } from "./log.ts";

/** What the application asks of the process it runs in. */
export interface ApplicationState {
  /** Whether traffic may come: started, and not draining. */
  readonly ready: () => boolean;
  /** Serves the endpoint; undefined until the server's own start is done. */
  readonly endpoint: () => RequestHandler | undefined;
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** The routes of a replica: health, metadata, and the MCP endpoint behind its guards. */
export function createApplication(
  title: string,
  configuration: RuntimeConfiguration,
  log: Logger,
  state: ApplicationState,
): Express {
  const application = express();
  application.disable("x-powered-by");
  application.disable("etag");

  application.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  application.get("/readyz", (_request, response) => {
    const ready = state.ready();
    response.status(ready ? 200 : 503).json({ status: ready ? "ready" : "not ready" });
  });

  const { path, publicUrl } = configuration;
  if (configuration.auth.mode !== "none") {
    const metadata = protectedResourceMetadata(publicUrl, title);
    application.get([...metadataPaths(path)], (_request, response) => {
      // Public by nature, and read by clients that run in browsers.
      response.set("Access-Control-Allow-Origin", "*").json(metadata);
    });
  }

  application.use(path, guard(configuration), cors);
  application.post(path, requireAuth(configuration), (request, response, next) => {
    const endpoint = state.endpoint();
    if (endpoint === undefined) {
      response
        .status(503)
        .set("Retry-After", "1")
        .json(rpcError(-32_603, "This replica is still starting."));
      return;
    }
    return endpoint(request, response, next);
  });
  application.all(path, (_request, response) => {
    // At once: a client that opens a stream with GET would otherwise wait for the balancer's idle timeout.
    response
      .status(405)
      .set("Allow", "POST")
      .json(rpcError(-32_000, "Method not allowed: this endpoint answers POST."));
  });
  application.use((_request, response) => {
    response.status(404).json({ error: "not_found" });
  });
  application.use(reportError(log));
  return application;
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

function rpcError(code: number, message: string): Record<string, unknown> {
  return { jsonrpc: "2.0", error: { code, message }, id: null };
}

/** Express tells an error handler by its four parameters. */
function reportError(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    log.error({ err: error }, "request failed");
    if (response.headersSent) response.destroy();
    else response.status(500).json({ error: "internal_error" });
  };
}
