/** A gateway whose calls the load balancer sends straight to the services, past it. */
import { McpGateway, McpPlatform, McpServer, McpService } from "../../../infra/index.ts";

const platform = new McpPlatform("mcp", { serviceDiscovery: true }).handle;

const weather = new McpService("weather", {
  platform,
  path: "/weather/mcp",
  server: McpServer.Weather,
  discoverable: true,
  directRouting: { prefix: "weather" },
});

const gateway = new McpGateway("tools", {
  platform,
  services: { weather: weather.endpoint },
  directRouting: true,
  pollSeconds: 1,
});

export const url = gateway.url;
