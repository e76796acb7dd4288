import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createApplication } from "./application.ts";
import type { RuntimeConfiguration } from "./configuration.ts";
import type { Logger } from "./log.ts";
import { watchConnections } from "./connections.ts";
import { createMcpEndpoint, type McpEndpoint } from "./mcp.ts";
import type { ServerDefinition, StartedServer } from "./server.ts";

/** A replica that listens. */
export interface Host {
  readonly address: AddressInfo;
  /** Goes on accepting for `drainSeconds`, finishes what is in flight, then releases everything. */
  drain(): Promise<void>;
  /** Ends at once: open requests are cut. */
  close(): Promise<void>;
}

/** Node closes a connection whose headers take longer; it must be above the keep-alive time (nodejs/node#24535). */
const HEADERS_GRACE_SECONDS = 5;

/**
 * Starts a server: it listens first, so that `/healthz` answers, and turns ready when the definition's own start is done.
 *
 * @param environment what the definition's `start` may read.
 * @throws what `listen` or the definition's `start` throws; nothing is left open then.
 */
export async function startHost(
  definition: ServerDefinition,
  configuration: RuntimeConfiguration,
  log: Logger,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Host> {
  let started: StartedServer | undefined;
  let endpoint: McpEndpoint | undefined;
  let draining = false;

  const application = createApplication(definition.title, configuration, log, {
    ready: () => endpoint !== undefined && !draining,
    endpoint: () => endpoint?.handle,
  });
  const server = createServer();
  const connections = watchConnections(server);
  server.on("request", application);
  server.keepAliveTimeout = configuration.keepAliveSeconds * 1000;
  server.headersTimeout = (configuration.keepAliveSeconds + HEADERS_GRACE_SECONDS) * 1000;
  const address = await listen(server, configuration);

  const release = async (): Promise<void> => {
    await endpoint?.close();
    await started?.stop?.();
  };
  try {
    started = await definition.start({ log, environment });
    endpoint = createMcpEndpoint(definition, started.tools, {
      maxBodyBytes: configuration.maxBodyBytes,
      log,
    });
  } catch (error) {
    await closed(server, true);
    throw error;
  }
  log.info({ host: address.address, port: address.port, path: configuration.path }, "ready");

  return {
    address,
    drain: async () => {
      draining = true;
      log.info({ drainSeconds: configuration.drainSeconds }, "draining");
      connections.announceClose();
      await new Promise((resolve) => setTimeout(resolve, configuration.drainSeconds * 1000));
      await closed(server, false);
      await release();
      log.info("drained");
    },
    close: async () => {
      draining = true;
      await closed(server, true);
      await release();
    },
  };
}

async function listen(server: Server, { host, port }: RuntimeConfiguration): Promise<AddressInfo> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("The server has no TCP address.");
  return address;
}

function closed(server: Server, atOnce: boolean): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    if (atOnce) server.closeAllConnections();
    else server.closeIdleConnections();
  });
}
