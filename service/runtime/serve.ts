import { ConfigurationError } from "./configuration-error.ts";
import { readConfiguration } from "./configuration.ts";
import { startHost } from "./host.ts";
import { createLogger, type Logger } from "./log.ts";
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
    const host = await startHost(definition, configuration, log);
    endOnSignal(log, () => host.drain());
  } catch (error) {
    exitWith(error);
  }
}

/** Ends a process that cannot start. A stack helps nobody who mistyped a variable. */
export function exitWith(error: unknown): never {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exit(1);
}

/** SIGTERM is ECS's word, SIGINT a person's; a second one changes nothing, SIGKILL follows anyway. */
function endOnSignal(log: Logger, drain: () => Promise<void>): void {
  let ending: Promise<void> | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      ending ??= drain().then(
        () => process.exit(0),
        (error: unknown) => {
          log.fatal({ err: error }, "drain failed");
          process.exit(1);
        },
      );
    });
  }
}
