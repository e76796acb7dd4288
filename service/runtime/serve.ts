import { ConfigurationError } from "./configuration-error.ts";
import { readConfiguration } from "./configuration.ts";
import { startHost } from "./host.ts";
import { createLogger } from "./log.ts";
import { watchProcess } from "./process-events.ts";
import { identifyReplica } from "./replica.ts";
import type { ServerDefinition } from "./server.ts";

/**
 * Runs a server as this process: configured by its environment (the container contract), until a signal ends it. A configuration that it
 * cannot run with ends the process with a sentence on standard error and exit code 1.
 */
export async function serve(definition: ServerDefinition): Promise<void> {
  try {
    const configuration = readConfiguration(process.env);
    const replica = await identifyReplica(process.env);
    const log = createLogger(definition.name, replica, configuration.logLevel);
    if (configuration.auth.mode === "none") {
      log.warn("`AUTH_MODE` is `none`: everybody who reaches this server may call it.");
    }
    // Before the start, which may take its time: as the first process of a container it would not hear SIGTERM otherwise.
    let drain = (): Promise<void> => Promise.resolve();
    watchProcess(log, () => drain());
    const host = await startHost(definition, configuration, log);
    drain = () => host.drain();
  } catch (error) {
    exitWith(error);
  }
}

/** Ends a process that cannot start. A stack helps nobody who mistyped a variable. */
export function exitWith(error: unknown): never {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exit(1);
}
