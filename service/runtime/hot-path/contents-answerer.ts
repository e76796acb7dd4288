import type { CompleteRequestParams } from "@modelcontextprotocol/server";
import type { Caller } from "../caller.ts";
import type { Answer } from "../protocol/answer.ts";
import { completes, findCompleter, NOTHING } from "../protocol/completion.ts";
import type { Contents } from "../protocol/contents.ts";
import type { ServerParts } from "../protocol/make-server.ts";
import { hasParameterHeaders } from "../protocol/parameter-headers.ts";
import { isObject } from "../protocol/relay-result.ts";
import { jsonSchema, NO_ARGUMENTS } from "../protocol/schemas.ts";
import { subjectOf } from "../protocol/tools.ts";
import type { ResourceTemplate } from "../resource.ts";
import type { ServerDefinition } from "../server.ts";
import type { Tool } from "../tool.ts";
import type { Answerer, Plan } from "./answerer.ts";
import { describedLists, inOrder } from "./contents/lists.ts";
import {
  CompletionPlan,
  PromptPlan,
  ResourcePlan,
  ToolPlan,
  type HotTool,
} from "./contents/plans.ts";
import { ResourceListPlan } from "./contents/resource-list.ts";
import { resourceIndex } from "./contents/resource-index.ts";
import { resultIn, type Served } from "./contents/served.ts";
import { toolTexts } from "./contents/tool-text.ts";
import type { Recognised } from "./recognise.ts";

/** Gives the answerer of an author's contents, the same one for the same contents; undefined where it cannot be made. */
export function contentsAnswerers(
  definition: ServerDefinition,
  parts: ServerParts,
  callTimeoutSeconds: number,
): (contents: Contents) => Answerer | undefined {
  let known: { readonly contents: Contents; readonly answerer: Answerer | undefined } | undefined;
  return (contents) => {
    if (known?.contents !== contents)
      known = { contents, answerer: made(definition, parts, contents, callTimeoutSeconds) };
    return known.answerer;
  };
}

function made(...given: Parameters<typeof contentsAnswerer>): Answerer | undefined {
  try {
    return contentsAnswerer(...given);
  } catch {
    // The SDK's way meets the same failure, and knows how to say so.
    return undefined;
  }
}

/** Answers by an author's functions: what follows from the contents alone is made once, not for each request. */
function contentsAnswerer(
  definition: ServerDefinition,
  { seal, permits }: ServerParts,
  contents: Contents,
  callTimeoutSeconds: number,
): Answerer {
  const { name, title = name, version } = definition;
  const served: Served = { seal, callTimeoutSeconds, serverInfo: { name, title, version } };
  const tools = new Map(contents.tools.map((tool) => [tool.name, hotTool(tool)]));
  const prompts = new Map(contents.prompts.map((prompt) => [prompt.name, prompt]));
  const findResource = resourceIndex(contents);
  const texts = toolTexts(served);
  const lists = describedLists(definition, contents, served);

  const listing = inOrder(contents.resourceTemplates, "name").filter(
    (template) => template.list !== undefined,
  );
  const mayRead =
    (caller: Caller | undefined) =>
    ({ scopes }: ResourceTemplate): boolean =>
      permits(caller, scopes);

  const completion = (request: Recognised, caller: Caller | undefined): Plan | undefined => {
    const params = request.params as CompleteRequestParams;
    if (!completes(contents) || hasOddKey(params.context?.arguments)) return undefined;
    const completer = findCompleter(params, contents, {
      permits: (scopes) => permits(caller, scopes),
    });
    return completer === undefined
      ? told({ kind: "result", result: resultIn(request.era, NOTHING, served), outcome: "ok" })
      : new CompletionPlan(served, request, completer);
  };

  return {
    plan: (request, caller) => {
      const { method, params, era } = request;
      if (hasOddKey(params["arguments"]) || hasOddKey(params["inputResponses"])) return undefined;
      switch (method) {
        case "tools/call": {
          const tool = tools.get(String(params["name"]));
          if (tool === undefined || (tool.hasHeaders && era === "modern")) return undefined;
          return permits(caller, tool.tool.scopes)
            ? new ToolPlan(served, request, tool, texts[era])
            : undefined;
        }
        case "prompts/get": {
          const prompt = prompts.get(String(params["name"]));
          return prompt !== undefined && permits(caller, prompt.scopes)
            ? new PromptPlan(served, request, prompt)
            : undefined;
        }
        case "resources/read": {
          const found = findResource(String(params["uri"]));
          return found !== undefined && permits(caller, found.scopes)
            ? new ResourcePlan(served, request, found.reading)
            : undefined;
        }
        case "completion/complete":
          return completion(request, caller);
        case "server/discover":
        case "tools/list":
        case "resources/list":
        case "resources/templates/list":
        case "prompts/list": {
          if (!lists.has(method)) return undefined;
          return method === "resources/list" && listing.length > 0
            ? new ResourceListPlan(served, request, lists, listing.filter(mayRead(caller)))
            : told(lists.read(method, era));
        }
      }
    },
  };
}

function hotTool(tool: Tool): HotTool {
  const inputSchema = jsonSchema(tool.input ?? NO_ARGUMENTS, "input");
  return { tool, subject: subjectOf(tool), hasHeaders: hasParameterHeaders({ inputSchema }) };
}

/** Schemas differ in what they make of this key, which sets a prototype in some places and nothing in others. */
function hasOddKey(value: unknown): boolean {
  return isObject(value) && Object.hasOwn(value, "__proto__");
}

function told(answer: Answer): Plan {
  return { isOffered: false, answer: () => answer };
}
