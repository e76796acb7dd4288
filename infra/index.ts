/** The public API: components, their arguments, their enums. */
export { AuthMode, type Auth } from "./identity.ts";
export { McpServer, type ImageBuild } from "./image.ts";
export { Exposure } from "./ingress.ts";
export { NatGateways } from "./network.ts";
export { McpPlatform, type McpPlatformArgs, type McpPlatformHandle } from "./platform.ts";
export { McpService } from "./service.ts";
export type { McpServiceArgs } from "./service-args.ts";
export { CpuArchitecture } from "./task.ts";
export { ArgumentError } from "./validation.ts";
