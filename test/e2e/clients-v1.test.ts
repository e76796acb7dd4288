import { after, before, describe } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describeClient, type ClientKind } from "./client-contract.ts";
import { startStack, type Stack } from "./stack.ts";

const KIND: ClientKind = {
  name: "the TypeScript client of version 1",
  protocolVersion: "2025-11-25",
  handshake: ["initialize", "notifications/initialized"],
  connect: async ({ url, headers, fetch }) => {
    const client = new Client({ name: "e2e", version: "1" });
    const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers }, fetch });
    await client.connect(transport);
    return {
      protocolVersion: transport.protocolVersion,
      server: client.getServerVersion(),
      instructions: client.getInstructions(),
      sessionId: transport.sessionId,
      listTools: async () => (await client.listTools()).tools,
      callTool: (tool, input, onprogress) =>
        client.callTool(
          { name: tool, arguments: input },
          undefined,
          onprogress === undefined ? {} : { onprogress },
        ),
      close: () => client.close(),
    };
  },
};

describe("TypeScript clients of version 1", () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack(["--logs"]);
  });
  after(() => stack.stop());

  describeClient(KIND, () => stack);
});
