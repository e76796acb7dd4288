/** Facts about services and platforms, for dashboards. */
import type { PlatformDashboardFacts } from "../../infra/dashboard/platform-dashboard-facts.ts";
import type { ServiceDashboardFacts } from "../../infra/dashboard/service-dashboard-facts.ts";
import { REGION } from "./mocks.ts";

export const BALANCER = "app/mcp/50dc6c495c0c9188";
export const GROUP = "targetgroup/weather/943f017f100becff";
export const ALTERNATE = "targetgroup/weath-/1234567890abcdef";

/** A service on Fargate that scales by its ongoing requests. */
export const SERVICE: ServiceDashboardFacts = {
  name: "weather",
  region: REGION,
  url: "https://mcp.example.com/mcp",
  eventsCommand: "aws ecs describe-services",
  clusterName: "mcp",
  serviceName: "weather",
  logGroupName: "mcp-logs",
  loadBalancerArnSuffix: BALANCER,
  targetGroupArnSuffixes: [GROUP],
  metricServiceName: "tools-dev-weather",
  upstreams: [],
  minReplicas: 2,
  maxReplicas: 20,
  maxOngoingRequests: 100,
  targetOngoingRequests: 20,
  containerInsights: "enabled",
  gpu: undefined,
  capacity: undefined,
};

/** A platform behind CloudFront with a web ACL and a NAT gateway in each of two zones. */
export const PLATFORM: PlatformDashboardFacts = {
  name: "mcp",
  region: "eu-west-1",
  origin: "https://d1.cloudfront.example",
  clusterName: "mcp",
  loadBalancerArnSuffix: BALANCER,
  distributionId: "E1",
  webAcl: { webAcl: "mcp-web-acl", rateLimit: "mcp-rate-limit", isGlobal: true },
  natGatewayIds: ["nat-1", "nat-2"],
  regionalNatGateway: false,
  containerInsights: "enabled",
  hasInstances: true,
  hasGpus: true,
  autoScalingProviders: { gpu: "mcp-gpu-1a2b3c4" },
};
