import * as pulumi from "@pulumi/pulumi";
import {
  McpPlatform,
  McpServer,
  McpService,
  type AuthMode,
  type Exposure,
  type NatGateways,
} from "./index.ts";

const config = new pulumi.Config();

const platform = new McpPlatform("mcp", {
  exposure: config.require<Exposure>("exposure"),
  domainName: config.get("domainName") || undefined,
  hostedZoneId: config.get("hostedZoneId") || undefined,
  certificateArn: config.get("certificateArn") || undefined,
  natGateways: config.require<NatGateways>("natGateways"),
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
});

export const url = weather.url;
export const tokenCommand = weather.tokenCommand;
