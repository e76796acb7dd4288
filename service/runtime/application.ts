import express, { type ErrorRequestHandler, type Express, type Router } from "express";
import type { Logger } from "./log.ts";

/** What a replica says of itself when it is asked. */
export interface Condition {
  /** Whether traffic may come now. */
  readonly ready: () => boolean;
  /** Whether the process is of use. */
  readonly healthy: () => boolean;
}

/** The routes of a replica: health for its orchestrator and its load balancer, and the endpoint. */
export function createApplication(
  endpoint: Router,
  log: Logger,
  { ready, healthy }: Condition,
): Express {
  const application = express();
  application.disable("x-powered-by");
  application.disable("etag");
  application.get("/healthz", (_request, response) => {
    const isHealthy = healthy();
    response.status(isHealthy ? 200 : 503).json({ status: isHealthy ? "ok" : "failing" });
  });
  application.get("/readyz", (_request, response) => {
    const isReady = ready();
    response.status(isReady ? 200 : 503).json({ status: isReady ? "ready" : "not ready" });
  });
  application.use(endpoint);
  application.use((_request, response) => {
    response.status(404).json({ error: "not_found" });
  });
  application.use(reportError(log));
  return application;
}

/** Express tells an error handler by its four parameters. */
function reportError(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    log.error({ err: error }, "request failed");
    if (response.headersSent) response.destroy();
    else response.status(500).json({ error: "internal_error" });
  };
}
