/**
 * The public API: components, their arguments, their enums. Types stand before the component that takes them: Pulumi's analyser reads their
 * descriptions only from files that it has met by then.
 */
export { DeploymentStrategy } from "./deployment-strategy.ts";
export { AuthMode, type Auth } from "./identity.ts";
export { McpServer, type ImageBuild } from "./image.ts";
export type { ExistingVpc } from "./existing-vpc.ts";
export { Exposure } from "./exposure.ts";
export { NatGateways } from "./nat-gateway.ts";
export type { WebAcl } from "./web-acl.ts";
export { McpPlatform, type McpPlatformHandle } from "./platform.ts";
export type { McpPlatformArgs } from "./platform-args.ts";
export type { Schedule } from "./scaling-schedule.ts";
export { McpService } from "./service.ts";
export type { McpServiceArgs } from "./service-args.ts";
export { CpuArchitecture } from "./task.ts";
export { ArgumentError } from "./validation.ts";
