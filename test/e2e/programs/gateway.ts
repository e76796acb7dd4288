/** Two services behind one address: the gateway asks their replicas by private names, with tokens of its own. */
import { McpGateway, McpPlatform, McpServer, McpService } from "../../../infra/index.ts";

const platform = new McpPlatform("mcp", { serviceDiscovery: true });

const [first, second] = ["first", "second"].map(
  (name) =>
    new McpService(name, {
      platform: platform.handle,
      path: `/${name}/mcp`,
      server: McpServer.Weather,
      discoverable: true,
    }),
) as [McpService, McpService];

const gateway = new McpGateway("tools", {
  platform: platform.handle,
  services: { first: first.endpoint, second: second.endpoint },
  // Where a replica dies under a call of one of these, another replica answers it.
  serviceSettings: { first: { idempotentTools: ["get_*"] } },
  pollSeconds: 1,
});

export const url = gateway.url;
