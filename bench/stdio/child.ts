/** A stdio server as people write one: made with the MCP SDK, and nothing else. */
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

serveStdio(() => {
  const server = new McpServer({ name: "child", version: "1.0.0" });
  server.registerTool(
    "echo",
    { description: "Says what it is told.", inputSchema: z.object({ text: z.string() }) },
    ({ text }) => ({ content: [{ type: "text", text }] }),
  );
  return server;
});
