/**
 * The public API: components, their arguments, their enums. Types stand before the component that takes them: Pulumi's analyser reads their
 * descriptions only from files that it has met by then.
 */
export { DeploymentStrategy } from "./deployment/deployment-strategy.ts";
export type { SignIn } from "./identity/sign-in-client.ts";
export { AuthMode, AuthorizationServerMetadata, type Auth } from "./identity/identity.ts";
export { StdioIsolation, type StdioServer } from "./task/stdio.ts";
export { ModelPrecision, type ServedModel } from "./task/models.ts";
export { McpServer, type ImageBuild } from "./task/image.ts";
export type { ExistingUserPool } from "./identity/existing-user-pool.ts";
export type { ExistingVpc } from "./network/existing-vpc.ts";
export type { UserPoolFacts } from "./identity/user-pool.ts";
export { Exposure } from "./ingress/exposure.ts";
export {
  InstanceManagement,
  type InstanceCapacity,
  type InstanceCapacityFacts,
} from "./capacity/instance-capacity.ts";
export { NatGateways } from "./network/nat-gateway.ts";
export { ContainerInsights } from "./observability/container-insights.ts";
export type { WebAcl } from "./ingress/web-acl.ts";
export type { TaskPolicyStatement } from "./task/task-policy.ts";
export type { NamespaceFacts } from "./network/service-discovery.ts";
export { McpPlatform, type McpPlatformHandle } from "./platform.ts";
export type { McpPlatformArgs } from "./platform-args.ts";
export type { Schedule } from "./scaling/scaling-schedule.ts";
export { ContainerCondition, type MountPoint, type Sidecar } from "./task/sidecar.ts";
export type { Volume } from "./task/volume.ts";
export type { DirectRouting, DirectRoutingFacts } from "./gateway/direct-routing.ts";
export type { McpServiceEndpoint } from "./gateway/endpoint.ts";
export { McpService } from "./service.ts";
export type { McpServiceArgs } from "./service-args.ts";
export {
  UpstreamAuthMode,
  UpstreamKind,
  type EgressRule,
  type GatewayUpstream,
  type HttpTool,
  type ToolRule,
  type UpstreamAuth,
  type UpstreamSettings,
} from "./gateway/upstream-args.ts";
export { McpGateway } from "./gateway.ts";
export type { McpGatewayArgs } from "./gateway/gateway-args.ts";
export { CpuArchitecture } from "./task/task.ts";
export { ArgumentError } from "./validation.ts";
