import assert from "node:assert/strict";
import { messageOf, send } from "../e2e/http.ts";

/** Makes a call of each era, and checks what it gives. */
export async function validCall(port: number, authorization: string | undefined): Promise<void> {
  for (const version of ["2026-07-28", "2025-11-25"]) {
    const modern = version === "2026-07-28";
    const answer = await send(`http://127.0.0.1:${port}/mcp`, {
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "MCP-Protocol-Version": version,
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...(modern ? { "Mcp-Method": "tools/call", "Mcp-Name": "double" } : {}),
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: "in between",
        method: "tools/call",
        params: {
          name: "double",
          arguments: { value: 21 },
          _meta: modern
            ? {
                "io.modelcontextprotocol/protocolVersion": version,
                "io.modelcontextprotocol/clientCapabilities": {},
              }
            : {},
        },
      }),
    });
    assert.equal(answer.status, 200, answer.body);
    const { id, result } = messageOf(answer) as { id: unknown; result: Record<string, unknown> };
    assert.equal(id, "in between");
    assert.deepEqual(result["structuredContent"], { doubled: 42 });
  }
}
