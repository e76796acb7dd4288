import { ConfigurationError } from "../configuration-error.ts";
import type { ServerContents } from "../server.ts";
import { headerProblem } from "./header-names.ts";

/** What a server offers, complete and in a fixed order. */
export type Contents = Required<ServerContents>;

/** SEP-986: what every client and gateway accepts as the name of a tool. */
const TOOL_NAME = /^[\w.-]{1,128}$/u;

/**
 * Joins and checks what a definition and its start offer. Lists are sorted by name: replicas must list alike, or a client's cache would
 * depend on the replica that it asked.
 *
 * @throws {ConfigurationError} that names the first offer that clients could not use.
 */
export function readContents(...parts: readonly ServerContents[]): Contents {
  const tools = parts.flatMap((part) => part.tools ?? []);
  const resources = parts.flatMap((part) => part.resources ?? []);
  const resourceTemplates = parts.flatMap((part) => part.resourceTemplates ?? []);
  const prompts = parts.flatMap((part) => part.prompts ?? []);
  refuseRepeated(
    "tool",
    "name",
    tools.map(({ name }) => name),
  );
  refuseRepeated(
    "resource",
    "uri",
    resources.map(({ uri }) => uri),
  );
  refuseRepeated(
    "resource template",
    "name",
    resourceTemplates.map(({ name }) => name),
  );
  refuseRepeated(
    "prompt",
    "name",
    prompts.map(({ name }) => name),
  );
  for (const { name, input } of tools) {
    if (!TOOL_NAME.test(name)) {
      throw new ConfigurationError(
        `The tool name \`${name}\` is not 1 to 128 letters, digits and \`_.-\`. Clients refuse others; rename it.`,
      );
    }
    const problem = input === undefined ? undefined : headerProblem(input);
    if (problem !== undefined) throw new ConfigurationError(`In the tool \`${name}\`, ${problem}`);
  }
  for (const { uri } of resources) {
    if (URL.canParse(uri)) continue;
    throw new ConfigurationError(
      `The resource \`uri\` \`${uri}\` is not an absolute URI. Give one, such as \`docs://guide\`.`,
    );
  }
  return {
    tools: byName(tools),
    resources: byName(resources),
    resourceTemplates: byName(resourceTemplates),
    prompts: byName(prompts),
  };
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
    const now = listsOf(parts);
    if (now.every((list, index) => list === lists[index])) return contents;
    lists = now;
    try {
      contents = readContents(...parts);
    } catch (error) {
      report(error);
    }
    return contents;
  };
}

function listsOf(parts: readonly ServerContents[]): readonly unknown[] {
  return parts.flatMap((part) => [
    part.tools,
    part.resources,
    part.resourceTemplates,
    part.prompts,
  ]);
}

function refuseRepeated(kind: string, key: string, values: readonly string[]): void {
  const repeated = values.find((value, index) => values.indexOf(value) !== index);
  if (repeated === undefined) return;
  throw new ConfigurationError(
    `Two ${kind}s have the ${key} \`${repeated}\`. Give each a ${key} of its own.`,
  );
}

/** By code units, so that no locale has a say. */
function byName<T extends { readonly name: string }>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
