/** For authors of servers: what `pulumi-mcp-service/service` exports. */
export type { Caller } from "./runtime/caller.ts";
export { ConfigurationError } from "./runtime/configuration-error.ts";
export { readConfiguration, type RuntimeConfiguration } from "./runtime/configuration.ts";
export type { CallContext, ProgressUpdate } from "./runtime/context.ts";
export { startHost, type Host } from "./runtime/host.ts";
export {
  inputRequest,
  requireInput,
  type Answers,
  type InputRequired,
} from "./runtime/input-required.ts";
export { createLogger, type Logger } from "./runtime/log.ts";
export { mountServer, type MountedServer, type MountOptions } from "./runtime/mount.ts";
export { definePrompt, type Prompt, type PromptArguments } from "./runtime/prompt.ts";
export {
  ResourceNotFound,
  type Completer,
  type ListedResource,
  type Resource,
  type ResourceContent,
  type ResourcePart,
  type ResourceTemplate,
} from "./runtime/resource.ts";
export { serve } from "./runtime/serve.ts";
export type { LoadContext, LoadedModel, LoadModel } from "./servers/models/load.ts";
export { startModel, type Model, type ModelOptions } from "./servers/models/model.ts";
export type {
  ServerContents,
  ServerDefinition,
  StartContext,
  StartedServer,
} from "./runtime/server.ts";
export { callTool, testContext } from "./runtime/testing.ts";
export {
  defineTool,
  ToolError,
  type Content,
  type ContentTool,
  type StructuredTool,
  type Tool,
  type ToolAnnotations,
  type ToolContext,
} from "./runtime/tool.ts";
