/** Four services on one platform, for benchmarks of what is between a client and a replica. */
import { AuthMode, McpPlatform, McpServer, McpService } from "../../infra/index.ts";

const platform = new McpPlatform("mcp", {});

for (const name of ["north", "east", "south", "west"]) {
  new McpService(name, {
    platform: platform.handle,
    server: McpServer.Weather,
    path: `/${name}/mcp`,
    auth: { mode: AuthMode.None },
  });
}
