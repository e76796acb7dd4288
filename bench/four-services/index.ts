/** Four services on one platform, for benchmarks of what is between a client and a replica: their server does next to nothing. */
import { AuthMode, McpPlatform, McpService } from "../../infra/index.ts";

const platform = new McpPlatform("mcp", {});

for (const name of ["north", "east", "south", "west"]) {
  new McpService(name, {
    platform: platform.handle,
    build: { context: "./server" },
    command: ["node", "server.ts"],
    path: `/${name}/mcp`,
    auth: { mode: AuthMode.None },
  });
}
