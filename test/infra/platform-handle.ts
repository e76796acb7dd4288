import type { McpPlatformHandle } from "../../infra/index.ts";
import { arn } from "./mocks.ts";

/** What a platform over three zones tells its services. */
export const HANDLE: McpPlatformHandle = {
  vpcId: "vpc-1",
  privateSubnetIds: ["subnet-a", "subnet-b", "subnet-c"],
  zoneNames: ["us-east-1a", "us-east-1b", "us-east-1c"],
  clusterArn: arn("ecs", "cluster/shared"),
  clusterName: "shared",
  listenerArn: "arn:listener",
  listenerProtocol: "HTTPS",
  userPool: {
    id: "us-east-1_Ab12Cd34E",
    arn: arn("cognito-idp", "userpool/us-east-1_Ab12Cd34E"),
    issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab12Cd34E",
    tokenEndpoint: "https://mcp-1a2b3c.auth.us-east-1.amazoncognito.com/oauth2/token",
    authorizationEndpoint: "https://mcp-1a2b3c.auth.us-east-1.amazoncognito.com/oauth2/authorize",
  },
  loadBalancerArnSuffix: "app/shared/50dc6c495c0c9188",
  loadBalancerSecurityGroupId: "sg-lb",
  namespace: { id: "ns-0123456789abcdef", domainName: "shared-1a2b3c4d.internal" },
  idleTimeoutSeconds: 60,
  origin: "https://mcp.example.com",
  domainNames: ["mcp.example.com"],
  taskSecurityGroupIds: [],
  hasInternetAccess: true,
  interfaceEndpoints: [],
  logGroupName: "logs",
  logGroupArn: arn("logs", "log-group:logs"),
  kmsKeyArn: "",
  alarmTopicArn: arn("sns", "alarms"),
  containerInsights: "disabled",
  instanceCapacity: {},
  capacityProviders: {},
};
