import { INVALID_PARAMS } from "@modelcontextprotocol/server";
import { z } from "zod";
import {
  RelayError,
  type JsonObject,
  type Offers,
  type RelayRequest,
} from "../../../runtime/relay.ts";
import type { OwnedListing } from "../catalogue/collisions.ts";
import type { View } from "../catalogue/view.ts";
import { unknownTarget } from "../errors.ts";
import { matches } from "../names.ts";
import { Ranking, type Field } from "./ranking.ts";

/** As many tools as a search finds, unless the model asks for more or fewer. */
const USUAL_RESULTS = 5;
const MOST_RESULTS = 20;

const SEARCH = {
  name: "search_tools",
  title: "Search tools",
  description:
    "Finds the tools for a task among all that are there. Say what you want to do, in a few words. The answer has the names, descriptions and" +
    " input schemas of the tools that fit best; use them with `call_tool`.",
  inputSchema: {
    type: "object",
    properties: {
      query: { type: "string", description: "What the tool should do." },
      limit: {
        type: "integer",
        minimum: 1,
        maximum: MOST_RESULTS,
        default: USUAL_RESULTS,
        description: "How many tools to find at most.",
      },
    },
    required: ["query"],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
} as const;

const CALL = {
  name: "call_tool",
  title: "Call a tool",
  description:
    "Calls a tool that `search_tools` has found. `arguments` must satisfy the tool's own input schema.",
  inputSchema: {
    type: "object",
    properties: {
      name: { type: "string", description: "The name of the tool, as `search_tools` gives it." },
      arguments: { type: "object", description: "The arguments of the tool.", default: {} },
    },
    required: ["name"],
    additionalProperties: false,
  },
} as const;

const INSTRUCTIONS =
  "Only a few tools are listed. There are more: find them with `search_tools`, and call them with `call_tool`.";

const searchArguments = z.strictObject({
  query: z.string(),
  limit: z.number().int().min(1).max(MOST_RESULTS).default(USUAL_RESULTS),
});

const callArguments = z.strictObject({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).default({}),
});

/** The names that are the gateway's own. */
export const SEARCH_NAMES: OwnedListing = {
  upstream: "the gateway itself",
  listing: {
    tools: [SEARCH, CALL].map((tool) => ({
      name: tool.name,
      own: tool.name,
      value: tool,
      rules: [],
    })),
    prompts: [],
  },
};

/** Two tools in the place of all. */
export interface SearchTools {
  /** What is listed of a view: the two, and what is pinned. */
  present(view: View): Omit<Offers, "cache">;
  /** Whether one of the two is called. */
  isFor(request: RelayRequest): boolean;
  /** @returns the answer, or the call that is meant. @throws {RelayError} */
  answer(
    request: RelayRequest,
    view: View,
  ): { readonly result: JsonObject } | { readonly request: RelayRequest };
}

/** @param pinned names of tools that are listed all the same, with `*` for any characters. */
export function createSearchTools(pinned: readonly string[]): SearchTools {
  const indexes = new WeakMap<
    View,
    { readonly names: readonly string[]; readonly ranking: Ranking }
  >();

  const indexOf = (view: View) => {
    const known = indexes.get(view);
    if (known !== undefined) return known;
    const names = [...view.tools.keys()].sort();
    const ranking = new Ranking(names.map((name) => fieldsOf(name, view.tools.get(name)?.value)));
    const index = { names, ranking };
    indexes.set(view, index);
    return index;
  };

  const find = (view: View, { query, limit }: z.output<typeof searchArguments>): JsonObject => {
    const { names, ranking } = indexOf(view);
    const tools = ranking.find(query, limit).flatMap((index) => {
      const value = view.tools.get(names[index] ?? "")?.value;
      if (value === undefined) return [];
      const { name, title, description, inputSchema } = value;
      return [{ name, title, description, inputSchema }];
    });
    const structuredContent = { tools };
    return {
      content: [{ type: "text", text: JSON.stringify(structuredContent) }],
      structuredContent: JSON.parse(JSON.stringify(structuredContent)) as JsonObject,
    };
  };

  return {
    present: (view) => {
      const { offers } = view;
      const isPinned = ({ name }: JsonObject): boolean =>
        pinned.some((pattern) => matches(pattern, String(name)));
      return {
        ...offers,
        tools: [CALL, SEARCH, ...offers.tools.filter(isPinned)],
        instructions: [
          INSTRUCTIONS,
          ...(offers.instructions === undefined ? [] : [offers.instructions]),
        ].join("\n\n"),
      };
    },
    isFor: ({ method, params }) =>
      method === "tools/call" && (params["name"] === SEARCH.name || params["name"] === CALL.name),
    answer: (request, view) => {
      const given = request.params["arguments"] ?? {};
      if (request.params["name"] === SEARCH.name)
        return { result: find(view, parse(searchArguments, given, SEARCH.name)) };
      const { name, arguments: inner } = parse(callArguments, given, CALL.name);
      if (!view.tools.has(name)) throw unknownTarget("tool", name);
      return {
        request: {
          method: request.method,
          params: { ...request.params, name, arguments: inner },
          // Those of the call in the call: the upstream's client makes them of the arguments.
          parameterHeaders: {},
        },
      };
    },
  };
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  tool: string,
): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.length === 0 ? "" : `\`${path.join(".")}\`: `}${message}`,
  );
  throw new RelayError(
    `The arguments of \`${tool}\` are not what it takes. ${problems.join("; ")}.`,
    {
      code: INVALID_PARAMS,
      outcome: "invalid_arguments",
    },
  );
}

/** A name says more than a description, which says more than the arguments. */
function fieldsOf(name: string, tool: JsonObject | undefined): readonly Field[] {
  const { title, description, inputSchema } = tool ?? {};
  return [
    { text: name, weight: 3 },
    { text: textOf(title), weight: 2 },
    { text: textOf(description), weight: 1 },
    { text: argumentNames(inputSchema).join(" "), weight: 0.5 },
  ];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function argumentNames(inputSchema: unknown): readonly string[] {
  const properties =
    typeof inputSchema === "object" && inputSchema !== null && "properties" in inputSchema
      ? inputSchema.properties
      : undefined;
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}
