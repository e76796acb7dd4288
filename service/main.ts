/** The container's entry point: `node dist/main.mjs <server>`. */
import { ConfigurationError, readConfiguration } from "./runtime/configuration.ts";
import { startHost } from "./runtime/host.ts";
import { createLogger, type Logger } from "./runtime/log.ts";
import { identifyReplica } from "./runtime/replica.ts";
import type { ServerDefinition } from "./runtime/server.ts";
import { weather } from "./servers/weather/index.ts";

const SERVERS: ReadonlyMap<string, ServerDefinition> = new Map([[weather.name, weather]]);

async function main(name: string | undefined): Promise<void> {
  const definition = SERVERS.get(name ?? "");
  if (definition === undefined) {
    throw new ConfigurationError(
      `There is no server \`${name ?? ""}\`. The command's last argument names one of: ${[...SERVERS.keys()].join(", ")}.`,
    );
  }
  const configuration = readConfiguration(process.env);
  const log = createLogger(
    definition.name,
    await identifyReplica(process.env),
    configuration.logLevel,
  );
  if (configuration.auth.mode === "none") {
    log.warn("`AUTH_MODE` is `none`: everybody who reaches this server may call it.");
  }
  const host = await startHost(definition, configuration, log);
  endOnSignal(log, () => host.drain());
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

main(process.argv[2]).catch((error: unknown) => {
  // A stack helps nobody who mistyped a variable.
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exit(1);
});
