import { basename } from "node:path";
import { LightAbortController } from "../../runtime/cancellation.ts";
import { ConfigurationError } from "../../runtime/configuration-error.ts";
import type { Environment } from "../../runtime/environment.ts";
import type { ServerDefinition, StartContext, StartedServer } from "../../runtime/server.ts";
import { machineClock, type Clock } from "../../runtime/telemetry/clock.ts";
import { createCatalogue } from "./catalogue.ts";
import { childEnvironment, redactor } from "./child-environment.ts";
import { processStarter } from "./child-process.ts";
import { readCommand, refuseDownload, type ServerCommand } from "./command.ts";
import { readStdioConfiguration, type StdioConfiguration } from "./configuration.ts";
import { handshakeOf } from "./child.ts";
import { createPool } from "./pool.ts";
import { OWN_NAME } from "./protocol.ts";
import { createPoolRelay } from "./relay.ts";
import { createWatches } from "./watches.ts";

/**
 * A server that speaks over standard input and output, as one that serves HTTP: a pool of its processes answers.
 *
 * Its settings are the `STDIO_…` variables (see `StdioConfiguration`), and `MCP_SERVER_NAME`: the name of the service, in kebab case (default: that
 * of the command).
 *
 * @param words the words of the command line: everything behind `--` is the server's command.
 * @throws {ConfigurationError} that says what to change.
 */
export function stdioServer(words: readonly string[], environment: Environment): ServerDefinition {
  const command = readCommand(words);
  if (environment["NODE_ENV"] === "production") refuseDownload(command);
  const configuration = readStdioConfiguration(environment);
  // Refuses what must not be handed on before anything is started.
  childEnvironment(environment, configuration.handedOn);
  return {
    name: serverName(command, environment["MCP_SERVER_NAME"]),
    version: OWN_NAME.version,
    // With a fresh process for each call, there is none that could notice a change.
    announcesChanges: configuration.isolation === "shared",
    start: (context) => startStdioServer(command, configuration, context),
  };
}

/** Starts the processes; resolves when one can be asked, and has listed what it offers. */
export async function startStdioServer(
  command: ServerCommand,
  configuration: StdioConfiguration,
  { log, environment, changes }: StartContext,
  clock: Clock = machineClock,
): Promise<StartedServer> {
  const perCall = configuration.isolation === "per-call";
  const { variables, secrets, missing } = childEnvironment(environment, configuration.handedOn);
  if (missing.length > 0) {
    log.warn({ variables: missing }, "`STDIO_ENVIRONMENT` names variables that are not set");
  }
  const catalogue = createCatalogue(changes, log, clock);
  const watches = createWatches(log);
  const pool = createPool({
    clock,
    perCall,
    processes: configuration.processes,
    maxOngoingRequests: configuration.maxOngoingRequests,
    maxQueuedRequests: configuration.maxQueuedRequests,
    queueTimeoutMilliseconds: configuration.queueTimeoutSeconds * 1000,
    checkTimeoutMilliseconds: configuration.checkTimeoutSeconds * 1000,
    child: {
      start: processStarter(command, {
        environment: variables,
        mostLineBytes: configuration.maxLineBytes,
        clock,
      }),
      log,
      clock,
      startTimeoutMilliseconds: configuration.startTimeoutSeconds * 1000,
      stallMilliseconds: configuration.stallSeconds * 1000,
      stopMilliseconds: configuration.stopSeconds * 1000,
      logLinesPerSecond: configuration.logLinesPerSecond,
      redact: redactor(secrets),
    },
    joined: (child, handshake) => {
      if (perCall) return;
      watches.add(child, handshake);
      if (catalogue.offers === undefined) return;
      catalogue.refresh(child, handshake).catch((error: unknown) => {
        log.warn(
          { err: error, child: child.number },
          "the lists of a new process could not be read",
        );
      });
    },
    notified: perCall ? () => undefined : catalogue.notified,
  });
  try {
    await pool.start();
    // Of whichever child: should it end meanwhile, another one is asked.
    await pool.run((child) => catalogue.refresh(child, handshakeOf(child)), {
      cancellation: new LightAbortController(),
      repeatable: true,
    });
  } catch (error) {
    await pool.stop();
    throw error;
  }
  return {
    relay: createPoolRelay({
      pool,
      catalogue,
      watches,
      clock,
      perCall,
      toolTimeouts: configuration.toolTimeouts,
      idempotentTools: configuration.idempotentTools,
    }),
    ready: () => pool.ready(),
    healthy: () => pool.healthy(),
    stop: () => pool.stop(),
  };
}

/** A program's own name, also where an interpreter runs it: that of the first word that is no option. */
const INTERPRETERS: ReadonlySet<string> = new Set([
  ...["node", "python", "python3", "npx", "uvx", "bun", "deno", "ruby", "php", "java"],
]);

function serverName({ file, words }: ServerCommand, given: string | undefined): string {
  if (given !== undefined && given !== "") {
    if (KEBAB_CASE.test(given)) return given;
    throw new ConfigurationError(
      `\`MCP_SERVER_NAME\` is \`${given}\`, which is not in kebab case. Use 1 to 64 lower-case letters, digits and dashes, such as \`issue-tracker\`.`,
    );
  }
  const program = INTERPRETERS.has(basename(file))
    ? (words.find((word) => !word.startsWith("-")) ?? file)
    : file;
  const name = basename(program)
    .replace(/\.[cm]?[jt]s$|\.py$/u, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-+|-+$/gu, "")
    .slice(0, 64);
  return name === "" ? "stdio" : name;
}

const KEBAB_CASE = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/u;
