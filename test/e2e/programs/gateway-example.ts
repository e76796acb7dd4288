/** Three servers behind one HTTPS address: one of this package, one from npm that speaks on stdio, and one that is elsewhere already. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  UpstreamAuthMode,
} from "../../../infra/index.ts";

const config = new pulumi.Config();

const platform = new McpPlatform("mcp", { serviceDiscovery: true });

const weather = new McpService("weather", {
  platform: platform.handle,
  path: "/weather/mcp",
  server: McpServer.Weather,
  discoverable: true,
});

const everything = new McpService("everything", {
  platform: platform.handle,
  path: "/everything/mcp",
  server: McpServer.Stdio,
  stdio: {
    command: ["mcp-server-everything", "stdio"],
    npmPackages: ["@modelcontextprotocol/server-everything@2026.8.31"],
    idempotentTools: ["echo", "get-sum"],
  },
  discoverable: true,
});

const secret = new aws.secretsmanager.Secret("notes-token");
new aws.secretsmanager.SecretVersion("notes-token", {
  secretId: secret.id,
  secretString: config.requireSecret("notesToken"),
});

const gateway = new McpGateway("tools", {
  platform: platform.handle,
  path: "/mcp",
  services: { weather: weather.endpoint, everything: everything.endpoint },
  serviceSettings: {
    // Where a replica dies under a call of one of these, another one answers it.
    weather: { idempotentTools: ["*"] },
    everything: { allow: ["echo", "get-sum"], idempotentTools: ["echo", "get-sum"] },
  },
  upstreams: {
    notes: {
      url: config.require("notesUrl"),
      auth: { mode: UpstreamAuthMode.Header, secretArn: secret.arn },
      deny: ["delete_*"],
    },
  },
});

export const url = gateway.url;
export const tokenCommand = gateway.tokenCommand;
