/** The container's entry point: `node dist/main.mjs <server>`. */
import { ConfigurationError } from "./runtime/configuration-error.ts";
import { exitWith, serve } from "./runtime/serve.ts";
import type { ServerDefinition } from "./runtime/server.ts";
import { weather } from "./servers/weather/index.ts";

const SERVERS: ReadonlyMap<string, ServerDefinition> = new Map([[weather.name, weather]]);

const name = process.argv[2] ?? "";
const definition = SERVERS.get(name);
if (definition === undefined) {
  exitWith(
    new ConfigurationError(
      `There is no server \`${name}\`. The command's last argument names one of: ${[...SERVERS.keys()].join(", ")}.`,
    ),
  );
}
await serve(definition);
