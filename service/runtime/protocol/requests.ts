import { isSpecType } from "@modelcontextprotocol/server";

/** The requests of all revisions that a server answers, and what each must look like. */
const REQUESTS: Readonly<Record<string, (request: unknown) => boolean>> = {
  "completion/complete": isSpecType.CompleteRequest,
  initialize: isSpecType.InitializeRequest,
  "logging/setLevel": isSpecType.SetLevelRequest,
  ping: isSpecType.PingRequest,
  "prompts/get": isSpecType.GetPromptRequest,
  "prompts/list": isSpecType.ListPromptsRequest,
  "resources/list": isSpecType.ListResourcesRequest,
  "resources/read": isSpecType.ReadResourceRequest,
  "resources/subscribe": isSpecType.SubscribeRequest,
  "resources/templates/list": isSpecType.ListResourceTemplatesRequest,
  "resources/unsubscribe": isSpecType.UnsubscribeRequest,
  "server/discover": isSpecType.DiscoverRequest,
  "tools/call": isSpecType.CallToolRequest,
  "tools/list": isSpecType.ListToolsRequest,
};

/** Whether the protocol has a request of this name that a server answers. */
export function isSpecRequest(method: string): boolean {
  return Object.hasOwn(REQUESTS, method);
}

/** Whether the parameters are what the protocol says of the method; undefined where it says nothing. */
export function hasValidParameters(method: string, params: unknown): boolean | undefined {
  return isSpecRequest(method) ? REQUESTS[method]?.({ method, params }) : undefined;
}
