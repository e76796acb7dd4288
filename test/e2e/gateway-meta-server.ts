/** A stdio server of the SDK whose one tool tells the `_meta` that it was called with. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";

const server = new McpServer({ name: "meta", version: "1.0.0" });
server.registerTool("meta", {}, ({ _meta }) => ({
  content: [{ type: "text", text: JSON.stringify(_meta ?? {}) }],
}));
await server.connect(new StdioServerTransport());
