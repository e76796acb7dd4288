/** The SDK's handler on Express, as its documentation shows it. */
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import express from "express";
import { ADD, readSetting, requireToken, resultOfAdd, SERVER } from "./add.ts";

const { port, token } = readSetting();
const handler = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer(SERVER);
    const { name, description, input, output } = ADD;
    server.registerTool(
      name,
      { description, inputSchema: input, outputSchema: output },
      resultOfAdd,
    );
    return server;
  }),
);

const app = express();
app.get("/healthz", (_request, response) => {
  response.end();
});
app.post("/mcp", requireToken(token), express.json(), (request, response) =>
  handler(request, response, request.body),
);
app.listen(port, "127.0.0.1");
