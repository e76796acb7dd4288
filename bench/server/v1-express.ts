/** The usual stateless server of the SDK's first version: a server and a transport for each request, answers in JSON. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import express, { type Request, type Response } from "express";
import { ADD, readSetting, requireToken, resultOfAdd, SERVER } from "./add.ts";

const { port, token } = readSetting();

function createServer(): McpServer {
  const server = new McpServer(SERVER);
  const { name, description, input, output } = ADD;
  server.registerTool(
    name,
    { description, inputSchema: input.shape, outputSchema: output.shape },
    resultOfAdd,
  );
  return server;
}

async function answer(request: Request, response: Response): Promise<void> {
  const server = createServer();
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on("close", () => {
    void transport.close();
    void server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
}

const app = express();
app.get("/healthz", (_request, response) => {
  response.end();
});
app.post("/mcp", requireToken(token), express.json(), answer);
app.listen(port, "127.0.0.1");
