import * as pulumi from "@pulumi/pulumi";
import {
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  type AuthMode,
  type Exposure,
  type NatGateways,
} from "./index.ts";

const config = new pulumi.Config();
const hasGateway = config.getBoolean("gateway") ?? false;

const platform = new McpPlatform("mcp", {
  exposure: config.require<Exposure>("exposure"),
  domainName: config.get("domainName") || undefined,
  hostedZoneId: config.get("hostedZoneId") || undefined,
  certificateArn: config.get("certificateArn") || undefined,
  natGateways: config.require<NatGateways>("natGateways"),
  serviceDiscovery: hasGateway,
});

const weather = new McpService("weather", {
  platform: platform.handle,
  server: McpServer.Weather,
  auth: { mode: config.require<AuthMode>("auth") },
  cpu: config.requireNumber("cpu"),
  memory: config.requireNumber("memory"),
  minReplicas: config.requireNumber("minReplicas"),
  maxReplicas: config.requireNumber("maxReplicas"),
  requestCountPerTarget: config.requireNumber("requestCountPerTarget"),
  discoverable: hasGateway,
  // The load balancer does not count the gateway's calls: half of the 100 requests that a replica works on at once.
  ...(hasGateway && { targetOngoingRequests: 50 }),
});

const words = (key: string): string[] => (config.get(key) ?? "").split(" ").filter(Boolean);
const stdioCommand = words("stdioCommand");
const npmPackages = words("stdioNpmPackages");
const pypiPackages = words("stdioPypiPackages");

const stdio =
  stdioCommand.length === 0
    ? undefined
    : new McpService("stdio", {
        platform: platform.handle,
        path: "/stdio/mcp",
        server: McpServer.Stdio,
        stdio: {
          command: stdioCommand,
          ...(npmPackages.length > 0 && { npmPackages }),
          ...(pypiPackages.length > 0 && { pypiPackages }),
        },
        auth: { mode: config.require<AuthMode>("auth") },
        discoverable: hasGateway,
      });

const gateway = hasGateway
  ? new McpGateway("gateway", {
      platform: platform.handle,
      path: "/gateway/mcp",
      services: { weather: weather.endpoint, ...(stdio && { stdio: stdio.endpoint }) },
      // They change nothing: where a replica dies under a call, another one answers it.
      serviceSettings: { weather: { idempotentTools: ["*"] } },
      auth: { mode: config.require<AuthMode>("auth") },
    })
  : undefined;

export const url = weather.url;
export const tokenCommand = weather.tokenCommand;
export const stdioUrl = stdio?.url ?? "";
export const gatewayUrl = gateway?.url ?? "";
