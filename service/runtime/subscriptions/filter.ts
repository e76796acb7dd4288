import type { ServerCapabilities, ServerEvent } from "@modelcontextprotocol/server";
import { isObject } from "../protocol/relay-result.ts";

/** What a client asks to be told of, as it says so; what is left out is as good as `false`. */
export interface Filter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: readonly string[];
}

/** What a stream is told of. */
export interface Wanted {
  readonly tools: boolean;
  readonly prompts: boolean;
  readonly resources: boolean;
  /** The resources of which it is told that they were updated. */
  readonly uris: ReadonlySet<string>;
}

const NO_URIS: ReadonlySet<string> = new Set();

/** A filter that is known in every field; undefined where it is none, or has fields that this revision does not know. */
export function readFilter(value: unknown): Filter | undefined {
  if (!isObject(value)) return undefined;
  for (const key in value) {
    if (!isKnownField(key, value[key])) return undefined;
  }
  return value;
}

function isKnownField(key: string, value: unknown): boolean {
  switch (key) {
    case "toolsListChanged":
    case "promptsListChanged":
    case "resourcesListChanged":
      return typeof value === "boolean";
    case "resourceSubscriptions":
      return Array.isArray(value) && value.every((uri) => typeof uri === "string");
    default:
      return false;
  }
}

/** What of a filter a server with these capabilities can do, as the acknowledgement says it: what is not wanted is left out. */
export function honouredPart(filter: Filter, capabilities: ServerCapabilities): Filter {
  const { tools, prompts, resources } = capabilities;
  const { resourceSubscriptions: uris = [] } = filter;
  return {
    ...(filter.toolsListChanged === true && tools?.listChanged === true
      ? { toolsListChanged: true }
      : {}),
    ...(filter.promptsListChanged === true && prompts?.listChanged === true
      ? { promptsListChanged: true }
      : {}),
    ...(filter.resourcesListChanged === true && resources?.listChanged === true
      ? { resourcesListChanged: true }
      : {}),
    ...(uris.length > 0 && resources?.subscribe === true ? { resourceSubscriptions: uris } : {}),
  };
}

/** @param honoured what is left of the filter, see {@link honouredPart}. */
export function wantedBy(honoured: Filter): Wanted {
  const { resourceSubscriptions: uris = [] } = honoured;
  return {
    tools: honoured.toolsListChanged === true,
    prompts: honoured.promptsListChanged === true,
    resources: honoured.resourcesListChanged === true,
    uris: uris.length === 0 ? NO_URIS : new Set(uris),
  };
}

/** Whether there is nothing that a stream which wants this could be told of. */
export function isNothing({ tools, prompts, resources, uris }: Wanted): boolean {
  return !tools && !prompts && !resources && uris.size === 0;
}

/** Whether a stream that wants this is told of a change. */
export function isWanted(wanted: Wanted, event: ServerEvent): boolean {
  switch (event.kind) {
    case "tools_list_changed":
      return wanted.tools;
    case "prompts_list_changed":
      return wanted.prompts;
    case "resources_list_changed":
      return wanted.resources;
    case "resource_updated":
      return wanted.uris.has(event.uri);
  }
}
