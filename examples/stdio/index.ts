/** Two servers that speak MCP on standard input and output, as they come from npm and PyPI, behind one HTTPS address. */
import { McpPlatform, McpServer, McpService } from "pulumi-mcp-service";

const platform = new McpPlatform("mcp");

const everything = new McpService("everything", {
  platform: platform.handle,
  path: "/everything/mcp",
  server: McpServer.Stdio,
  stdio: {
    command: ["mcp-server-everything", "stdio"],
    npmPackages: ["@modelcontextprotocol/server-everything@2026.8.31"],
    // Where a process dies under one of these, another one answers the call.
    idempotentTools: ["echo", "get-sum"],
    toolTimeouts: { echo: 5 },
  },
});

const time = new McpService("time", {
  platform: platform.handle,
  path: "/time/mcp",
  server: McpServer.Stdio,
  stdio: {
    command: ["mcp-server-time", "--local-timezone", "Europe/Berlin"],
    pypiPackages: ["mcp-server-time==2026.10.19"],
    idempotentTools: ["*"],
  },
});

export const everythingUrl = everything.url;
export const timeUrl = time.url;
