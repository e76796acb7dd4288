/** A gateway over a server elsewhere, for what becomes of calls while its replicas are replaced. */
import { McpGateway, McpPlatform } from "../../../infra/index.ts";

const gateway = new McpGateway("tools", {
  platform: new McpPlatform("mcp").handle,
  upstreams: { one: { url: "https://paced.example.com/mcp", timeoutSeconds: 10 } },
  pollSeconds: 1,
});

export const url = gateway.url;
