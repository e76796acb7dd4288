import type { Answer } from "../../protocol/answer.ts";
import { capabilities, DEFAULT_CACHE, hasResources } from "../../protocol/server.ts";
import { completes } from "../../protocol/completion.ts";
import type { Contents } from "../../protocol/contents.ts";
import { discoverResult, listResult, type ListMethod } from "../../protocol/relay-lists.ts";
import { jsonSchema, NO_ARGUMENTS } from "../../protocol/schemas.ts";
import type { Prompt } from "../../prompt.ts";
import type { JsonObject, Offers } from "../../relay.ts";
import type { Resource, ResourceTemplate } from "../../resource.ts";
import type { ServerDefinition } from "../../server.ts";
import type { Tool } from "../../tool.ts";
import type { Recognised } from "../recognise.ts";
import { keptForAnswers } from "../written-answer.ts";
import type { Served } from "./served.ts";

/** The methods whose results follow from what is offered alone. */
export type DescribingMethod = ListMethod | "server/discover";

/** The lists and the description of a server. */
export interface Lists {
  /** Whether a server without any such thing leaves the method to the SDK, which knows how to say so. */
  has(method: DescribingMethod): boolean;
  /** An answer that is the same for all, written down when it is asked for first. */
  read(method: DescribingMethod, era: Recognised["era"]): Answer;
  /** The resources that have one address, and those that have been found besides. */
  withResources(found: readonly JsonObject[], era: Recognised["era"]): Answer;
}

export function describedLists(
  definition: ServerDefinition,
  contents: Contents,
  { serverInfo }: Pick<Served, "serverInfo">,
): Lists {
  const offers = offersOf(definition, contents);
  const answers = new Map<string, Answer>();
  return {
    has: (method) => isThere(method, contents),
    read: (method, era) => {
      const key = `${era} ${method}`;
      let answer = answers.get(key);
      if (answer === undefined) {
        const has = capabilities(definition, contents, era);
        const result =
          method === "server/discover"
            ? discoverResult(offers, has, definition.instructions, serverInfo)
            : listResult(method, offers, era, serverInfo);
        answer = written(JSON.stringify(result));
        answers.set(key, answer);
      }
      return answer;
    },
    withResources: (found, era) => {
      const all = { ...offers, resources: [...offers.resources, ...found] };
      return {
        kind: "result",
        result: listResult("resources/list", all, era, serverInfo),
        outcome: "ok",
      };
    },
  };
}

function written(result: string): Answer {
  const kept = keptForAnswers(result);
  return typeof kept === "string"
    ? { kind: "text", result: kept }
    : { kind: "bytes", begin: "", rest: kept };
}

function isThere(method: DescribingMethod, contents: Contents): boolean {
  switch (method) {
    case "server/discover":
      return true;
    case "tools/list":
      return contents.tools.length > 0;
    case "prompts/list":
      return contents.prompts.length > 0;
    case "resources/list":
    case "resources/templates/list":
      return hasResources(contents);
  }
}

function offersOf({ cache = DEFAULT_CACHE }: ServerDefinition, contents: Contents): Offers {
  const { ttlMs = 0, cacheScope = "private" } = cache;
  return {
    tools: inOrder(contents.tools, "name").map(toolOffer),
    resources: inOrder(contents.resources, "uri").map(resourceOffer),
    resourceTemplates: inOrder(contents.resourceTemplates, "name").map(templateOffer),
    prompts: inOrder(contents.prompts, "name").map(promptOffer),
    completions: completes(contents),
    cache: { ttlMs, cacheScope },
  };
}

/** In the order of the SDK, which keeps them in an object: names that are whole numbers come first (ECMAScript, `OrdinaryOwnPropertyKeys`). */
export function inOrder<Key extends string, T extends Readonly<Record<Key, string>>>(
  offers: readonly T[],
  key: Key,
): readonly T[] {
  return Object.values(Object.fromEntries(offers.map((offer) => [offer[key], offer])));
}

function toolOffer({ name, title, description, input, output, annotations }: Tool): JsonObject {
  return {
    name,
    title,
    description,
    inputSchema: jsonSchema(input ?? NO_ARGUMENTS, "input"),
    annotations,
    ...(output === undefined ? {} : { outputSchema: jsonSchema(output, "output") }),
  };
}

function resourceOffer(resource: Resource): JsonObject {
  return { uri: resource.uri, name: resource.name, ...shown(resource) };
}

function templateOffer(template: ResourceTemplate): JsonObject {
  return { name: template.name, uriTemplate: template.uriTemplate, ...shown(template) };
}

/** What a resource says of itself, and a template of all of its resources. */
export function shown({ title, description, mimeType }: Resource | ResourceTemplate): JsonObject {
  return { title, description, mimeType };
}

function promptOffer({
  name,
  title,
  description,
  arguments: args = NO_ARGUMENTS,
}: Prompt): JsonObject {
  const { properties = {}, required = [] } = jsonSchema(args, "input");
  const isRequired = new Set(required as readonly string[]);
  return {
    name,
    title,
    description,
    arguments: Object.entries(properties as Readonly<Record<string, { description?: string }>>).map(
      ([argument, { description: about }]) => ({
        name: argument,
        description: about,
        required: isRequired.has(argument),
      }),
    ),
  };
}
