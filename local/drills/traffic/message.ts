import { randomBytes } from "node:crypto";

/** The revisions of MCP that the drills' clients speak: the stateless one, and the one that most clients still do. */
export const ERAS = ["2026-07-28", "2025-11-25"] as const;
export type Era = (typeof ERAS)[number];

/** An HTTP request of an MCP client; all are POST. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a client of an era says of itself; 2025-11-25 says it once, 2026-07-28 with every request. */
const CLIENT = { name: "mcp-local-drill", version: "1.0.0" };

/** The id of every request: each is alone in its exchange. */
export const REQUEST_ID = 1;

/**
 * A request as a client of an era writes it.
 *
 * @param name the tool that it is about, which clients of 2026-07-28 repeat in a header.
 */
export function message(
  era: Era,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  name?: string,
): Message {
  const isModern = era === "2026-07-28";
  const meta = {
    "io.modelcontextprotocol/protocolVersion": era,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return {
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": era,
      ...(isModern ? { "Mcp-Method": method } : {}),
      ...(isModern && name !== undefined ? { "Mcp-Name": name } : {}),
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: REQUEST_ID,
      method,
      params: isModern ? { ...params, _meta: meta } : params,
    }),
  };
}

/** How a client of 2025-11-25 begins. */
export function initialize(): Message {
  return message("2025-11-25", "initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: CLIENT,
  });
}

/** A call of a tool. */
export function toolCall(era: Era, tool: string, input: unknown): Message {
  return message(era, "tools/call", { name: tool, arguments: input }, tool);
}

/** A trace of its own for a request, in the form of X-Ray (ELB guide, "Request tracing"). */
export function newTraceRoot(secondsSince1970: number): string {
  const time = Math.floor(secondsSince1970).toString(16).padStart(8, "0");
  return `1-${time}-${randomBytes(12).toString("hex")}`;
}
