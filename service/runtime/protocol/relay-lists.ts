import type { Implementation, ServerCapabilities } from "@modelcontextprotocol/server";
import type { JsonObject, Offers } from "../relay.ts";
import { isObject, stamped } from "./relay-result.ts";

/** The lists of a relay, and what each is called in its result. */
export const LISTS = {
  "tools/list": "tools",
  "resources/list": "resources",
  "resources/templates/list": "resourceTemplates",
  "prompts/list": "prompts",
} as const;

export type ListMethod = keyof typeof LISTS;

/** The result of a list: the very objects that are offered, on one page. */
export function listResult(
  method: ListMethod,
  offers: Offers,
  era: "modern" | "legacy",
  serverInfo: Implementation,
): JsonObject {
  const name = LISTS[method];
  if (era === "modern")
    return stamped({ [name]: offers[name], ...cacheFields(offers) }, serverInfo);
  return { [name]: name === "tools" ? offers.tools.map(legacyTool) : offers[name] };
}

/** The result of `server/discover`, with the one revision of its era that there is. */
export function discoverResult(
  offers: Offers,
  capabilities: ServerCapabilities,
  instructions: string | undefined,
  serverInfo: Implementation,
): JsonObject {
  return stamped(
    {
      supportedVersions: ["2026-07-28"],
      capabilities,
      // Neither does the SDK tell of an empty text.
      ...(instructions === undefined || instructions === "" ? {} : { instructions }),
      ...cacheFields(offers),
    },
    serverInfo,
  );
}

function cacheFields({ cache: { ttlMs, cacheScope } }: Offers): JsonObject {
  return { ttlMs, cacheScope };
}

/** Clients of the 2025 revisions refuse the whole list where the `outputSchema` of one tool describes something else than an object. */
function legacyTool(tool: JsonObject): JsonObject {
  const { outputSchema, ...others } = tool;
  if (outputSchema === undefined) return tool;
  return isObject(outputSchema) && outputSchema["type"] === "object" ? tool : others;
}
