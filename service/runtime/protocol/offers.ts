import type { ServerCapabilities } from "@modelcontextprotocol/server";
import type { JsonObject, Offers } from "../relay.ts";

/** What a relay offers, by name. */
export interface OfferIndex {
  readonly tools: ReadonlyMap<string, JsonObject>;
  readonly prompts: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
}

const indexes = new WeakMap<Offers, OfferIndex>();

/** The names of what is offered; offers do not change in place, so they are read once. */
export function indexOf(offers: Offers): OfferIndex {
  let index = indexes.get(offers);
  if (index === undefined) {
    index = {
      tools: new Map(offers.tools.map((tool) => [String(tool["name"]), tool])),
      prompts: new Set(offers.prompts.map(({ name }) => String(name))),
      resources: new Set(offers.resources.map(({ uri }) => String(uri))),
    };
    indexes.set(offers, index);
  }
  return index;
}

/** Whether a target of that name or URI is offered. Those that only a resource template matches are not: there is no end of them. */
export function isOffered(offers: Offers, method: string, target: string): boolean {
  const { tools, prompts, resources } = indexOf(offers);
  if (method === "tools/call") return tools.has(target);
  return method === "prompts/get" ? prompts.has(target) : resources.has(target);
}

/** What clients are promised. A stateless server has no channel for changes to those of the 2025 revisions, so it promises them none. */
export function capabilitiesOf(
  offers: Offers,
  { announcesChanges, era }: { readonly announcesChanges: boolean; readonly era: string },
): ServerCapabilities {
  const listChanged = announcesChanges && era === "modern";
  // What is announced when it comes has to be looked for while there is none of it.
  const has = (...lists: readonly (readonly unknown[])[]): boolean =>
    announcesChanges || lists.some(({ length }) => length > 0);
  return {
    logging: {},
    ...(has(offers.tools) ? { tools: { listChanged } } : {}),
    ...(has(offers.resources, offers.resourceTemplates)
      ? { resources: { listChanged, subscribe: listChanged } }
      : {}),
    ...(has(offers.prompts) ? { prompts: { listChanged } } : {}),
    ...(offers.completions ? { completions: {} } : {}),
  };
}
