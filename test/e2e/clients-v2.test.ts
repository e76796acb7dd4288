import { after, before, describe } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describeClient, type ClientKind } from "./client-contract.ts";
import { startStack, type Stack } from "./stack.ts";

type Mode = "legacy" | "auto" | { pin: string };

function kind(
  name: string,
  mode: Mode,
  protocolVersion: string,
  handshake: readonly string[],
): ClientKind {
  return {
    name: `the TypeScript client of version 2, ${name},`,
    protocolVersion,
    handshake,
    connect: async ({ url, headers, fetch }) => {
      const client = new Client({ name: "e2e", version: "1" }, { versionNegotiation: { mode } });
      const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers }, fetch });
      await client.connect(transport);
      return {
        protocolVersion: client.getNegotiatedProtocolVersion(),
        server: client.getServerVersion(),
        instructions: client.getInstructions(),
        sessionId: transport.sessionId,
        listTools: async () => (await client.listTools()).tools,
        callTool: (tool, input, onprogress) =>
          client.callTool(
            { name: tool, arguments: input },
            onprogress === undefined ? {} : { onprogress },
          ),
        close: () => client.close(),
      };
    },
  };
}

describe("TypeScript clients of version 2", () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack(["--logs"]);
  });
  after(() => stack.stop());

  const initialize = ["initialize", "notifications/initialized"];
  for (const each of [
    kind("legacy", "legacy", "2025-11-25", initialize),
    kind("auto", "auto", "2026-07-28", ["server/discover"]),
    kind("pinned", { pin: "2026-07-28" }, "2026-07-28", ["server/discover"]),
  ]) {
    describeClient(each, () => stack);
  }
});
