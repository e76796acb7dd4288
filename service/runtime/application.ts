import express, { type ErrorRequestHandler, type Express, type Router } from "express";
import type { Logger } from "./log.ts";

/** The routes of a replica: health for its orchestrator and its load balancer, and the endpoint. */
export function createApplication(endpoint: Router, log: Logger, ready: () => boolean): Express {
  const application = express();
  application.disable("x-powered-by");
  application.disable("etag");
  application.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  application.get("/readyz", (_request, response) => {
    response.status(ready() ? 200 : 503).json({ status: ready() ? "ready" : "not ready" });
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
