/**
 * The public API: components, their arguments, their enums. Types stand before the component that takes them: Pulumi's analyser reads their
 * descriptions only from files that it has met by then.
 */
export { DeploymentStrategy } from "./deployment-strategy.ts";
export type { SignIn } from "./sign-in-client.ts";
export { AuthMode, AuthorizationServerMetadata, type Auth } from "./identity.ts";
export { McpServer, type ImageBuild } from "./image.ts";
export type { ExistingUserPool } from "./existing-user-pool.ts";
export type { ExistingVpc } from "./existing-vpc.ts";
export type { UserPoolFacts } from "./user-pool.ts";
export { Exposure } from "./exposure.ts";
export {
  InstanceManagement,
  type InstanceCapacity,
  type InstanceCapacityFacts,
} from "./instance-capacity.ts";
export { NatGateways } from "./nat-gateway.ts";
export { ContainerInsights } from "./container-insights.ts";
export type { WebAcl } from "./web-acl.ts";
export type { TaskPolicyStatement } from "./task-policy.ts";
export { McpPlatform, type McpPlatformHandle } from "./platform.ts";
export type { McpPlatformArgs } from "./platform-args.ts";
export type { Schedule } from "./scaling-schedule.ts";
export { ContainerCondition, type MountPoint, type Sidecar } from "./sidecar.ts";
export type { Volume } from "./volume.ts";
export { McpService } from "./service.ts";
export type { McpServiceArgs } from "./service-args.ts";
export { CpuArchitecture } from "./task.ts";
export { ArgumentError } from "./validation.ts";
