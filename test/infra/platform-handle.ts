import type { McpPlatformHandle } from "../../infra/index.ts";
import { arn } from "./mocks.ts";

/** What a platform over three zones tells its services. */
export const HANDLE: McpPlatformHandle = {
  vpcId: "vpc-1",
  privateSubnetIds: ["subnet-a", "subnet-b", "subnet-c"],
  clusterArn: arn("ecs", "cluster/shared"),
  clusterName: "shared",
  listenerArn: "arn:listener",
  loadBalancerArnSuffix: "app/shared/50dc6c495c0c9188",
  loadBalancerSecurityGroupId: "sg-lb",
  idleTimeoutSeconds: 60,
  origin: "https://mcp.example.com",
  domainNames: ["mcp.example.com"],
  taskSecurityGroupIds: [],
  hasInternetAccess: true,
  logGroupName: "logs",
  logGroupArn: arn("logs", "log-group:logs"),
};
