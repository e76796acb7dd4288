import type { IncomingHttpHeaders } from "node:http";
import {
  INVALID_PARAMS,
  McpServer,
  METHOD_NOT_FOUND,
  ProtocolError,
  type Implementation,
  type McpServerOptions,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { cancellationOf } from "../cancellation.ts";
import type { JsonObject, Offers, Relay, RelayedMethod } from "../relay.ts";
import type { ServerDefinition } from "../server.ts";
import type { Exchange, OpenCall } from "./exchange.ts";
import { UNWRITABLE, type Answer } from "./answer.ts";
import { capabilitiesOf, indexOf } from "./offers.ts";
import { inputSchemaOf, parameterHeaders } from "./parameter-headers.ts";
import { askRelay } from "./relay-call.ts";
import { listResult, type ListMethod } from "./relay-lists.ts";

/** What a server that relays works with. */
export interface RelayServing {
  readonly relay: Relay;
  /** What the caller may use. */
  readonly offers: Offers;
  readonly exchange: Exchange;
  readonly headers: IncomingHttpHeaders;
  /** The header. */
  readonly authorization: string | undefined;
  readonly callTimeoutSeconds: number;
}

/** Whom clients are told that they talk to: the server that is asked, where it has said so, else whom the definition names. */
export function serverInfoOf(definition: ServerDefinition, { server }: Offers): Implementation {
  const { name, title = name, version } = server ?? definition;
  return { name, title, version };
}

/**
 * What the handlers give the SDK: it checks and rewrites results by its schemas, so that fields it does not know would be lost. What
 * really goes out is the answer of the open call, which takes the place of this at the transport.
 */
const STAND_INS = {
  "tools/list": { tools: [] },
  "resources/list": { resources: [] },
  "resources/templates/list": { resourceTemplates: [] },
  "prompts/list": { prompts: [] },
  "tools/call": { content: [] },
  "prompts/get": { messages: [] },
  "resources/read": { contents: [] },
  "completion/complete": { completion: { values: [] } },
};

/** A server for one request that answers from a relay. */
export function createRelayServer(definition: ServerDefinition, serving: RelayServing): McpServer {
  const { offers, exchange } = serving;
  const { passesUnknown = false } = serving.relay;
  const { announcesChanges = false } = definition;
  const { instructions = definition.instructions, cache } = offers;
  const capabilities = capabilitiesOf(offers, { announcesChanges, era: exchange.era });
  const serverInfo = serverInfoOf(definition, offers);
  const server = new RelayServer(offers, serverInfo, {
    capabilities,
    ...(instructions === undefined ? {} : { instructions }),
    cacheHints: { "server/discover": cache },
  });
  const { server: handlers } = server;
  const list = (method: ListMethod, { mcpReq }: ServerContext): void => {
    const open = openOf(exchange, mcpReq.id);
    open.answer = { result: listResult(method, offers, exchange.era, serverInfo) };
  };
  const pass = passer(server, serving, serverInfo);

  if (capabilities.tools !== undefined) {
    handlers.setRequestHandler("tools/list", (_request, context) => {
      list("tools/list", context);
      return STAND_INS["tools/list"];
    });
    handlers.setRequestHandler("tools/call", async ({ params: { name } }, context) => {
      if (!passesUnknown && !indexOf(offers).tools.has(name))
        throw new ProtocolError(INVALID_PARAMS, `There is no tool \`${name}\`.`);
      await pass("tools/call", context);
      return STAND_INS["tools/call"];
    });
  }
  if (capabilities.resources !== undefined) {
    handlers.setRequestHandler("resources/list", (_request, context) => {
      list("resources/list", context);
      return STAND_INS["resources/list"];
    });
    handlers.setRequestHandler("resources/templates/list", (_request, context) => {
      list("resources/templates/list", context);
      return STAND_INS["resources/templates/list"];
    });
    handlers.setRequestHandler("resources/read", async (_request, context) => {
      await pass("resources/read", context);
      return STAND_INS["resources/read"];
    });
    if (exchange.era === "legacy") {
      // Clients of 2025 that subscribe although nothing is promised are not failed for it.
      handlers.setRequestHandler("resources/subscribe", () => ({}));
      handlers.setRequestHandler("resources/unsubscribe", () => ({}));
    }
  }
  if (capabilities.prompts !== undefined) {
    handlers.setRequestHandler("prompts/list", (_request, context) => {
      list("prompts/list", context);
      return STAND_INS["prompts/list"];
    });
    handlers.setRequestHandler("prompts/get", async ({ params: { name } }, context) => {
      if (!passesUnknown && !indexOf(offers).prompts.has(name))
        throw new ProtocolError(INVALID_PARAMS, `There is no prompt \`${name}\`.`);
      await pass("prompts/get", context);
      return STAND_INS["prompts/get"];
    });
  }
  if (capabilities.completions !== undefined) {
    handlers.setRequestHandler("completion/complete", async (_request, context) => {
      await pass("completion/complete", context);
      return STAND_INS["completion/complete"];
    });
  }
  return server;
}

/** The SDK asks its server for the schema of the tool that is called, to compare `Mcp-Param-…` headers with the arguments. */
class RelayServer extends McpServer {
  readonly #offers: Offers;

  constructor(offers: Offers, serverInfo: Implementation, options: McpServerOptions) {
    super(serverInfo, options);
    this.#offers = offers;
  }

  override toolInputSchemaJson(name: string): Record<string, unknown> | undefined {
    return inputSchemaOf(indexOf(this.#offers).tools.get(name));
  }
}

function passer(
  { server }: McpServer,
  serving: RelayServing,
  serverInfo: Implementation,
): (method: RelayedMethod, context: ServerContext) => Promise<void> {
  const { relay, exchange, headers, authorization, callTimeoutSeconds } = serving;
  return async (method, { mcpReq: { id, signal } }) => {
    const open = openOf(exchange, id);
    const notify = (notification: string, params: JsonObject): void => {
      if (exchange.isCongested()) return;
      const message = { jsonrpc: "2.0" as const, method: notification, params };
      server.transport?.send(message, { relatedRequestId: id }).catch((error: unknown) => {
        open.log.debug({ err: error }, "a notification was not delivered");
      });
    };
    const answer = await askRelay(
      relay,
      { method, params: open.params, parameterHeaders: parameterHeaders(headers) },
      {
        open,
        exchange,
        leaving: cancellationOf(signal),
        callTimeoutSeconds,
        serverInfo,
        authorization,
        client: { notify },
      },
    );
    Object.assign(open, answered(answer));
  };
}

/** What becomes of a call with its answer. */
function answered(answer: Answer): Pick<OpenCall, "answer" | "verdict"> {
  if (answer.kind === "text" || answer.kind === "bytes") return {};
  const { outcome } = answer;
  if (answer.kind === "error") {
    const { error, status, cause } = answer;
    return {
      answer: { error, isRefused: status === 503 },
      verdict: { outcome, ...(cause === undefined ? {} : { error: cause }) },
    };
  }
  const { result } = answer;
  try {
    // The SDK would leave a client without any answer where this one cannot be written down.
    JSON.stringify(result);
    return { answer: { result }, verdict: { outcome } };
  } catch (error) {
    return {
      answer: { error: UNWRITABLE, isRefused: false },
      verdict: { outcome: "internal_error", error },
    };
  }
}

/** @throws where the call has ended: a batch that gives one id twice, or a client that has left. */
function openOf(exchange: Exchange, id: string | number): OpenCall {
  const open = exchange.calls.get(id);
  if (open === undefined) throw new ProtocolError(METHOD_NOT_FOUND, "The call has ended.");
  return open;
}
