/** For authors of servers: what `pulumi-mcp-service/service` exports. */
export {
  ConfigurationError,
  readConfiguration,
  type RuntimeConfiguration,
} from "./runtime/configuration.ts";
export { startHost, type Host } from "./runtime/host.ts";
export { createLogger, type Logger } from "./runtime/log.ts";
export type { ServerDefinition, StartContext, StartedServer } from "./runtime/server.ts";
export {
  defineTool,
  ToolError,
  type ProgressUpdate,
  type Tool,
  type ToolAnnotations,
  type ToolContext,
} from "./runtime/tool.ts";
