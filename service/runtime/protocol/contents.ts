import { ConfigurationError } from "../configuration-error.ts";
import type { ServerContents } from "../server.ts";
import { checkContents } from "./definition.ts";

/** What a server offers, complete and in a fixed order. */
export type Contents = Required<ServerContents>;

/**
 * Joins and checks what a definition and its start offer. Lists are sorted by name: replicas must list alike, or a client's cache would
 * depend on the replica that it asked.
 *
 * @throws {ConfigurationError} that names the first offer that clients could not use.
 */
export function readContents(...parts: readonly ServerContents[]): Contents {
  const contents: Contents = {
    tools: joined(parts, "tools"),
    resources: joined(parts, "resources"),
    resourceTemplates: joined(parts, "resourceTemplates"),
    prompts: joined(parts, "prompts"),
  };
  checkContents(contents);
  return {
    tools: byName(contents.tools),
    resources: byName(contents.resources),
    resourceTemplates: byName(contents.resourceTemplates),
    prompts: byName(contents.prompts),
  };
}

/** Whether there is a tool, prompt or resource of that name or URI. */
export function isListed(
  { tools, prompts, resources }: Contents,
  method: string,
  target: string,
): boolean {
  if (method === "tools/call") return tools.some(({ name }) => name === target);
  return method === "prompts/get"
    ? prompts.some(({ name }) => name === target)
    : resources.some(({ uri }) => uri === target);
}

function joined<Kind extends keyof Contents>(
  parts: readonly ServerContents[],
  kind: Kind,
): Contents[Kind][number][] {
  return parts.flatMap((part): readonly Contents[Kind][number][] => {
    const list: unknown = part[kind] ?? [];
    if (Array.isArray(list)) return list as Contents[Kind][number][];
    throw new ConfigurationError(`\`${kind}\` is not a list. Give an array.`);
  });
}

/**
 * Reads the contents for each request: an author may put another list in the place of one while the server runs. A list that cannot be used
 * is reported, and what was there before stays.
 *
 * @throws {ConfigurationError} as {@link readContents}, where it cannot be used from the start.
 */
export function watchContents(
  parts: readonly ServerContents[],
  report: (error: unknown) => void,
): () => Contents {
  let contents = readContents(...parts);
  let lists = listsOf(parts);
  return () => {
    if (isUnchanged(parts, lists)) return contents;
    lists = listsOf(parts);
    try {
      contents = readContents(...parts);
    } catch (error) {
      report(error);
    }
    return contents;
  };
}

const KINDS = ["tools", "resources", "resourceTemplates", "prompts"] as const;

function listsOf(parts: readonly ServerContents[]): readonly unknown[] {
  return parts.flatMap((part) => KINDS.map((kind) => part[kind]));
}

/** Asked for every request, so that it makes nothing. */
function isUnchanged(parts: readonly ServerContents[], lists: readonly unknown[]): boolean {
  let index = 0;
  for (const part of parts) {
    for (const kind of KINDS) if (part[kind] !== lists[index++]) return false;
  }
  return true;
}

/** By code units, so that no locale has a say. */
function byName<T extends { readonly name: string }>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
