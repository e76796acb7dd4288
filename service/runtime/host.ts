import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createApplication } from "./application.ts";
import type { RuntimeConfiguration } from "./configuration.ts";
import type { Environment } from "./environment.ts";
import type { Logger } from "./log.ts";
import { watchConnections } from "./connections.ts";
import { headProblem } from "./limits/request-head.ts";
import { guardSlowClients, serverOptions } from "./limits/slow-clients.ts";
import { mountServer } from "./mount.ts";
import type { ServerDefinition } from "./server.ts";

/** A replica that listens. */
export interface Host {
  readonly address: AddressInfo;
  /** Goes on accepting for `drainSeconds`, ends subscriptions, finishes what is in flight, then releases everything. */
  drain(): Promise<void>;
  /** Ends at once: open requests are cut. */
  close(): Promise<void>;
}

/**
 * Starts a server: it listens first, so that `/healthz` answers, and turns ready when the definition's own start is done
 * and what that gave says so.
 *
 * @param environment what the definition's `start` may read.
 * @throws what `listen` or the definition's `start` throws; nothing is left open then.
 */
export async function startHost(
  definition: ServerDefinition,
  configuration: RuntimeConfiguration,
  log: Logger,
  environment: Environment = process.env,
): Promise<Host> {
  let started = false;
  let draining = false;
  const mounted = await mountServer(definition, { configuration, log, environment });
  const server = createServer(serverOptions(configuration));
  const connections = watchConnections(server);
  guardSlowClients(server, connections, configuration);
  const application = createApplication(mounted.router, log, {
    ready: () => started && !draining && mounted.ready(),
    healthy: () => mounted.healthy(),
  });
  server.on("request", (request, response) => {
    const problem = headProblem(request);
    if (problem === undefined) mounted.handle(request, response, application);
    else response.writeHead(problem, { "Content-Length": 0, Connection: "close" }).end();
  });
  try {
    const address = await listen(server, configuration);
    await mounted.start();
    started = true;
    log.info({ host: address.address, port: address.port, path: configuration.path }, "ready");
    return {
      address,
      drain: async () => {
        draining = true;
        log.info({ drainSeconds: configuration.drainSeconds }, "draining");
        connections.announceClose();
        await new Promise((resolve) => setTimeout(resolve, configuration.drainSeconds * 1000));
        await mounted.endSubscriptions();
        const ended = closed(server);
        connections.closeIdle();
        await ended;
        await mounted.close();
        log.info("drained");
      },
      close: async () => {
        draining = true;
        await cut(server);
        await mounted.close();
      },
    };
  } catch (error) {
    await cut(server);
    await mounted.close();
    throw error;
  }
}

async function listen(server: Server, { host, port }: RuntimeConfiguration): Promise<AddressInfo> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("The server has no TCP address.");
  return address;
}

/** Stops listening. @returns what resolves when the last connection is closed. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

async function cut(server: Server): Promise<void> {
  const ended = closed(server);
  server.closeAllConnections();
  await ended;
}
