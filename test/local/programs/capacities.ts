/** Services on every kind of capacity. */
import { McpPlatform, McpServer, McpService } from "../../../infra/index.ts";

const platform = new McpPlatform("mcp", {
  instanceCapacity: {
    gpu: { instanceTypes: ["g6.xlarge"], minInstances: 1, maxInstances: 4 },
    shared: { instanceTypes: ["g6.xlarge"], shareGpu: true, networkInterfaceTrunking: true },
    managed: { instanceTypes: ["c7i.large", "c7i.xlarge"], management: "managed-instances" },
  },
}).handle;

new McpService("weather", {
  platform,
  server: McpServer.Weather,
  fargateSpotWeight: 4,
  fargateBase: 1,
});
const others = {
  translate: { capacity: "gpu", gpu: 1 },
  classify: { capacity: "shared", gpu: 0.25 },
  search: { capacity: "managed" },
};
for (const [name, capacity] of Object.entries(others)) {
  new McpService(name, {
    platform,
    build: { context: "../../.." },
    command: ["node", "server.js"],
    path: `/${name}/mcp`,
    ...capacity,
  });
}
