/** The container's entry point: `node dist/main.mjs <server>`, and for `stdio` the command of the server behind `--`. */
import { ConfigurationError } from "./runtime/configuration-error.ts";
import type { Environment } from "./runtime/environment.ts";
import { exitWith, serve } from "./runtime/serve.ts";
import type { ServerDefinition } from "./runtime/server.ts";
import { weather } from "./servers/weather/index.ts";

/** Gives a server. @param words what stands behind its name on the command line. */
type Find = (
  words: readonly string[],
  environment: Environment,
) => Promise<ServerDefinition> | ServerDefinition;

/** What only one of them needs, only that one loads. */
const SERVERS: ReadonlyMap<string, Find> = new Map<string, Find>([
  [weather.name, () => weather],
  [
    "stdio",
    async (words, environment) => {
      const { stdioServer } = await import("./servers/stdio/index.ts");
      return stdioServer(words, environment);
    },
  ],
  ["gateway", async () => (await import("./servers/gateway/index.ts")).gateway],
  ["translator", async () => (await import("./servers/translator/index.ts")).translator],
  ["classifier", async () => (await import("./servers/classifier/index.ts")).classifier],
]);

async function find([name = "", ...words]: readonly string[]): Promise<ServerDefinition> {
  const server = SERVERS.get(name);
  if (server !== undefined) return server(words, process.env);
  throw new ConfigurationError(
    `There is no server \`${name}\`. The command's first argument names one of: ${[...SERVERS.keys()].join(", ")}.`,
  );
}

let definition: ServerDefinition;
try {
  definition = await find(process.argv.slice(2));
} catch (error) {
  exitWith(error);
}
await serve(definition);
