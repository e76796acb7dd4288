import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler, Router } from "express";
import { callerOf, createAuth, type Auth, type AuthenticatedRequest } from "./auth/index.ts";
import type { Caller } from "./caller.ts";
import type { RuntimeConfiguration } from "./configuration.ts";
import { ConfigurationError } from "./configuration-error.ts";
import type { Environment } from "./environment.ts";
import type { Logger } from "./log.ts";
import { watchContents, type Contents } from "./protocol/contents.ts";
import { checkDefinition } from "./protocol/definition.ts";
import { createMcpEndpoint, type McpEndpoint } from "./protocol/endpoint.ts";
import { createStateSeal, type StateSeal } from "./protocol/sealed-state.ts";
import type { FrontDoor, Onward } from "./hot-path/front.ts";
import { rememberRight } from "./remember-right.ts";
import { createRouter, hostCheck } from "./router.ts";
import type { ServerContents, ServerDefinition, StartedServer } from "./server.ts";
import { standardOutput } from "./standard-output.ts";
import { createInstruments } from "./telemetry/instruments.ts";

/** What an MCP server runs with. */
export interface MountOptions {
  /** Made by `readConfiguration(process.env)`. */
  readonly configuration: RuntimeConfiguration;
  readonly log: Logger;
  /** What the definition's own start may read. Default: the process's. */
  readonly environment?: Environment;
}

/** An MCP server as a part of an Express application. */
export interface MountedServer {
  /** Serves the endpoint and its metadata. Mount it at the root: `application.use(mounted.router)`. */
  readonly router: Router;
  /**
   * Answers the most common requests without a router, and gives all others to `next`, where the router has to come: perhaps with a `body` of
   * bytes, as a body parser leaves it. A replica of its own has it as its listener; what an application does before its routes, it does not do for these.
   */
  handle(request: IncomingMessage, response: ServerResponse, next: Onward): void;
  /** Runs the definition's own start; calls are answered 503 until it is done. */
  start(): Promise<void>;
  /** Whether it has started, and what its start gave says that traffic may come. */
  ready(): boolean;
  /** Whether the process is of use, as far as what the definition's start gave can tell; always, before that. */
  healthy(): boolean;
  /** Ends open subscriptions gracefully, and takes no more. Calls go on. */
  endSubscriptions(): Promise<void>;
  /** Cuts what is still open, and releases what the definition's start has opened. */
  close(): Promise<void>;
}

/** Makes an MCP server that an application of your own can mount. */
export async function mountServer(
  definition: ServerDefinition,
  { configuration, log, environment = process.env }: MountOptions,
): Promise<MountedServer> {
  checkDefinition(definition);
  let contents: (() => Contents) | undefined;
  let started: StartedServer | undefined;
  const { replica } = log.bindings();
  const telemetry = await createInstruments({
    ...(typeof replica === "string" ? { replica } : {}),
    environment,
    service: environment["OTEL_SERVICE_NAME"] || definition.name,
    version: definition.version,
    metrics: configuration.metrics,
    log,
    write: (line) => {
      standardOutput.write(line);
    },
  });
  const auth = createAuth({
    configuration: configuration.auth,
    publicUrl: configuration.publicUrl,
    path: configuration.path,
    title: definition.title ?? definition.name,
    scopes: () => started?.relay?.scopes?.() ?? scopesOf(contents?.() ?? NOTHING),
    log,
  });
  const gateway = configuration.direct?.gateway;
  const door =
    gateway === undefined
      ? undefined
      : createAuth({
          configuration: gateway.auth,
          publicUrl: gateway.url,
          title: definition.title ?? definition.name,
          log,
        });
  const guests = new WeakSet<Caller>();
  const authOf = (caller: Caller | undefined): Auth =>
    door !== undefined && caller !== undefined && guests.has(caller) ? door : auth;
  const endpoint: McpEndpoint = createMcpEndpoint(definition, {
    configuration,
    log,
    seal: stateSeal(configuration, log),
    challenge: (scopes) =>
      scopes === undefined
        ? {}
        : {
            scopeChallenge: (given) => authOf(callerOf(given.authInfo)).challenge(scopes)(given),
          },
    permits: (caller, scopes) => scopes === undefined || authOf(caller).permits(caller, scopes),
    telemetry,
    contents: () => contents?.() ?? NOTHING,
    relay: () => started?.relay,
  });
  const doors = new Map<string, FrontDoor>();
  // Where calls of a gateway's clients come by the same path, their names have to be looked at first.
  if (configuration.direct === undefined || gateway !== undefined) {
    doors.set(configuration.path, {
      isHostAllowed: rememberRight(hostCheck(configuration, configuration.publicUrl)),
      identify: (request) => auth.identify(request),
    });
  }
  return {
    handle: (request, response, next) => {
      const found = contents === undefined ? undefined : doors.get(request.url ?? "");
      if (found === undefined) next(request, response);
      else endpoint.front.handle(found, request, response, next);
    },
    router: createRouter(configuration, log, {
      authenticate: auth.guard,
      authenticateDirect: door === undefined ? undefined : remembering(door.guard, guests),
      metadata: auth.metadata,
      endpoint: (): RequestHandler | undefined =>
        contents === undefined ? undefined : endpoint.handle,
      refused: telemetry.refused,
    }),
    start: async () => {
      auth.warmUp();
      door?.warmUp();
      started = await definition.start?.({ log, environment, changes: endpoint.changes });
      const parts = started === undefined ? [definition] : [definition, started];
      if (started?.relay !== undefined) refuseLists(parts);
      contents = watchContents(parts, (error) => {
        log.error({ err: error }, "changed contents are not usable");
      });
    },
    ready: () => contents !== undefined && (started?.ready?.() ?? true),
    healthy: () => started?.healthy?.() ?? true,
    endSubscriptions: () => endpoint.endSubscriptions(),
    close: async () => {
      await endpoint.close();
      auth.close();
      door?.close();
      await started?.stop?.();
      await telemetry.shutdown();
    },
  };
}

/** @throws {ConfigurationError} where there is a list: nobody would ever see it. */
function refuseLists(parts: readonly ServerContents[]): void {
  for (const part of parts) {
    for (const kind of ["tools", "resources", "resourceTemplates", "prompts"] as const) {
      const list = part[kind];
      if (list === undefined || list.length === 0) continue;
      throw new ConfigurationError(
        `\`start\` gave a \`relay\`, and there are ${list.length} \`${kind}\` beside it. With a relay, what a server offers comes from its \`offers\` alone: leave \`${kind}\` out, or offer them there.`,
      );
    }
  }
}

/** A guard that remembers whom it has let through: their tokens name scopes in a gateway's way. */
function remembering(guard: RequestHandler, callers: WeakSet<Caller>): RequestHandler {
  return (request: AuthenticatedRequest, response, next) => {
    guard(request, response, (error?: unknown) => {
      const caller = callerOf(request.auth);
      if (caller !== undefined) callers.add(caller);
      next(error);
    });
  };
}

/** Every scope that the parts of a server ask for. */
function scopesOf({ tools, resources, resourceTemplates, prompts }: Contents): readonly string[] {
  const parts = [...tools, ...resources, ...resourceTemplates, ...prompts];
  return [...new Set(parts.flatMap(({ scopes = [] }) => scopes))];
}

const NOTHING: Contents = { tools: [], resources: [], resourceTemplates: [], prompts: [] };

/** A key of the replica's own, where none is given, works as long as there is one replica. */
function stateSeal(
  { stateKeys: [first, ...others] }: RuntimeConfiguration,
  log: Logger,
): StateSeal {
  if (first !== undefined) return createStateSeal([first, ...others]);
  const seal = createStateSeal([randomBytes(32).toString("base64url")]);
  let warned = false;
  return {
    ...seal,
    seal: (...given) => {
      if (!warned) {
        log.warn(
          "`MCP_STATE_KEY` is not set: calls that need more input fail where another replica gets the answer. Give all replicas the same key.",
        );
      }
      warned = true;
      return seal.seal(...given);
    },
  };
}
