import {
  AuthMode,
  DeploymentStrategy,
  Exposure,
  InstanceManagement,
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  NatGateways,
  UpstreamAuthMode,
} from "../../infra/index.ts";
import { arn } from "./mocks.ts";

const KEY = arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab");

/** Programs that between them declare every kind of resource, alarm and policy of the package. */
export function everyKind(): void {
  const shared = new McpPlatform("mcp", {
    instanceCapacity: {
      gpu: { instanceTypes: ["g6.xlarge"], enableSessionManager: true },
      managed: { management: InstanceManagement.ManagedInstances, instanceTypes: ["m7i.large"] },
    },
    webAcl: {},
    containerInsights: "enhanced",
    kmsKeyArn: KEY,
    serviceDiscovery: true,
    alarmEmail: "on-call@example.com",
  });
  const { handle: platform } = shared;
  new McpService("weather", {
    platform,
    server: McpServer.Weather,
    auth: { mode: AuthMode.StaticToken },
    deploymentStrategy: DeploymentStrategy.Canary,
    targetOngoingRequests: 20,
    rollbackErrorPercent: 2,
    enableExecuteCommand: true,
    secrets: {
      KEY: arn("secretsmanager", "secret:key-AbCdEf"),
      SETTING: arn("ssm", "parameter/s"),
    },
    secretKeyArns: [KEY],
    taskPolicy: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::documents/*"] }],
    volumes: [{ name: "models", containerPath: "/models" }],
  });
  new McpService("classifier", {
    platform,
    image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier@sha256:${"0".repeat(64)}`,
    path: "/classifier/mcp",
    capacity: "gpu",
    gpu: 1,
  });
  const notes = new McpService("notes", {
    platform,
    server: McpServer.Weather,
    path: "/notes/mcp",
    discoverable: true,
  });
  new McpGateway("tools", {
    platform,
    path: "/tools/mcp",
    services: { notes: notes.endpoint },
    upstreams: {
      mail: {
        url: "http://mail.corp.internal:8025/mcp",
        auth: {
          mode: UpstreamAuthMode.Header,
          secretArn: arn("secretsmanager", "secret:mail-AbCdEf"),
        },
      },
    },
    egress: [{ port: 8025, cidrBlock: "10.8.0.0/16" }],
  });
  const own = new McpPlatform("own", {
    exposure: Exposure.Domain,
    domainName: "mcp.example.com",
    hostedZoneId: "Z0123456789ABCDEFGHIJ",
    natGateways: NatGateways.Regional,
    containerInsights: "enabled",
  });
  new McpService("translator", {
    platform: own.handle,
    server: McpServer.Weather,
    alarms: false,
    deploymentStrategy: DeploymentStrategy.BlueGreen,
    cpuTargetPercent: 50,
  });
}
