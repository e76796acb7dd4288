import type { JsonObject, RelayedMethod } from "../relay.ts";
import type { ListMethod } from "../protocol/relay-lists.ts";
import { LONGEST_URI } from "../protocol/parameters.ts";
import { isObject } from "../protocol/relay-result.ts";

/** The methods that are answered without the SDK. */
export type HotMethod = RelayedMethod | ListMethod | "server/discover";

/** The parameter that `Mcp-Name` repeats. */
export const NAMED_BY: Readonly<Record<HotMethod, "name" | "uri" | undefined>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "completion/complete": undefined,
  "tools/list": undefined,
  "resources/list": undefined,
  "resources/templates/list": undefined,
  "prompts/list": undefined,
  "server/discover": undefined,
};

export function isHotMethod(method: unknown): method is HotMethod {
  return typeof method === "string" && Object.hasOwn(NAMED_BY, method);
}

/** Whether the parameters are what the protocol says of the method; `_meta` is for others to check. */
export function hasKnownParameters(
  method: HotMethod,
  params: JsonObject,
  era: "modern" | "legacy",
): boolean {
  const { uri } = params;
  // Refused, whatever the method.
  if (typeof uri === "string" && uri.length > LONGEST_URI) return false;
  switch (method) {
    case "tools/call":
      return (
        typeof params["name"] === "string" &&
        isObjectOrLeftOut(params["arguments"]) &&
        // Tasks of 2025-11-25: only the SDK knows what to say to them.
        params["task"] === undefined &&
        mayContinue(params, era)
      );
    case "prompts/get":
      return (
        typeof params["name"] === "string" &&
        (params["arguments"] === undefined || isTexts(params["arguments"])) &&
        mayContinue(params, era)
      );
    case "resources/read":
      return typeof params["uri"] === "string" && mayContinue(params, era);
    case "completion/complete":
      return isCompletion(params) && mayContinue(params, "legacy");
    case "server/discover":
      return era === "modern" && mayContinue(params, "legacy");
    case "tools/list":
    case "resources/list":
    case "resources/templates/list":
    case "prompts/list":
      return params["cursor"] === undefined && mayContinue(params, "legacy");
  }
}

/** Whether what belongs to a further round is right; before 2026-07-28 there are no rounds. */
function mayContinue(params: JsonObject, era: "modern" | "legacy"): boolean {
  const { inputResponses, requestState } = params;
  if (inputResponses === undefined && requestState === undefined) return true;
  return (
    era === "modern" &&
    isObjectOrLeftOut(inputResponses) &&
    (requestState === undefined || typeof requestState === "string")
  );
}

function isCompletion({ ref, argument, context }: JsonObject): boolean {
  if (!isObject(ref) || !isObject(argument)) return false;
  const isReference =
    (ref["type"] === "ref/prompt" && typeof ref["name"] === "string") ||
    (ref["type"] === "ref/resource" && typeof ref["uri"] === "string");
  const isArgument = typeof argument["name"] === "string" && typeof argument["value"] === "string";
  if (!isReference || !isArgument || ref["title"] !== undefined) return false;
  if (context === undefined) return true;
  return isObject(context) && (context["arguments"] === undefined || isTexts(context["arguments"]));
}

function isObjectOrLeftOut(value: unknown): boolean {
  return value === undefined || isObject(value);
}

function isTexts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((each) => typeof each === "string");
}
