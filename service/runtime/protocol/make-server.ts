import type { McpServer } from "@modelcontextprotocol/server";
import type { Caller } from "../caller.ts";
import type { Logger } from "../log.ts";
import type { Relay } from "../relay.ts";
import type { ServerDefinition } from "../server.ts";
import { isListed, type Contents } from "./contents.ts";
import type { Exchange } from "./exchange.ts";
import { isOffered } from "./offers.ts";
import { createRelayServer } from "./relay-server.ts";
import type { Runner } from "./run.ts";
import type { StateSeal } from "./sealed-state.ts";
import { createServer, type Challenge } from "./server.ts";

/** What servers are made from. */
export interface ServerParts {
  readonly log: Logger;
  readonly seal: StateSeal;
  readonly challenge: Challenge;
  /** Whether a caller has these scopes. */
  readonly permits: (caller: Caller | undefined, scopes: readonly string[] | undefined) => boolean;
  /** What the server offers now. */
  readonly contents: () => Contents;
  /** Who answers in the place of the contents. Default: nobody. */
  readonly relay?: () => Relay | undefined;
}

/** A server for one request, and what is known of what it offers. */
export interface MadeServer {
  readonly server: McpServer;
  readonly isOffered: (method: string, target: string) => boolean;
}

/** The request that a server is made for. */
export interface ServedRequest {
  readonly exchange: Exchange;
  readonly headers: Headers;
  readonly callTimeoutSeconds: number;
}

/** Makes the server of one request. What fails here is no client's fault, though the SDK reports it like one. */
export function makeServer(
  definition: ServerDefinition,
  parts: ServerParts,
  served: ServedRequest,
): MadeServer {
  try {
    const relay = parts.relay?.();
    return relay === undefined
      ? plainServer(definition, parts, served)
      : relayServer(definition, relay, served);
  } catch (error) {
    parts.log.error({ err: error }, "the server could not be made");
    throw error;
  }
}

function plainServer(
  definition: ServerDefinition,
  { contents, seal, challenge, permits }: ServerParts,
  { exchange, callTimeoutSeconds }: ServedRequest,
): MadeServer {
  const offered = contents();
  const runner: Runner = {
    exchange,
    seal,
    callTimeoutSeconds,
    permits: (scopes) => permits(exchange.caller, scopes),
  };
  return {
    server: createServer(definition, offered, runner, challenge),
    isOffered: (method, target) => isListed(offered, method, target),
  };
}

function relayServer(
  definition: ServerDefinition,
  relay: Relay,
  { exchange, headers, callTimeoutSeconds }: ServedRequest,
): MadeServer {
  const offers = relay.offers(exchange.caller);
  return {
    server: createRelayServer(definition, {
      relay,
      offers,
      exchange,
      headers: Object.fromEntries(headers),
      authorization: headers.get("authorization") ?? undefined,
      callTimeoutSeconds,
    }),
    isOffered: (method, target) => isOffered(offers, method, target),
  };
}
