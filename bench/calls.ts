/** A request of one era, ready to be sent. */
export interface PreparedCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const MODERN = "2026-07-28";
const LEGACY = "2025-11-25";

const COMMON = {
  "Content-Type": "application/json",
  Accept: "application/json, text/event-stream",
} as const;

/** A request as a client of 2026-07-28 writes it. @param name the tool or resource. */
export function modern(method: string, params: object = {}, name?: string): PreparedCall {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return {
    headers: {
      ...COMMON,
      "MCP-Protocol-Version": MODERN,
      "Mcp-Method": method,
      ...(name === undefined ? {} : { "Mcp-Name": name }),
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: { _meta: { progressToken: "p", ...meta }, ...params },
    }),
  };
}

/** A request as a client of 2025-11-25 writes it. */
export function legacy(method: string, params: object = {}): PreparedCall {
  return {
    headers: { ...COMMON, "MCP-Protocol-Version": LEGACY },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  };
}

/** A call of a tool in either era. */
export function toolCall(era: "modern" | "legacy", name: string, input: object): PreparedCall {
  const params = { name, arguments: input };
  return era === "modern" ? modern("tools/call", params, name) : legacy("tools/call", params);
}

/** A batch as a client of 2025-03-26 writes it, the one revision that has them. */
export function batch(messages: number): PreparedCall {
  const calls = Array.from({ length: messages }, (_, id) => ({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: "add", arguments: { a: id, b: 1 } },
  }));
  return {
    headers: { ...COMMON, "MCP-Protocol-Version": "2025-03-26" },
    body: JSON.stringify(calls),
  };
}
