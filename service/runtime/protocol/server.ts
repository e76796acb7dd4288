import {
  McpServer,
  type CacheHint,
  type ScopeChallengeHandler,
  type ServerCapabilities,
} from "@modelcontextprotocol/server";
import type { ServerDefinition } from "../server.ts";
import { completes, registerCompletion } from "./completion.ts";
import type { Contents } from "./contents.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { stateOwner, type Runner } from "./run.ts";
import { registerTools } from "./tools.ts";

/** Makes the check of the scopes that a tool, resource or prompt needs; nothing where it needs none. */
export type Challenge = (scopes: readonly string[] | undefined) => {
  readonly scopeChallenge?: ScopeChallengeHandler;
};

/** A minute: long enough that clients need not ask before every call, short enough for a rollout. */
export const DEFAULT_CACHE: CacheHint = { ttlMs: 60_000, cacheScope: "private" };

/** A server for one request, as the stateless transport demands: sharing one would leak replies between clients. */
export function createServer(
  definition: ServerDefinition,
  contents: Contents,
  runner: Runner,
  challenge: Challenge,
): McpServer {
  const { name, title, version, instructions, cache = DEFAULT_CACHE } = definition;
  const server = new McpServer(
    { name, title: title ?? name, version },
    {
      capabilities: capabilities(definition, contents, runner.exchange.era),
      ...(instructions === undefined ? {} : { instructions }),
      cacheHints: {
        "server/discover": cache,
        "tools/list": cache,
        "resources/list": cache,
        "resources/templates/list": cache,
        "prompts/list": cache,
      },
      requestState: {
        verify: (state, { mcpReq }) =>
          runner.seal.open(state, stateOwner(runner.exchange, mcpReq.id, mcpReq.method)),
      },
    },
  );
  registerTools(server, contents.tools, runner, challenge);
  registerResources(server, contents.resources, contents.resourceTemplates, runner, challenge);
  registerPrompts(server, contents.prompts, runner, challenge);
  registerCompletion(server, contents, runner);
  if (runner.exchange.era === "legacy" && hasResources(contents)) acceptSubscriptions(server);
  return server;
}

/** A stateless server has no channel for changes to clients of the 2025 revisions, so it promises them none. */
export function capabilities(
  { announcesChanges = false }: ServerDefinition,
  contents: Contents,
  era: "modern" | "legacy",
): ServerCapabilities {
  const listChanged = announcesChanges && era === "modern";
  return {
    logging: {},
    ...(contents.tools.length > 0 ? { tools: { listChanged } } : {}),
    ...(hasResources(contents) ? { resources: { listChanged, subscribe: listChanged } } : {}),
    ...(contents.prompts.length > 0 ? { prompts: { listChanged } } : {}),
    ...(completes(contents) ? { completions: {} } : {}),
  };
}

export function hasResources({ resources, resourceTemplates }: Contents): boolean {
  return resources.length + resourceTemplates.length > 0;
}

/** Clients of 2025 that subscribe although nothing is promised are not failed for it. */
function acceptSubscriptions({ server }: McpServer): void {
  server.setRequestHandler("resources/subscribe", () => ({}));
  server.setRequestHandler("resources/unsubscribe", () => ({}));
}
